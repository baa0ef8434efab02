"""Every promise is a row, with whatever the runs and the mutants know of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_tests.model import good
from contract_tests.model.document import contract
from contract_tests.model.promises import all_promises
from scripts.report.shapes import VERDICTS, Report, Row

from .makers import changed, mutants, names_of_cases, report_of, results

LIMIT = f"gpt-image-2-edit.{good.EDIT_TEXT}.maxLength"
NAMES = names_of_cases(LIMIT)
MOST = len(good.longest_prompt(operation=good.EDIT))
OVER = f"{good.EDIT_TEXT} of {MOST + 1} characters"


def row_of(report: Report, name: str) -> Row:
    return next(row for row in report["rows"] if row["id"] == name)


def test_every_promise_is_a_row_once_and_in_order(tmp_path: Path) -> None:
    report = report_of(tmp_path, stand_in=results())
    assert [row["id"] for row in report["rows"]] == list(all_promises())
    assert [one["id"] for one in report["operations"]] == [one.name for one in contract().operations]


def test_row_tells_what_the_document_and_the_texts_say(tmp_path: Path) -> None:
    row = row_of(report_of(tmp_path, stand_in=results()), LIMIT)
    assert (row["operation"], row["field"], row["keyword"], row["limit"]) == (
        "gpt-image-2-edit",
        good.EDIT_TEXT,
        "maxLength",
        str(MOST),
    )
    assert row["page"] == "https://docs.modellix.ai/openai/gpt-image-2-edit"
    sides = {case["name"]: case["side"] for case in row["cases"]}
    assert list(sides) == NAMES
    assert sides[f"{good.EDIT_TEXT} of {MOST} characters"] == "accepted"
    assert sides[OVER] == "refused"


@pytest.mark.parametrize(
    ("stand_in", "live", "verdict"),
    [
        ("passed", None, "kept"),
        ("failed", None, "broken"),
        ("skipped", None, "not run"),
        ("passed", "passed", "kept"),
        ("passed", "failed", "broken"),
        ("failed", "passed", "broken"),
        ("passed", "skipped", "kept"),
        ("skipped", "skipped", "not run"),
        (None, "passed", "kept"),
    ],
)
def test_verdict_is_the_worst_of_the_runs(stand_in: str | None, live: str | None, verdict: str, tmp_path: Path) -> None:
    outcomes = {"stand_in": stand_in, "live": live}
    files = {
        name: changed(results(name.replace("_", "-")), lambda test: LIMIT in test["promises"], outcome=outcome)
        for name, outcome in outcomes.items()
        if outcome is not None
    }
    row = row_of(report_of(tmp_path, **files), LIMIT)
    assert row["verdict"] == verdict
    assert set(row["runs"]) == {name.replace("_", "-") for name in files}


def test_one_broken_test_of_many_breaks_the_promise(tmp_path: Path) -> None:
    broken = changed(results(), lambda test: OVER in test["id"] and LIMIT in test["promises"], outcome="failed")
    row = row_of(report_of(tmp_path, stand_in=broken), LIMIT)
    assert row["runs"]["stand-in"] == {"verdict": "broken", "passed": len(NAMES) - 1, "failed": 1, "skipped": 0}


@pytest.mark.parametrize(
    ("name", "stand_in", "live"),
    [("gpt-image-2.price", "not testable", "not testable"), ("gpt-image-2.task.failed", "kept", "not testable")],
)
def test_what_cannot_be_seen_is_not_testable(name: str, stand_in: str, live: str, tmp_path: Path) -> None:
    row = row_of(report_of(tmp_path, stand_in=results(), live=results("live")), name)
    assert {target: run["verdict"] for target, run in row["runs"].items()} == {"stand-in": stand_in, "live": live}


def test_what_the_stand_in_could_show_is_not_run_without_it(tmp_path: Path) -> None:
    report = report_of(tmp_path, live=results("live"))
    assert row_of(report, "gpt-image-2.task.failed")["verdict"] == "not run"
    assert row_of(report, "gpt-image-2.price")["verdict"] == "not testable"


def test_both_targets_stand_side_by_side_in_one_case(tmp_path: Path) -> None:
    row = row_of(report_of(tmp_path, stand_in=results(), live=results("live")), LIMIT)
    assert [set(case["runs"]) for case in row["cases"]] == [{"stand-in", "live"}] * len(NAMES)


def test_mutants_stand_with_the_rows_that_killed_them(tmp_path: Path) -> None:
    report = report_of(tmp_path, stand_in=results(), mutants=mutants(survivors=2))
    assert row_of(report, LIMIT)["mutants"] == [f"stand-in.{LIMIT}.off-by-one", f"stand-in.{LIMIT}.not-looked-at"]
    first = next(iter(all_promises()))  # whose two mutants survived
    assert row_of(report, first)["mutants"] == []
    assert report["mutants"] is not None
    assert report["mutants"]["verdicts"]["survived"] == 2


def test_of_the_tests_that_a_mutant_failed_the_first_are_named(tmp_path: Path) -> None:
    """A fault that breaks everything would fill the report."""
    run = mutants()
    run["mutants"][0]["tests"] = [f"test_{number}" for number in range(1000)]
    report = report_of(tmp_path, stand_in=results(), mutants=run)
    assert report["mutants"] is not None
    first = report["mutants"]["list"][0]
    assert (first["failed"], first["tests"][0], len(first["tests"])) == (1000, "test_0", 5)


def test_numbers_add_up(tmp_path: Path) -> None:
    report = report_of(tmp_path, stand_in=results(broken=[LIMIT]), live=results("live", skipped=[LIMIT]))
    verdicts = [row["verdict"] for row in report["rows"]]
    assert report["promises"] == {verdict: verdicts.count(verdict) for verdict in VERDICTS}
    for run in report["runs"]:
        assert sum(run["promises"].values()) == len(report["rows"])
        own = [row["runs"][run["target"]]["verdict"] for row in report["rows"]]
        assert run["promises"] == {verdict: own.count(verdict) for verdict in VERDICTS}


@pytest.mark.parametrize(
    ("broken", "headline"),
    [
        ([], "All 108 promises tested are kept"),
        ([LIMIT], "1 of 108 promises tested is broken"),
        ([LIMIT, "gpt-image-2.auth.missing"], "2 of 108 promises tested are broken"),
    ],
)
def test_headline_says_it_in_a_sentence(broken: list[str], headline: str, tmp_path: Path) -> None:
    tested = sum(promise.tag != "not testable" for promise in all_promises().values())
    assert report_of(tmp_path, stand_in=results(broken=broken))["headline"] == headline.replace("108", str(tested))


def test_a_failure_of_what_is_no_promise_any_more_is_a_row(tmp_path: Path) -> None:
    old = changed(
        results(), lambda test: LIMIT in test["promises"], promises=["gpt-image-2.mood.enum"], outcome="failed"
    )
    row = row_of(report_of(tmp_path, stand_in=old), "gpt-image-2.mood.enum")
    assert (row["verdict"], row["operation"], row["keyword"]) == ("broken", "gpt-image-2", "enum")
    assert "any more" in row["text"]


def test_a_failure_of_an_operation_that_is_gone_is_a_row(tmp_path: Path) -> None:
    old = changed(results(), lambda test: LIMIT in test["promises"], promises=["dall-e.prompt.enum"], outcome="failed")
    report = report_of(tmp_path, stand_in=old)
    assert row_of(report, "dall-e.prompt.enum")["operation"] == "dall-e"
    assert report["operations"][-1]["id"] == "dall-e"
    assert report["operations"][-1]["verdict"] == "broken"
