// What opens below a row: its sources, every case with what was sent and what came back, and the faults it killed.

const FIRST_CASES = 12; // shown at once; a button brings the others

function detailsRow(row) {
  const cell = make("td", { role: "cell", colspan: "6", "aria-colspan": "6" }, sourcesOf(row), casesOf(row), faultsOf(row));
  return make("tr", { role: "row", class: `details ${classOf(row.verdict)}` }, cell);
}

function sourcesOf(row) {
  return facts([
    ["Promise", make("span", { class: "mono" }, rowLink(row.id, row.id))],
    ["Limit", row.limit === null ? "none of its own" : make("span", { class: "mono" }, row.limit)],
    ["Document", documentLink(row.line)],
    ["Docs page", row.page ? link(row.page, row.page) : "none"],
    ["Source", row.source],
    ["Testable", { live: "on the live API", "stand-in only": "on the stand-in only", "not testable": "not from outside" }[row.tag]],
  ]);
}

function casesOf(row) {
  if (!row.cases.length) return make("p", { class: "hint" }, whyNothing(row));
  const body = make("tbody", { role: "rowgroup" });
  const sorted = [...row.cases].sort((one, other) => hasFailed(other) - hasFailed(one));
  const add = (cases) => body.append(...cases.map((one) => caseRow(row, one)));
  add(sorted.slice(0, FIRST_CASES));
  const heads = ["Case", "Sent", ...Object.values(TARGETS)].map((name) => make("th", { role: "columnheader", scope: "col" }, name));
  const head = make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, heads));
  const table = make("table", { class: "cases", role: "table", "aria-label": `Cases of ${row.id}` }, head, body);
  return [table, sorted.length > FIRST_CASES ? moreButton(sorted.slice(FIRST_CASES), add) : null];
}

function moreButton(rest, add) {
  const button = make("button", { type: "button", class: "quiet" }, `Show ${rest.length} more cases`);
  button.addEventListener("click", () => {
    add(rest);
    button.remove();
  });
  return button;
}

function whyNothing(row) {
  if (row.tag === "not testable") return "This cannot be seen from outside, so nothing is sent for it.";
  return "No test looked at this in the last runs.";
}

function hasFailed(one) {
  return Number(Object.values(one.runs).some((seen) => seen.outcome === "failed"));
}

function caseRow(row, one) {
  const [first, ...others] = Object.keys(TARGETS).filter((target) => one.runs[target]);
  const sent = (one.runs[first]?.exchanges ?? []).map((exchange) => exchange.sent);
  const label = one.side ? make("span", { class: `side side-${one.side}` }, one.side === "accepted" ? "accepts" : "refuses") : null;
  return make(
    "tr",
    { role: "row", class: hasFailed(one) ? "is-broken" : null },
    make("th", { role: "rowheader", scope: "row" }, label, make("span", {}, one.name)),
    make("td", { role: "cell" }, make("span", { class: "column", "aria-hidden": "true" }, "Sent"), sent.length ? sent.map(request) : "nothing that was kept"),
    Object.keys(TARGETS).map((target) => seenCell(row, one.runs[target], target, others.includes(target) ? sent : null)),
  );
}

/** What came back at one target. `sent` is what the column beside it shows; other requests are shown here. */
function seenCell(row, seen, target, sent) {
  const column = make("span", { class: "column", "aria-hidden": "true" }, TARGETS[target]);
  if (!seen) return make("td", { role: "cell" }, column, endOf(unseen(row, target)));
  const kind = MARKS[seen.outcome];
  const words = seen.outcome === "skipped" ? "not run" : seen.outcome;
  return make(
    "td",
    { role: "cell" },
    column,
    endOf({ kind, words }),
    seen.reason ? make("p", { class: "reason" }, seen.reason) : null,
    seen.outcome === "skipped" ? null : seen.exchanges.map((exchange, index) => [
      sent && sent[index] !== exchange.sent ? request(exchange.sent) : null,
      body(exchange.reply, make("span", { class: "status" }, `${exchange.status}`)),
    ]),
  );
}

function endOf({ kind, words }) {
  return make("p", { class: `end ${classOf(kind)}` }, icon(kind), words);
}

/** `POST /path {…}` with its first line apart. */
function request(sent) {
  const [, method, path, rest] = /^(\S*) ?(\S*) ?([^]*)$/.exec(sent);
  return body(rest, make("span", { class: "target" }, `${method} ${path}`));
}

function body(text, head) {
  return make("div", { class: "body", dir: "ltr" }, head, text ? make("pre", {}, breakable(text)) : null);
}

/** Compact JSON, which may break after a comma rather than anywhere. */
function breakable(text) {
  return text.split(/(?<=,)(?=\S)/).flatMap((piece) => [piece, make("wbr")]);
}

function faultsOf(row) {
  if (!row.mutants.length || !report.mutants) return null;
  const mutants = report.mutants.list.filter((mutant) => row.mutants.includes(mutant.name));
  const title = make("p", { class: "subtitle" }, `${plural(mutants.length, "fault")} that this row killed`);
  return [title, make("ul", { class: "mutants" }, mutants.map((mutant) => make("li", {}, ...mutantText(mutant))))];
}

function mutantText(mutant) {
  return [make("span", { class: "mono" }, mutant.name), " ", make("span", {}, mutant.sentence), " ", make("span", { class: "note" }, mutant.class)];
}
