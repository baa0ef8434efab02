"""What is printed: survivors, and the counts by class. What killed each mutant goes to a file, or is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from scripts.mutants.mutant import Findings, Outcome, as_json

WIDTH = 160  # characters of a line
SHOWN = 2  # tests of each mutant

Baseline = dict[str, Findings]
"""What the suite said of the unmodified project, by class."""


def lines(outcomes: Sequence[Outcome], baseline: Baseline, seconds: float) -> Iterator[str]:
    """What a reader needs: who lived and why, the counts, and the project as it is."""
    yield from _lived(outcomes)
    yield from _by_class(outcomes)
    yield from _red(baseline)
    yield f"{len(outcomes)} mutants in {seconds:.0f} s"


def is_red(found: Findings) -> bool:
    """Whether the unmodified project failed, or nothing of it ran."""
    return bool(found.failed or found.errors or found.problem or found.hung or not found.passed)


def each(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """A line for each mutant, with its verdict and the first tests that killed it."""
    for one in outcomes:
        mark = one.verdict if one.verdict != "survived" else "SURVIVED"
        killers = ", ".join(map(_short, one.findings.failed[:SHOWN]))
        more = f" and {len(one.findings.failed) - SHOWN} more" if len(one.findings.failed) > SHOWN else ""
        text = f"{mark:10} {one.findings.seconds:5.1f} s  {one.mutant.name}: {killers}{more}"
        yield text if len(text) <= WIDTH else text[: WIDTH - 1] + "…"


def _by_class(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield f"{'class':24} {'killed':>6} {'of':>4} {'equivalent':>10} {'seconds':>8} {'each':>5}"
    for name in dict.fromkeys(map(class_of, outcomes)):
        own = [one for one in outcomes if class_of(one) == name]
        killed, equivalent = (sum(one.verdict == verdict for one in own) for verdict in ("killed", "equivalent"))
        seconds = sum(one.findings.seconds for one in own)
        yield f"{name:24} {killed:6} {len(own):4} {equivalent:10} {seconds:8.0f} {seconds / len(own):5.1f}"


def class_of(outcome: Outcome) -> str:
    """The class of a mutant as the matrix names it."""
    return outcome.mutant.kind + (", over HTTP" if outcome.mutant.is_over_http else "")


def _lived(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for one in outcomes:
        if one.fault:
            yield f"SURVIVOR {one.mutant.name}: {one.mutant.sentence} Expected: {' or '.join(one.mutant.expects[:3])}"
            yield f"    {one.fault}"
            yield from (f"    {reason}" for reason in one.findings.reasons)
        elif one.mutant.equivalent:
            yield f"EQUIVALENT {one.mutant.name}: {one.mutant.sentence} {one.mutant.equivalent}"


def _red(baseline: Baseline) -> Iterator[str]:
    for name, found in baseline.items():
        state = "RED" if is_red(found) else "passes"
        yield f"the project as it is, {name}: {state}, {found.passed} tests in {found.seconds:.0f} s"
        yield from (
            f"    {line}" for line in (found.problem, found.hung, *found.failed, *found.errors, *found.reasons) if line
        )


def _short(test: str) -> str:
    """A test's id without its folders, shortened."""
    text = re.sub(r"^[^\[]*?([^/\[]*)\.py::", r"\1::", test)
    return text if len(text) <= 70 else text[:69] + "…"


def write(file: Path, outcomes: Sequence[Outcome], baseline: Baseline, began: datetime, seconds: float) -> Path:
    """The same as JSON, for the report page, and the line of each as text beside it, whose path is returned."""
    told: dict[str, Any] = {
        "began": began.isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "mutants": [as_json(one) for one in outcomes],
        "baseline": {
            name: {
                "passes": not is_red(found),
                "passed": found.passed,
                "failed": found.failed + found.errors,
                "problem": found.problem or found.hung,
                "seconds": round(found.seconds, 1),
            }
            for name, found in baseline.items()
        },
    }
    file.parent.mkdir(exist_ok=True)
    _replace(file, json.dumps(told, indent=1) + "\n")
    text = file.with_suffix(".txt")
    _replace(text, "".join(f"{line}\n" for line in each(outcomes)))
    return text


def _replace(file: Path, content: str) -> None:
    new = file.with_name(f"{file.name}.tmp")
    new.write_text(content, encoding="utf-8")
    new.replace(file)
