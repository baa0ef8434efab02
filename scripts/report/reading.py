"""Reads what the runs left on disk: the results of the tests by target, and those of the mutants."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast, get_args

from scripts.report.shapes import Account, Counts, Exchange, Fate, Mutant, Outcome, Seen
from scripts.report.texts import LONGEST_REASON, Shower

T = TypeVar("T")
MOST_TESTS = 5  # that failed because of one mutant; the others are only counted
TARGETS = ("stand-in", "live")
"""In the order of their columns."""


class Unreadable(Exception):
    """A file that is there, but does not have the documented shape."""


@dataclass(frozen=True)
class Test:
    """One test at one target."""

    id: str
    promises: tuple[str, ...]
    seen: Seen


@dataclass(frozen=True)
class Run:
    """The tests of one target."""

    target: str
    origin: str
    began: str
    seconds: float
    account: Account | None
    tests: tuple[Test, ...]


@dataclass(frozen=True)
class MutantRun:
    """What became of every mutant."""

    began: str
    seconds: float
    mutants: tuple[Mutant, ...]


def read_runs(folder: Path, shower: Shower) -> list[Run]:
    """The runs whose results are in a folder; `Unreadable` when one of them cannot be understood."""
    files = [folder / f"{target}.json" for target in TARGETS]
    return [_parsed(file, partial(_run, shower)) for file in files if file.exists()]


def read_mutants(folder: Path, shower: Shower) -> MutantRun | None:
    """The results of the mutants; None when they have not run."""
    file = folder / "mutants.json"
    return _parsed(file, partial(_mutants, shower)) if file.exists() else None


def counted(outcomes: Iterable[Outcome]) -> Counts:
    """How many tests ended in each way."""
    found = list(outcomes)
    return {"passed": found.count("passed"), "failed": found.count("failed"), "skipped": found.count("skipped")}


def _parsed(file: Path, parse: Callable[[Any], T]) -> T:
    try:
        return parse(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise Unreadable(f"{file}: {error.strerror}") from None
    except RecursionError:
        raise Unreadable(f"{file}: nested too deeply") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"{file}: not a result of this project ({type(error).__name__}: {error})") from None


def _run(shower: Shower, node: Any) -> Run:
    return Run(
        _one_of(TARGETS, node["target"]),
        shower.shown(str(node["origin"])),
        _moment(node["began"]),
        float(node["seconds"]),
        _account(node["account"]),
        tuple(_test(shower, one) for one in node["tests"]),
    )


def _account(node: Any) -> Account | None:
    if node is None:
        return None
    budget = None if node["budget"] is None else int(node["budget"])
    counts = {name: int(node[name]) for name in ("sent", "accepted", "refused", "unknown")}
    return cast(Account, {"budget": budget, **counts})


def _test(shower: Shower, node: Any) -> Test:
    reason = node["reason"]
    seen: Seen = {
        "outcome": cast(Outcome, _one_of(get_args(Outcome), node["outcome"])),
        "reason": None if reason is None else shower.shown(str(reason), LONGEST_REASON),
        "seconds": float(node["seconds"]),
        "exchanges": [_exchange(shower, one) for one in node["exchanges"]],
    }
    return Test(shower.shown(str(node["id"])), tuple(map(str, node["promises"])), seen)


def _exchange(shower: Shower, node: Any) -> Exchange:
    status = int(node["status"])
    return {"sent": shower.shown(str(node["sent"])), "status": status, "reply": shower.shown(str(node["reply"]))}


def _mutants(shower: Shower, node: Any) -> MutantRun:
    mutants = tuple(_mutant(shower, one) for one in node["mutants"])
    return MutantRun(_moment(node["began"]), float(node["seconds"]), mutants)


def _mutant(shower: Shower, node: Any) -> Mutant:
    mutant: Mutant = {
        "name": shower.shown(str(node["name"])),
        "class": shower.shown(str(node["class"])),
        "sentence": shower.shown(str(node["sentence"])),
        "verdict": cast(Fate, _one_of(get_args(Fate), node["verdict"])),
        "promises": list(map(str, node["promises"])),
        "tests": [shower.shown(str(test)) for test in node["tests"][:MOST_TESTS]],
        "failed": len(node["tests"]),
        "seconds": float(node["seconds"]),
        "over_http": bool(node["over_http"]),
    }
    if node.get("argument"):
        mutant["argument"] = shower.shown(str(node["argument"]))
    return mutant


def _moment(node: Any) -> str:
    return datetime.fromisoformat(node).isoformat(timespec="seconds")


def _one_of(known: tuple[str, ...], found: Any) -> str:
    if found not in known:
        raise ValueError(f"{found!r:.80} is none of {', '.join(known)}")
    return str(found)
