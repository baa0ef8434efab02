"""Joins the promises, the runs and the mutants: one row for each promise, whether anything looked at it or not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contract_tests.model.document import Document, Operation
from contract_tests.model.promises import TASKS, TEMPLATES, Promise
from modellix._openapi import GET_TASK
from scripts.report.cases import subject_of
from scripts.report.lines import Lines
from scripts.report.reading import MutantRun, Run, Test, counted
from scripts.report.shapes import (
    FATES,
    VERDICTS,
    Case,
    Fate,
    Mutants,
    OperationRow,
    Report,
    Row,
    RowRun,
    RunSummary,
    Verdict,
)

Tests = dict[str, dict[str, list[Test]]]
"""By promise and target."""


@dataclass(frozen=True)
class Sources:
    """Everything that is joined."""

    document: Document
    promises: dict[str, Promise]
    lines: Lines
    file: str  # of the document, from the repository's root
    runs: list[Run]
    mutants: MutantRun | None
    repository: str | None = None


def join(sources: Sources) -> Report:
    """The report, made now."""
    tests = _tests_by_promise(sources.runs)
    operations = [*sources.document.operations, *_gone(sources.document, tests)]
    known = {**sources.promises, **_forgotten(sources.promises, tests)}
    rows = [_row(sources, operations, promise, tests.get(promise.id, {})) for promise in known.values()]
    info = sources.document.root.get("info", {})
    counts = _counts(row["verdict"] for row in rows)
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "headline": _headline(counts),
        "document": {
            "title": str(info.get("title", "")),
            "version": str(info.get("version", "")),
            "file": sources.file,
        },
        "repository": sources.repository,
        "runs": [_run_summary(run, rows) for run in sources.runs],
        "promises": counts,
        "mutants": _mutants(sources.mutants),
        "operations": [_operation_row(sources, operation, rows) for operation in operations],
        "rows": rows,
    }


def _tests_by_promise(runs: list[Run]) -> Tests:
    found: Tests = {}
    for run in runs:
        for test in run.tests:
            for promise in test.promises:
                found.setdefault(promise, {}).setdefault(run.target, []).append(test)
    return found


def _forgotten(promises: dict[str, Promise], tests: Tests) -> dict[str, Promise]:
    """Promises that tests looked at, but that the document does not make any more: no failure goes unseen."""
    text = "The document does not promise this any more: the run is older than it is."
    return {name: Promise(name, text, "live", "an earlier document") for name in tests if name not in promises}


def _gone(document: Document, tests: Tests) -> Iterator[Operation]:
    """Operations that tests looked at, but that the document does not have any more."""
    unknown = [promise for promise in tests if _operation_of(document.operations, promise) is None]
    node = {"summary": "Not in the document any more"}
    for name in dict.fromkeys(promise.partition(".")[0] for promise in unknown):
        yield Operation(name.replace("-", "_"), "", "", "", node)


def _row(sources: Sources, operations: list[Operation], promise: Promise, tests: dict[str, list[Test]]) -> Row:
    operation = _operation_of(operations, promise.id)
    assert operation is not None, f"no operation for {promise.id}"
    suffix = promise.id.removeprefix(f"{operation.name}.")
    field, keyword = _field_and_keyword(suffix)
    runs = {run.target: _row_run(promise, run.target, tests.get(run.target, [])) for run in sources.runs}
    return {
        "id": promise.id,
        "operation": operation.name,
        "field": field,
        "keyword": keyword,
        "text": promise.text,
        "tag": promise.tag,
        "source": promise.source,
        "limit": None if promise.limit is None else _limit_text(promise.limit),
        "line": sources.lines.of(operation, suffix),
        "page": _page(sources.document.operation(GET_TASK) if promise.source == TASKS else operation),
        "verdict": _row_verdict(promise, runs),
        "runs": runs,
        "cases": _cases(operation.name, tests),
        "mutants": _killed_by(sources.mutants, promise.id),
    }


def _operation_of(operations: Iterable[Operation], promise: str) -> Operation | None:
    """The operation whose name the promise begins with; the longest, as one name may begin with another."""
    named = [operation for operation in operations if promise.startswith(f"{operation.name}.")]
    return max(named, key=lambda operation: len(operation.name), default=None)


def _row_verdict(promise: Promise, runs: dict[str, RowRun]) -> Verdict:
    """The worst of its runs. What only the stand-in can show is not run while the stand-in has not."""
    verdict = _worst(run["verdict"] for run in runs.values())
    return "not run" if verdict == "not testable" != promise.tag else verdict


def _field_and_keyword(suffix: str) -> tuple[str, str]:
    """A limit's field and keyword; of another promise the subject: `auth` of `auth.missing`."""
    if suffix in {template.suffix for template in TEMPLATES}:
        return "", suffix.partition(".")[0]
    field, _, keyword = suffix.rpartition(".")
    return "" if field == "body" else field, keyword


