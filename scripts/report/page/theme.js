// Before anything is drawn, so that the page does not flash in the other colours.
(() => {
  try {
    const chosen = localStorage.getItem("contract-report-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // No storage: the system's choice stands.
  }
})();
