// The strip at the top: what is broken, a card for each run and one for the faults.

const MOST_BROKEN = 6; // named at the top

function drawSummary() {
  const runs = Object.keys(TARGETS).map((target) => runCard(target, report.runs.find((run) => run.target === target)));
  document.getElementById("page-summary").append(...runs, faultsCard(report.mutants));
  drawBroken(report.rows.filter((row) => row.verdict === "broken"));
  const { title, version } = report.document;
  document.getElementById("page-kicker").textContent = `${title} ${version} · contract report`;
  document.getElementById("page-footer").append("Made ", moment(report.made), ". The same data stands in report.json.");
}

/** The ways to what is broken, before anything else. */
function drawBroken(rows) {
  if (!rows.length) return;
  const items = rows.slice(0, MOST_BROKEN).map((row) => make("li", {}, icon("broken"), rowLink(row.id, row.id), make("span", {}, prose(row.text))));
  const more = rows.length - items.length;
  const list = make("ul", { class: "is-broken" }, items, more > 0 ? make("li", {}, `and ${more} more`) : null);
  document.getElementById("page-summary").before(make("nav", { class: "broken-list", "aria-label": "Broken promises" }, list));
}

function runCard(target, run) {
  if (!run) return card(TARGETS[target], "not run", null, [make("p", { class: "hint" }, hintOf(target))]);
  const { kept, broken } = run.promises;
  const verdict = broken ? "broken" : kept ? "kept" : "not run";
  return card(TARGETS[target], verdict, figure(kept + broken, "promises tested"), [
    bar(run.promises),
    facts([
      ["When", [moment(run.began), `, in ${duration(run.seconds)}`]],
      ["Against", target === "live" ? run.origin : `the stand-in, in process, as ${run.origin}`],
      ["Tests", testsText(run.tests)],
      ["Cost", costText(run.account)],
    ]),
  ]);
}

function hintOf(target) {
  return target === "live" ? "Not run on the live API yet: nox -s live." : "Not run on the stand-in yet: nox -s tests.";
}

function faultsCard(mutants) {
  if (!mutants) return card("Faults", "not run", null, [make("p", { class: "hint" }, "No faults were injected yet: nox -s mutants.")]);
  const { killed, survived, equivalent } = mutants.verdicts;
  const classes = countBy(mutants.list.filter((mutant) => mutant.verdict !== "equivalent"), (mutant) => mutant.class);
  const dead = countBy(mutants.list.filter((mutant) => mutant.verdict === "killed"), (mutant) => mutant.class);
  return card("Faults", survived ? "broken" : "kept", figure(`${killed} of ${killed + survived}`, "faults killed"), [
    bar({ kept: killed, broken: survived, "not testable": equivalent }, { kept: "killed", broken: "survived", "not testable": "equivalent" }),
    facts([
      ["When", [moment(mutants.began), `, in ${duration(mutants.seconds)}`]],
      ["Put into", [...classes].map(([name, count]) => `${name} ${dead.get(name) ?? 0}/${count}`).join(", ")],
      ["Over HTTP", `${mutants.list.filter((mutant) => mutant.over_http).length} of them`],
    ]),
  ], survived ? "some survived" : "all killed");
}

function card(title, verdict, number, parts, words = verdict) {
  const head = make("div", { class: "card-head" }, make("h2", {}, title), badge(verdict, words));
  return make("article", { class: `card ${classOf(verdict)}` }, head, number, parts);
}

function figure(number, what) {
  return make("p", { class: "figure" }, make("strong", {}, `${number}`), ` ${what}`);
}

/** Shares as a bar; the list below it says the same in words. */
function bar(counts, names = {}) {
  const shown = Object.entries(counts).filter(([, count]) => count);
  const pieces = shown.map(([verdict, count]) => {
    const piece = make("span", { class: classOf(verdict) });
    piece.style.flexGrow = count;
    return piece;
  });
  const legend = shown.map(([verdict, count]) => make("li", { class: classOf(verdict) }, icon(verdict), `${count} ${names[verdict] ?? verdict}`));
  return [make("div", { class: "bar", "aria-hidden": "true" }, pieces), make("ul", { class: "legend" }, legend)];
}

function facts(pairs) {
  return make("dl", { class: "facts" }, pairs.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));
}

function testsText({ passed, failed, skipped }) {
  return [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} not run`].filter(Boolean).join(", ");
}

function costText(account) {
  if (!account) return "nothing";
  const { budget, sent, accepted, refused, unknown } = account;
  const bought = `${plural(accepted, "submission")}${budget === null ? "" : ` of a budget of ${budget}`}`;
  return `${bought}; ${sent} sent, ${refused} refused${unknown ? `, ${unknown} with an unknown outcome` : ""}`;
}
