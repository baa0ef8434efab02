"""The JUnit XML can be read by others, and counts what the report counts."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from contract_tests.model import good
from scripts.report.junit import junit

from .hostile import hostile_mutants, hostile_results
from .makers import mutants, names_of_cases, report_of, results

LIMIT = f"gpt-image-2.{good.TEXT}.maxLength"


def test_a_suite_for_each_run_and_the_mutants(tmp_path: Path) -> None:
    report = report_of(tmp_path, stand_in=results(), live=results("live"), mutants=mutants(survivors=3))
    suites = ElementTree.fromstring(junit(report)).findall("testsuite")
    assert [suite.get("name") for suite in suites] == ["stand-in", "live", "mutants"]
    assert [suite.get("failures") for suite in suites] == ["0", "0", "3"]


def test_cases_stand_under_their_promise(tmp_path: Path) -> None:
    root = ElementTree.fromstring(junit(report_of(tmp_path, stand_in=results(broken=[LIMIT]))))
    cases = root.findall(f".//testcase[@classname='{LIMIT}']")
    assert [case.get("name") for case in cases] == names_of_cases(LIMIT)
    failure = cases[0].find("failure")
    assert failure is not None
    assert "answers 200" in (failure.get("message") or "")
    assert "came back: 200" in (failure.text or "")


def test_what_did_not_run_is_skipped_with_its_reason(tmp_path: Path) -> None:
    root = ElementTree.fromstring(junit(report_of(tmp_path, live=results("live", skipped=[LIMIT]))))
    messages = {
        case.get("classname"): skipped.get("message")
        for case in root.iter("testcase")
        for skipped in case.findall("skipped")
    }
    assert messages[LIMIT] == "not run: budget"
    assert messages["gpt-image-2.price"] == messages["gpt-image-2.task.failed"] == "not testable"


def test_numbers_are_those_of_the_cases(tmp_path: Path) -> None:
    report = report_of(tmp_path, stand_in=results(broken=[LIMIT]))
    suite = ElementTree.fromstring(junit(report)).find("testsuite")
    assert suite is not None
    counts = report["runs"][0]["tests"]
    untested = sum(not row["cases"] for row in report["rows"])
    assert int(suite.get("tests") or 0) == sum((counts["passed"], counts["failed"], untested))
    assert int(suite.get("failures") or 0) == counts["failed"] == len(names_of_cases(LIMIT))


def test_hostile_texts_stay_texts(tmp_path: Path) -> None:
    text = junit(report_of(tmp_path, stand_in=hostile_results(LIMIT), mutants=hostile_mutants()))
    root = ElementTree.fromstring(text)
    known = {"testsuites", "testsuite", "testcase", "failure", "skipped"}
    assert {element.tag for element in root.iter()} == known
