// A row for each operation and each promise. What was sent and what came back stand in lines: one for each side of a limit.

const MOST_NAMES = 3; // of cases in a row; its details have them all
const LONGEST_LIMIT = 24; // characters that are worth saying twice
const SIDES = [
  ["accepted", "accepts"],
  ["refused", "refuses"],
  [null, "looks at"],
];

/** Not the fragment itself: the browser would jump to it by its own rules, and take the focus away. */
function elementId(id) {
  return `row:${id}`;
}

function operationRow(operation, rows) {
  const counts = countBy(rows, (row) => row.verdict);
  const found = Object.keys(report.promises).filter((verdict) => counts.has(verdict));
  const numbers = found.map((verdict) => make("span", { class: classOf(verdict) }, icon(verdict), `${counts.get(verdict)} ${verdict}`));
  const address = `${operation.method} ${operation.path}`.trim();
  return make(
    "tr",
    { role: "row", class: `operation ${classOf(operation.verdict)}`, id: elementId(operation.id), tabindex: "-1" },
    make(
      "th",
      { role: "rowheader", scope: "rowgroup", colspan: "6", "aria-colspan": "6" },
      make("span", { class: "name" }, rowLink(operation.id, operation.id)),
      make("span", { class: "address mono" }, address),
      make("span", { class: "summary" }, operation.summary),
      make("span", { class: "numbers" }, numbers),
      make("span", { class: "links" }, documentLink(operation.line), operation.page ? link(operation.page, "docs page") : null),
    ),
  );
}

/** The row of a promise. Its details are made when they are opened. */
function promiseRow(row) {
  const lines = linesOf(row);
  const several = lines.length > 1 ? "several" : "";
  return make(
    "tr",
    { role: "row", class: `promise ${classOf(row.verdict)} ${several}`, id: elementId(row.id), "data-id": row.id, "data-verdict": row.verdict },
    make("td", { role: "cell", class: "verdict" }, badge(row.verdict)),
    make("th", { role: "rowheader", scope: "row", class: "text" }, opener(row), nameOf(row)),
    make("td", { role: "cell", class: "sent" }, lines.map(sentLine)),
    Object.keys(TARGETS).map((target) => make("td", { role: "cell", class: "came" }, lines.map((line, index) => cameLine(row, line, target, index)))),
    make("td", { role: "cell", class: "killed" }, killedText(row.mutants.length)),
  );
}

function opener(row) {
  return make(
    "button",
    { type: "button", class: "opener", "aria-expanded": "false" },
    make("span", {}, prose(row.text)),
    icon("open"),
  );
}

/** The name without the operation, and the limit, unless that is long and the sentence has it anyway. */
function nameOf(row) {
  const name = row.id.startsWith(`${row.operation}.`) ? row.id.slice(row.operation.length + 1) : row.id;
  const isSaid = row.limit === null || (row.limit.length > LONGEST_LIMIT && row.text.includes(row.limit));
  const limit = isSaid ? null : make("span", { class: "limit" }, aside("limit "), row.limit);
  return make("span", { class: "name mono" }, make("span", {}, name), limit);
}

function killedText(count) {
  return count ? [make("span", { class: "many" }, `${count}`), make("span", { class: "unit" }, ` fault${count === 1 ? "" : "s"} killed`)] : aside("none");
}

function linesOf(row) {
  const lines = SIDES.map(([side, label]) => ({ side, label, cases: row.cases.filter((one) => one.side === side) }));
  const found = lines.filter((line) => line.cases.length);
  return (found.length ? found : [{ side: null, label: "", cases: [] }]).map((line) => ({ ...line, field: row.field }));
}

function sentLine(line, index) {
  const names = line.cases.slice(0, MOST_NAMES).map((one) => shortName(one.name, line.field));
  const more = line.cases.length - names.length;
  const shown = line.cases.length ? names.join(" · ") : "nothing";
  return make(
    "div",
    { class: `line line-${index + 1}` },
    line.label ? make("span", { class: `side side-${line.side}` }, line.label) : null,
    make("span", { class: "names" }, shown, more > 0 ? make("span", { class: "more" }, ` and ${more} more`) : null),
  );
}

/** `prompt of 32000 characters` without the field that the row is about. */
function shortName(name, field) {
  const top = field.split(/[.[]/)[0];
  return top && name.startsWith(`${top} `) ? name.slice(top.length + 1) : name;
}

function cameLine(row, line, target, index) {
  const { kind, words, codes, note } = outcomeOf(row, line.cases, target);
  return make(
    "div",
    { class: `line line-${index + 1} ${classOf(kind)}` },
    make("span", { class: "column", "aria-hidden": "true" }, TARGETS[target]),
    icon(kind),
    aside(`${words} `),
    make("span", { class: "codes" }, codes || words),
    note ? make("span", { class: "note" }, note) : null,
  );
}

/** What became of some cases at a target, in one line. */
function outcomeOf(row, cases, target) {
  const seen = cases.map((one) => one.runs[target]).filter(Boolean);
  const counts = countBy(seen, (one) => one.outcome);
  const [passed, failed, skipped] = ["passed", "failed", "skipped"].map((name) => counts.get(name) ?? 0);
  if (!passed && !failed) {
    return { ...unseen(row, target), codes: "", note: reasonOf(seen) };
  }
  const codes = codesOf(seen.filter((one) => one.outcome === (failed ? "failed" : "passed")));
  if (failed) return { kind: "broken", words: "failed", codes, note: `${failed} of ${seen.length}` };
  const note = [passed > 1 && `×${passed}`, skipped && `${skipped} not run`].filter(Boolean).join(", ");
  return { kind: "kept", words: "passed", codes, note };
}

/** Why cases were not run, when all have one reason: no picture, budget. */
function reasonOf(seen) {
  const reasons = new Set(seen.map((one) => (one.reason ?? "").match(/not run: (.*)/)?.[1] ?? ""));
  return reasons.size === 1 ? [...reasons][0] : "";
}

/** Why a target has nothing to say: there was no run, it cannot show this, or the budget did not cover it. */
function unseen(row, target) {
  if (!row.runs[target]) return { kind: "not testable", words: "no run" };
  const kind = row.runs[target].verdict === "not testable" ? "not testable" : "not run";
  return { kind, words: kind };
}

function codesOf(seen) {
  const codes = [...new Set(seen.flatMap((one) => one.exchanges.map((exchange) => exchange.status)))].sort();
  return codes.length > 3 ? `${codes.slice(0, 3).join(" ")} …` : codes.join(" ");
}
