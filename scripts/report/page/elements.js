// The parts of this script are joined in the order that page.py names, and see each other's names.
// Nothing here turns text into markup: texts become text nodes, whatever they hold.

const report = JSON.parse(document.getElementById("page-data").textContent);

const TARGETS = { "stand-in": "Stand-in", live: "Live" };
const MARKS = { passed: "kept", failed: "broken", skipped: "not run" };
const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (left out when null or false) and children, which are nodes or texts. */
function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** A shape that says a verdict without colour; the words beside it say it to those who do not see it. */
function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#page-icon-${name.replaceAll(" ", "-")}`);
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

function badge(verdict, words = verdict) {
  return make("span", { class: `badge ${classOf(verdict)}` }, icon(verdict), words);
}

function classOf(verdict) {
  return `is-${verdict.replaceAll(" ", "-")}`;
}

/** Words for those who listen, where the eye has a shape or a place. */
function aside(text) {
  return make("span", { class: "aside" }, text);
}

/** Text whose pieces between back quotes are code. */
function prose(text) {
  return text.split("`").map((piece, index) => (index % 2 ? make("code", {}, piece) : piece));
}

/** A link, if the address is one of the web; else only its text. */
function link(address, ...children) {
  return /^https?:\/\//.test(address) ? make("a", { href: address, rel: "noreferrer" }, ...children) : make("span", {}, ...children);
}

/** Where something stands in the document: a link when it is known where the repository can be seen. */
function documentLink(line) {
  const place = `${report.document.file}#L${line}`;
  const shown = make("span", { class: "mono" }, place);
  return report.repository ? link(`${report.repository}/${place}`, shown) : shown;
}

function rowLink(id, ...children) {
  return make("a", { href: `#${encodeURIComponent(id)}` }, ...children);
}

/** 21 Nov 2026, 13:10 UTC. */
function moment(text) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return text;
  const shown = date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
  return make("time", { datetime: date.toISOString() }, `${shown} UTC`);
}

function duration(seconds) {
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function plural(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function countBy(items, keyOf) {
  const counts = new Map();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}