def _row_run(promise: Promise, target: str, tests: list[Test]) -> RowRun:
    counts = counted(test.seen["outcome"] for test in tests)
    verdict: Verdict = "not run"
    if counts["failed"]:
        verdict = "broken"
    elif counts["passed"]:
        verdict = "kept"
    elif promise.tag == "not testable" or (promise.tag == "stand-in only" and target == "live"):
        verdict = "not testable"
    return {"verdict": verdict, **counts}


def _cases(operation: str, tests: dict[str, list[Test]]) -> list[Case]:
    """The tests of all targets, each once."""
    cases: dict[str, Case] = {}
    for target, found in tests.items():
        for test in found:
            if test.id not in cases:
                name, side = subject_of(test.id, operation)
                cases[test.id] = {"id": test.id, "name": name, "side": side, "runs": {}}
            cases[test.id]["runs"][target] = test.seen
    return list(cases.values())


def _killed_by(mutants: MutantRun | None, promise: str) -> list[str]:
    every = mutants.mutants if mutants else ()
    return [one["name"] for one in every if one["verdict"] == "killed" and promise in one["promises"]]


def _operation_row(sources: Sources, operation: Operation, rows: list[Row]) -> OperationRow:
    return {
        "id": operation.name,
        "method": operation.method,
        "path": operation.path,
        "summary": str(operation.node.get("summary", "")),
        "line": sources.lines.of_operation(operation),
        "page": _page(operation),
        "verdict": _worst(row["verdict"] for row in rows if row["operation"] == operation.name),
    }


def _run_summary(run: Run, rows: list[Row]) -> RunSummary:
    return {
        "target": run.target,
        "origin": run.origin,
        "began": run.began,
        "seconds": run.seconds,
        "account": run.account,
        "tests": counted(test.seen["outcome"] for test in run.tests),
        "promises": _counts(row["runs"][run.target]["verdict"] for row in rows),
    }


def _mutants(run: MutantRun | None) -> Mutants | None:
    if run is None:
        return None
    fates = [mutant["verdict"] for mutant in run.mutants]
    verdicts: dict[Fate, int] = {fate: fates.count(fate) for fate in FATES}
    return {"began": run.began, "seconds": run.seconds, "verdicts": verdicts, "list": list(run.mutants)}


def _counts(verdicts: Iterable[Verdict]) -> dict[Verdict, int]:
    found = Counter(verdicts)
    return {verdict: found[verdict] for verdict in VERDICTS}


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    """One broken breaks all, one kept is more than none run."""
    found = sorted(set(verdicts), key=VERDICTS.index)
    return found[0] if found else "not run"


def _headline(counts: dict[Verdict, int]) -> str:
    broken, kept = counts["broken"], counts["kept"]
    tested = f"of {broken + kept} promises tested"
    if broken:
        return f"{broken} {tested} {'is' if broken == 1 else 'are'} broken"
    return f"All {kept} promises tested are kept" if kept else "No promise was tested"


def _page(operation: Operation) -> str:
    return str(operation.node.get("externalDocs", {}).get("url", ""))


def _limit_text(limit: Any) -> str:
    parts: Iterator[str] = map(str, limit if isinstance(limit, list) else [limit])  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return ", ".join(parts)
