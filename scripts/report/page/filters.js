// Which rows are shown, and how they come onto the page: the first ones at once, some hundreds while nothing else
// happens, more when the end of the table comes near. So thousands of rows cost little until they are looked at. The
// far ones are laid out only when they come near; the first ones always, as screen readers do not see the others.

const CHUNK = 15; // rows drawn in one go
const AHEAD = 150; // rows drawn without being asked for
const HURRIED = 10; // such goes at a time where the browser has been busy for a while
const form = document.getElementById("page-filters");
const table = document.getElementById("page-rows");
const operations = new Map(report.operations.map((operation) => [operation.id, operation]));
const elements = new Map(); // row to its element, made once
const texts = new Map(); // row to what the search looks through
const faults = new Map((report.mutants?.list ?? []).map((mutant) => [mutant.name, mutant]));
const rest = document.getElementById("page-rest");
let waiting = []; // bodies that are not drawn yet
let drawn = 0; // rows on the page
let wanted = 0; // rows to draw before somebody scrolls
let isPlanned = false; // whether drawing goes on when there is time

function drawFilters() {
  const fill = (name, options) => form.elements[name].append(...options.map((option) => make("option", { value: option }, option)));
  fill("operation", report.operations.map((operation) => operation.id));
  fill("keyword", [...new Set(report.rows.map((row) => row.keyword))].sort());
  const verdicts = Object.entries(report.promises);
  const differing = report.rows.filter(differs).length;
  const chips = [["", report.rows.length], ...verdicts, ...(report.runs.length > 1 ? [["differ", differing]] : [])];
  document.getElementById("page-verdicts").append(...chips.map(([verdict, count]) => chip(verdict, count)));
  form.addEventListener("input", applyFilters);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("page-reset").addEventListener("click", clearFilters);
  rest.querySelector("button").addEventListener("click", () => drawMore(Infinity));
  addEventListener("beforeprint", () => {
    while (waiting.length) drawNext();
  });
  new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && drawMore(AHEAD), { rootMargin: "2000px" }).observe(rest);
}

function clearFilters() {
  form.reset();
  applyFilters();
}

function chip(verdict, count) {
  const input = make("input", { type: "radio", name: "verdict", value: verdict, checked: verdict === "" });
  const name = verdict === "" ? "all" : verdict === "differ" ? "stand-in and live differ" : verdict;
  const shape = verdict in report.promises ? icon(verdict) : null;
  return make("label", { class: `chip ${classOf(verdict || "any")} ${count ? "" : "is-zero"}` }, input, make("span", {}, shape, name, make("b", {}, `${count}`)));
}

/** Tested at both targets, with different ends. */
function differs(row) {
  const ends = Object.values(row.runs).map((run) => run.verdict).filter((verdict) => verdict === "kept" || verdict === "broken");
  return new Set(ends).size > 1;
}

function applyFilters() {
  const chosen = Object.fromEntries(new FormData(form));
  const words = chosen.query.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = report.rows.filter((row) => isChosen(row, chosen) && words.every((word) => textOf(row).includes(word)));
  show(rows);
  const isFiltered = rows.length < report.rows.length || words.length > 0;
  document.getElementById("page-count").textContent = isFiltered ? `${rows.length} of ${plural(report.rows.length, "promise")}` : plural(rows.length, "promise");
  document.getElementById("page-reset").hidden = !isFiltered;
  document.getElementById("page-empty").hidden = rows.length > 0;
}

function isChosen(row, { operation, keyword, verdict }) {
  return (
    (!operation || row.operation === operation) &&
    (!keyword || row.keyword === keyword) &&
    (!verdict || (verdict === "differ" ? differs(row) : row.verdict === verdict))
  );
}

/** Made ahead of the first search, a few hundred at a time. */
function prepareSearch(from = 0) {
  const until = Math.min(from + 200, report.rows.length);
  for (let at = from; at < until; at += 1) textOf(report.rows[at]);
  if (until < report.rows.length) setTimeout(() => prepareSearch(until), 10);
}

function textOf(row) {
  if (!texts.has(row)) {
    const sentences = row.mutants.map((name) => `${name} ${faults.get(name)?.sentence ?? ""}`);
    const parts = [row.id, row.text.replaceAll("`", ""), row.limit, row.verdict, row.source, ...row.cases.map((one) => one.name), ...sentences];
    texts.set(row, parts.join("\n").toLowerCase());
  }
  return texts.get(row);
}

/** Puts rows on the page, in place of those that are there. */
function show(rows) {
  while (table.tBodies.length) table.tBodies[0].remove();
  waiting = chunksOf(rows);
  drawn = 0;
  wanted = AHEAD;
  drawNext();
  drawLater();
}

function chunksOf(rows) {
  const chunks = [];
  const counts = Map.groupBy ? Map.groupBy(rows, (row) => row.operation) : grouped(rows);
  for (const [name, own] of counts) {
    for (let at = 0; at < own.length; at += CHUNK) chunks.push({ operation: at ? null : operations.get(name), own, rows: own.slice(at, at + CHUNK) });
  }
  return chunks;
}

function grouped(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.operation, [...(groups.get(row.operation) ?? []), row]);
  return groups;
}

function drawNext() {
  if (!waiting.length) return;
  const { operation, own, rows } = waiting.shift();
  const body = make("tbody", { role: "rowgroup", class: drawn >= AHEAD ? "far" : null });
  if (body.className) body.style.containIntrinsicBlockSize = `auto ${rows.length * 84}px`;
  if (operation) body.append(operationRow(operation, own));
  for (const row of rows) body.append(...elementsOf(row));
  table.append(body);
  drawn += rows.length;
}

/** The element of a row, and its details below it once they have been opened. */
function elementsOf(row) {
  if (!elements.has(row)) elements.set(row, [promiseRow(row)]);
  return elements.get(row);
}

/** Draws on while nothing else happens, as far as is wanted; the rest waits for those who scroll or ask. */
function drawLater() {
  const left = waiting.reduce((sum, chunk) => sum + chunk.rows.length, 0);
  rest.hidden = left === 0 || drawn < wanted;
  rest.querySelector("button").textContent = `Show ${plural(left, "more promise")}`;
  if (left && drawn < wanted) whenIdle(drawWhileIdle);
}

function drawWhileIdle(deadline) {
  let least = deadline.didTimeout ? HURRIED : 1;
  do drawNext();
  while (waiting.length && drawn < wanted && ((least -= 1) > 0 || deadline.timeRemaining() > 8));
  drawLater();
}

function drawMore(count) {
  wanted = Math.max(wanted, drawn) + count;
  drawLater();
}

function whenIdle(work) {
  if (isPlanned) return;
  isPlanned = true;
  const run = (deadline) => {
    isPlanned = false;
    work(deadline);
  };
  if (window.requestIdleCallback) requestIdleCallback(run, { timeout: 200 });
  else setTimeout(() => run({ didTimeout: true, timeRemaining: () => 0 }), 20);
}
