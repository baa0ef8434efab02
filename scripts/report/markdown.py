"""The report in short, as Markdown for a CI job's page: what is broken first, then the numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain

from scripts.report.shapes import FATES, VERDICTS, Mutants, Report, Row, RunSummary, Seen
from scripts.report.texts import shortened

MOST_BROKEN = 50  # rows; the page has them all
LONGEST_REASON = 300  # characters


def markdown(report: Report) -> str:
    """The summary, as text."""
    parts = (_broken(report), _runs(report), _operations(report), _mutants(report["mutants"]))
    note = report["document"]
    ending = f"Document {plain(note['title'])} {plain(note['version'])}, report made {moment(report['made'])}."
    lines = chain([f"# {report['headline']}", ""], chain.from_iterable(parts), [ending])
    return "\n".join(lines) + "\n"


def plain(text: str) -> str:
    """Text of others as Markdown that shows it as it is: whatever could be markup is a character reference."""
    return re.sub(r"[^A-Za-z0-9 .,;/…()=+'\"-]", lambda found: f"&#{ord(found[0])};", text)


def code(text: str) -> str:
    """The same, set as code, where nobody is mentioned by `@name`."""
    return f"<code>{plain(text)}</code>"


def moment(text: str) -> str:
    """A time such as `2026-11-21 13:10 UTC`."""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _broken(report: Report) -> Iterator[str]:
    broken = [row for row in report["rows"] if row["verdict"] == "broken"]
    if not broken:
        return
    yield "## Broken promises"
    yield ""
    yield from _table(["promise", "what it says", "where", "what was seen"], map(_broken_cells, broken[:MOST_BROKEN]))
    if len(broken) > MOST_BROKEN:
        yield f"{len(broken) - MOST_BROKEN} more stand in the page."
        yield ""


def _broken_cells(row: Row) -> list[str]:
    failed = [(target, case) for case in row["cases"] for target, seen in case["runs"].items() if _has_failed(seen)]
    targets = [target for target, run in row["runs"].items() if run["verdict"] == "broken"]
    target, case = failed[0]
    reason = shortened(case["runs"][target]["reason"] or "", LONGEST_REASON).replace("\n", " ")
    more = f", and {len(failed) - 1} more" if len(failed) > 1 else ""
    return [code(row["id"]), plain(row["text"]), " and ".join(targets), f"{plain(case['name'])}: {code(reason)}{more}"]


def _has_failed(seen: Seen) -> bool:
    return seen["outcome"] == "failed"


def _runs(report: Report) -> Iterator[str]:
    yield "## Promises"
    yield ""
    yield from _table(["", *VERDICTS, "tests", "when", "against", "cost"], map(_run_cells, report["runs"]))


def _run_cells(run: RunSummary) -> list[str]:
    tests = run["tests"]["passed"] + run["tests"]["failed"] + run["tests"]["skipped"]
    counts = [str(run["promises"][verdict]) for verdict in VERDICTS]
    when = f"{moment(run['began'])}, {run['seconds']:g} s"
    return [run["target"], *counts, str(tests), when, code(run["origin"]), plain(cost(run))]


def cost(run: RunSummary) -> str:
    """What a run has cost, in words."""
    account = run["account"]
    if account is None:
        return "nothing"
    unknown = f", {account['unknown']} with an unknown outcome" if account["unknown"] else ""
    budget = "" if account["budget"] is None else f" of a budget of {account['budget']}"
    return f"{account['accepted']} submissions{budget}{unknown}"


def _operations(report: Report) -> Iterator[str]:
    rows: list[list[str]] = []
    for operation in report["operations"]:
        verdicts = [row["verdict"] for row in report["rows"] if row["operation"] == operation["id"]]
        address = f"{operation['method']} {operation['path']}"
        rows.append([operation["id"], code(address), *(str(verdicts.count(verdict)) for verdict in VERDICTS)])
    yield from _table(["operation", "address", *VERDICTS], rows)


def _mutants(mutants: Mutants | None) -> Iterator[str]:
    yield "## Faults"
    yield ""
    if mutants is None:
        yield "No faults were put in."
        yield ""
        return
    classes = dict.fromkeys(mutant["class"] for mutant in mutants["list"])
    rows: list[list[str]] = []
    for name in classes:
        fates = [mutant["verdict"] for mutant in mutants["list"] if mutant["class"] == name]
        rows.append([plain(name), *(str(fates.count(fate)) for fate in FATES)])
    yield from _table(["class", *FATES], rows)
    for mutant in mutants["list"]:
        if mutant["verdict"] == "survived":
            yield f"- survived: {code(mutant['name'])}: {plain(mutant['sentence'])}"
    yield f"Put in on {moment(mutants['began'])}, in {mutants['seconds']:g} s."
    yield ""


def _table(heads: list[str], rows: Iterable[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    yield from (f"| {' | '.join(cells)} |" for cells in rows)
    yield ""
