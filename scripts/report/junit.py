"""The report as JUnit XML: a suite for each target, a case for each test of each promise, and a suite of mutants."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from scripts.report.shapes import Mutant, Report, Row, Seen

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report) -> str:
    """The XML, as text."""
    root = Element("testsuites", name="contract")
    for run in report["runs"]:
        cases = (case for row in report["rows"] for case in _cases_of(row, run["target"]))
        _add_suite(root, run["target"], run["began"], run["seconds"], cases)
    if report["mutants"] is not None:
        mutants = report["mutants"]
        _add_suite(root, "mutants", mutants["began"], mutants["seconds"], map(_case_of_mutant, mutants["list"]))
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _add_suite(root: Element, name: str, began: str, seconds: float, cases: Iterable[Element]) -> None:
    suite = SubElement(root, "testsuite", name=name, timestamp=_clean(began), time=f"{seconds:g}")
    suite.extend(list(cases))
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    suite.set("errors", "0")


def _cases_of(row: Row, target: str) -> Iterator[Element]:
    """The tests of a promise; one case that was skipped when there are none."""
    seen = [(case["name"], case["runs"][target]) for case in row["cases"] if target in case["runs"]]
    yield from (_case_of(row, name, one) for name, one in seen)
    if not seen:
        case = _case(row["id"], row["text"], 0.0)
        SubElement(case, "skipped", message=row["runs"][target]["verdict"])
        yield case


def _case_of(row: Row, name: str, seen: Seen) -> Element:
    case = _case(row["id"], name, seen["seconds"])
    if seen["outcome"] == "failed":
        failure = SubElement(case, "failure", message=_clean((seen["reason"] or "")[:200]))
        failure.text = _clean("\n".join([row["text"], seen["reason"] or "", *_exchanges(seen)]))
    elif seen["outcome"] == "skipped":
        SubElement(case, "skipped", message=_clean(seen["reason"] or ""))
    return case


def _exchanges(seen: Seen) -> Iterator[str]:
    for exchange in seen["exchanges"]:
        yield f"sent: {exchange['sent']}"
        yield f"came back: {exchange['status']} {exchange['reply']}"


def _case_of_mutant(mutant: Mutant) -> Element:
    case = _case(mutant["class"], mutant["name"], mutant["seconds"])
    if mutant["verdict"] == "survived":
        SubElement(case, "failure", message=_clean(f"survived: {mutant['sentence']}"))
    elif mutant["verdict"] == "equivalent":
        SubElement(case, "skipped", message=_clean(f"equivalent: {mutant.get('argument', '')}"))
    return case


def _case(group: str, name: str, seconds: float) -> Element:
    return Element("testcase", classname=_clean(group), name=_clean(name), time=f"{seconds:g}")


def _clean(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return _NOT_XML.sub("�", text)
