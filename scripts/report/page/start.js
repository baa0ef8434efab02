// Opening rows, deep links, the switch of colours; then the first drawing.

const byId = new Map(report.rows.map((row) => [row.id, row]));
const dark = matchMedia("(prefers-color-scheme: dark)");

function setOpen(row, isOpen) {
  const [element, details] = elementsOf(row);
  element.querySelector(".opener").setAttribute("aria-expanded", String(isOpen));
  element.classList.toggle("is-open", isOpen);
  if (isOpen && !details) {
    elementsOf(row).push(detailsRow(row));
    element.after(elementsOf(row)[1]);
  } else if (details) details.hidden = !isOpen;
}

function isOpen(row) {
  return elementsOf(row)[0].classList.contains("is-open");
}

/** A click anywhere in a row opens it, unless it selects text or hits a link. */
function onTableClick(event) {
  const element = event.target.closest("tr.promise");
  if (!element || event.target.closest("a") || String(getSelection())) return;
  const row = byId.get(element.dataset.id);
  setOpen(row, !isOpen(row));
}

/** Goes where the address says: to a promise, whose details open, or to an operation. */
function followAddress() {
  const id = decoded(location.hash.slice(1));
  document.querySelector(".is-linked")?.classList.remove("is-linked");
  if (!byId.has(id) && !operations.has(id)) return;
  if (!isShown(id)) clearFilters();
  while (!document.getElementById(elementId(id)) && waiting.length) drawNext();
  drawLater();
  const element = document.getElementById(elementId(id));
  if (byId.has(id)) setOpen(byId.get(id), true);
  element.classList.add("is-linked");
  (element.querySelector(".opener") ?? element).focus({ preventScroll: true });
  element.scrollIntoView({ block: "start" });
  requestAnimationFrame(() => element.scrollIntoView({ block: "start" })); // far rows above have their true height now
}

function isShown(id) {
  return Boolean(document.getElementById(elementId(id))) || waiting.some((chunk) => chunk.operation?.id === id || chunk.rows.some((row) => row.id === id));
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : dark.matches;
}

function showTheme() {
  document.getElementById("page-theme").setAttribute("aria-checked", String(isDark()));
}

function switchTheme() {
  const chosen = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = chosen;
  try {
    localStorage.setItem("contract-report-theme", chosen);
  } catch {
    // No storage: the choice lasts as long as the page.
  }
  showTheme();
}

drawSummary();
drawFilters();
drawFaults();
applyFilters();
setTimeout(prepareSearch, 100);
showTheme();
table.addEventListener("click", onTableClick);
document.getElementById("page-theme").addEventListener("click", switchTheme);
dark.addEventListener("change", showTheme);
addEventListener("hashchange", followAddress);
followAddress();
