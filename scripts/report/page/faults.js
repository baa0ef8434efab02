// The matrix of injected faults: by class, those that survived first. A fault that breaks no promise has failed a test.

const MOST_LINKS = 5; // to rows that killed one fault
const ORDER = ["survived", "killed", "equivalent"];
const FATES = { survived: "broken", killed: "kept", equivalent: "not testable" };

function drawFaults() {
  const section = document.getElementById("page-faults");
  if (!report.mutants) {
    section.append(make("p", { class: "hint" }, "No faults were injected yet: nox -s mutants puts them in, one at a time, and each must break a promise."));
    return;
  }
  for (const name of countBy(report.mutants.list, (mutant) => mutant.class).keys()) {
    section.append(faultsOfClass(name, report.mutants.list.filter((mutant) => mutant.class === name)));
  }
}

function faultsOfClass(name, mutants) {
  const sorted = [...mutants].sort((one, other) => ORDER.indexOf(one.verdict) - ORDER.indexOf(other.verdict));
  const counts = countBy(mutants, (mutant) => mutant.verdict);
  const marks = ORDER.filter((fate) => counts.has(fate)).map((fate) =>
    make("span", { class: classOf(FATES[fate]) }, icon(FATES[fate]), `${counts.get(fate)} ${fate}`),
  );
  const list = make("ul", { class: "mutants" }, sorted.map(mutantItem));
  const heading = make("summary", {}, make("span", { class: "name" }, name), make("span", { class: "numbers" }, marks), icon("open"));
  return make("details", { class: "class", open: counts.has("survived") }, heading, list);
}

function mutantItem(mutant) {
  const links = mutant.promises.length
    ? mutant.promises.slice(0, MOST_LINKS).map((id) => rowLink(id, id))
    : mutant.tests.slice(0, 1).map((test) => make("span", { class: "mono" }, test));
  const more = (mutant.promises.length || mutant.failed) - links.length;
  const told = mutant.verdict === "equivalent" ? mutant.argument : null;
  return make(
    "li",
    { class: classOf(FATES[mutant.verdict]) },
    icon(FATES[mutant.verdict]),
    make("div", {}, aside(`${mutant.verdict}: `), make("span", { class: "mono" }, mutant.name), " ", make("span", {}, mutant.sentence),
      told ? make("p", { class: "hint" }, told) : null,
      links.length ? make("p", { class: "links" }, "killed by ", links.flatMap((one, index) => [index ? " · " : null, one]), more > 0 ? ` and ${more} more` : null) : null),
  );
}
