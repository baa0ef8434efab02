"""Results as the runs write them, made up from the contract's own promises and cases; and reports of any size."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from contract_tests.model.cases import Case, all_cases
from contract_tests.model.promises import Promise, all_promises, suffix_of
from scripts.report.command import read
from scripts.report.shapes import OperationRow, Report, Row

Node = dict[str, Any]
REFUSAL = '{"code":400,"message":"Value out of range: parameter is too long"}'
ACCEPTANCE = '{"code":0,"message":"success","data":{"status":"pending","task_id":"task_1","model_id":"a"}}'
MOST_CASES = 3  # of one promise in a made-up report of thousands of rows: what a real one has on average, twice over


def results(target: str = "stand-in", broken: Iterable[str] = (), skipped: Iterable[str] = ()) -> Node:
    """A run in which every promise that the target can show was looked at; some broke, some were not paid for."""
    outcomes = {**dict.fromkeys(skipped, "skipped"), **dict.fromkeys(broken, "failed")}
    tests = [_test(one, promise, outcomes) for one in all_cases() for promise in [_promise_of(one)]]
    seen = {promise for test in tests for promise in test["promises"]}
    others = (promise for promise in all_promises().values() if promise.id not in seen and _can_show(promise, target))
    tests += [_other_test(promise, outcomes) for promise in others]
    account = {"budget": 20, "sent": 300, "accepted": 14, "refused": 286, "unknown": 0}
    return {
        "target": target,
        "origin": "http://127.0.0.1:4000" if target == "live" else "https://api.modellix.ai",
        "began": "2026-11-21T13:10:46+00:00",
        "seconds": 14.8,
        "account": account if target == "live" else None,
        "tests": tests,
    }


def names_of_cases(promise: str) -> list[str]:
    """What the report calls the cases of a promise, in their order: `prompt of 12 characters`."""
    ends = re.compile(r" is (accepted|refused)\Z")
    found = (case for case in all_cases() if _promise_of(case) == promise)
    return [ends.sub("", case.sentence).removeprefix(f"{case.operation.name} ") for case in found]


def mutants(survivors: int = 0) -> Node:
    """Two faults for each promise that can be tested; some of them survived."""
    made = [_mutant(promise, kind) for promise in all_promises().values() for kind in ("off by one", "not looked at")]
    for mutant in made[:survivors]:
        mutant.update(verdict="survived", promises=[], tests=[])
    last = made[-1]
    made.append({**last, "name": "generated client, field", "class": "generated client", "promises": []})
    same = {**last, "name": "client.cache", "class": "client", "verdict": "equivalent", "promises": []}
    made.append({**same, "argument": "Nobody can see the difference."})
    return {"began": "2026-11-21T13:20:00+00:00", "seconds": 143.2, "mutants": made, "baseline": {}}


def written(folder: Path, **files: Node) -> Path:
    """The folder, with results in it: `stand_in=results()` becomes stand-in.json."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / f"{name.replace('_', '-')}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def report_of(folder: Path, **files: Node) -> Report:
    """The report of results."""
    return read(written(folder, **files))


def changed(results: Node, is_wanted: Callable[[Node], bool], **fields: Any) -> Node:
    """The results with other values in some of their tests."""
    tests = [{**test, **fields} if is_wanted(test) else test for test in results["tests"]]
    return {**results, "tests": tests}


def enlarged(report: Report, rows: int) -> Report:
    """A report of that many rows: the operations of another one over and over, each under a name of its own."""
    large = copy.copy(report)
    large["rows"], large["operations"] = [], []
    number = 0
    while len(large["rows"]) < rows:
        number += 1
        large["operations"] += [_renamed_operation(one, f"-{number:03}") for one in report["operations"]]
        large["rows"] += [_renamed_row(row, f"-{number:03}") for row in report["rows"]]
    large["rows"] = large["rows"][:rows]
    return large


def _test(case: Case, promise: str, outcomes: dict[str, str]) -> Node:
    function = "test_accepted" if case.is_valid else "test_refused"
    sentence = case.sentence if case.is_valid else case.sentence.removesuffix(" is refused")
    sent = f"{case.operation.method} {case.operation.path} {json.dumps(case.body)[:300]}"
    exchange = {
        "sent": sent,
        "status": 200 if case.is_valid else 400,
        "reply": ACCEPTANCE if case.is_valid else REFUSAL,
    }
    test = f"contract_tests/api/{function}.py::{function}[{sentence.encode('unicode_escape').decode()}]"
    return _with_outcome({"id": test, "promises": [promise], "seconds": 0.01, "exchanges": [exchange]}, outcomes)


def _other_test(promise: Promise, outcomes: dict[str, str]) -> Node:
    operation, _, suffix = promise.id.partition(".")
    exchange = {"sent": f"GET /api/v1/tasks/{operation}", "status": 200, "reply": ACCEPTANCE}
    test = f"contract_tests/api/test_tasks.py::test_{suffix.replace('.', '_')}[{operation}]"
    return _with_outcome({"id": test, "promises": [promise.id], "seconds": 0.01, "exchanges": [exchange]}, outcomes)


def _with_outcome(test: Node, outcomes: dict[str, str]) -> Node:
    outcome = outcomes.get(test["promises"][0], "passed")
    reasons = {"passed": None, "failed": "AssertionError: answers 200", "skipped": "not run: budget"}
    return {**test, "outcome": outcome, "reason": reasons[outcome]}


def _promise_of(case: Case) -> str:
    return f"{case.operation.name}.{suffix_of(case)}"


def _can_show(promise: Promise, target: str) -> bool:
    return promise.tag == "live" or (promise.tag, target) == ("stand-in only", "stand-in")


def _mutant(promise: Promise, kind: str) -> Node:
    is_tested = promise.tag != "not testable"
    return {
        "name": f"stand-in.{promise.id}.{kind.replace(' ', '-')}",
        "class": "stand-in",
        "sentence": f"What stands behind `{promise.id}` is {kind}.",
        "verdict": "killed" if is_tested else "equivalent",
        "promises": [promise.id] if is_tested else [],
        "tests": ["contract_tests/api/test_refused.py::test_refused[a case]"] if is_tested else [],
        "seconds": 0.8,
        "over_http": kind == "off by one",
    }


def _renamed_operation(operation: OperationRow, ending: str) -> OperationRow:
    renamed = copy.copy(operation)
    renamed["id"] += ending
    return renamed


def _renamed_row(row: Row, ending: str) -> Row:
    renamed = copy.copy(row)
    renamed["operation"] += ending
    renamed["id"] = renamed["id"].replace(row["operation"], renamed["operation"], 1)
    renamed["cases"] = row["cases"][: 2 * MOST_CASES]
    return renamed
