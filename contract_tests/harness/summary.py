"""The last lines of a run: what is not concluded, then the broken promises, the most direct first.

A promise about one thing is more direct than one about any body or any reply. Where both are broken by the same kind of
fault, the second follows from the first. Most faults are few lines, so that they are seen without scrolling.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from contract_tests.harness.curl import FILE
from contract_tests.harness.evidence import BODIES, shortened
from contract_tests.harness.groups import Told
from contract_tests.model.promises import BROAD, OF_LIMITS, SPECIAL, all_promises

FOLDER = Path(__file__).parents[2] / "report"
MOST_SHOWN = 4  # promises that are shown with what was sent and what came
MOST_FOLLOWING = 4  # lines of those that follow
MOST_OPEN = 5  # lines of what is not concluded
LONGEST_ID = 140  # characters of the id of a test


class Summary:
    """Collects what failed or is open, promise by promise."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._broken: dict[str, list[Told]] = {}
        self._open: dict[str, list[str]] = {}  # promises that are not concluded, by the reason

    def add(self, told: Told) -> None:
        """Takes in what became of one test or sentence."""
        for promise in told.promises:
            if told.is_open:
                self._open.setdefault(told.reason, []).append(promise)
            elif told.outcome == "failed":
                self._broken.setdefault(promise, []).append(told)

    def lines(self) -> Iterator[str]:
        """The text."""
        yield from _capped((_open_line(*one) for one in self._open.items()), MOST_OPEN, "NOT CONCLUDED for", "reasons")
        direct, following = self._told_apart()
        for number, together in enumerate(_by_suffix(direct)):
            yield _head(together[0], self._broken[together[0]])
            if number < MOST_SHOWN:
                yield from self._details(_best(self._broken[together[0]]))
            yield from (_head(name, self._broken[name]) for name in together[1:])
        lines = (_head(name, self._broken[name], first) for name, first in following.items())
        yield from _capped(lines, MOST_FOLLOWING, "PROMISES BROKEN", "that follow")

    def _told_apart(self) -> tuple[list[str], dict[str, str]]:
        """The direct ones in their order, and those that follow from one of these."""
        order = {name: place for place, name in enumerate(all_promises())}
        counts = {name: len(failures) for name, failures in self._broken.items()}
        names = sorted(counts, key=lambda name: (_rank(name), -counts[name], order.get(name, len(order)), name))
        direct: list[str] = []
        following: dict[str, str] = {}
        for name in names:
            first = next((one for one in direct if self._follows(name, one)), None)
            if first is None:
                direct.append(name)
            else:
                following[name] = first
        return direct, following

    def _follows(self, name: str, first: str) -> bool:
        """Whether a promise is broken by the same kind of fault as a more direct one that it takes in, or builds on."""
        place, _, keyword = name.rpartition(".")
        takes_in = _suffix(name) in BROAD and _suffix(first) not in BROAD
        is_beside = keyword in SPECIAL and first.startswith(f"{place}.")
        return (takes_in or is_beside) and bool(self._kinds(name) & self._kinds(first))

    def _kinds(self, name: str) -> set[str]:
        return {told.evidence["kind"] for told in self._broken[name] if told.evidence.get("kind")}

    def _details(self, told: Told) -> Iterator[str]:
        shown = told.evidence
        if not shown.get("exchanges"):
            yield f"    that is  {shown.get('why') or shortened(told.reason, LONGEST_ID)}"
            return
        first, *others = shown["exchanges"]
        yield f"    sent  {first['sent']}"
        task = f", task {shown['task_id']}" if shown["task_id"] else ""
        came = f"{first['status']}{task}: {first['reply']}"
        if others:
            last = others[-1]
            came = f"{first['status']}{task}; then {last['sent']}: {last['status']} {last['reply']}"
        yield f"    came  {came}"
        if not shown["why"].startswith("answers "):  # which the line above says
            yield f"    that is  {shown['why']}"
        if shown["curl"]:
            yield f"    {self._runnable(shown)}"

    def _runnable(self, shown: dict[str, Any]) -> str:
        """The command, with its body in a file where it needs one."""
        line: str = shown["curl"]
        if shown["body"] is None:
            return line
        self._folder.mkdir(exist_ok=True)
        file = self._folder / f"{shown['body']}.json"
        file.write_bytes(BODIES[shown["body"]])
        return line.replace(f"@{FILE}", f"@{os.path.relpath(file)}")


def _head(name: str, failures: list[Told], first: str = "") -> str:
    text = all_promises()[name].text if name in all_promises() else "not a promise of the document"
    count = f"{len(failures)} test{'s' if len(failures) > 1 else ''}"
    follows = f"follows from {first}; " if first else ""
    return f"PROMISE BROKEN {name}: {text} ({follows}{count}: {shortened(failures[0].id, LONGEST_ID)})"


def _open_line(reason: str, promises: list[str]) -> str:
    reason = reason.removeprefix("not concluded: ")
    others = f" and {len(set(promises)) - 1} more" if len(set(promises)) > 1 else ""
    return f"NOT CONCLUDED for {promises[0]}{others}: {shortened(' '.join(reason.split()), 2 * LONGEST_ID)}"


def _best(failures: list[Told]) -> Told:
    """The failure that shows most: one with exchanges, the one that was sent most briefly."""
    shown = [one for one in failures if one.evidence.get("exchanges")]
    return min(shown, key=_length, default=failures[0])


def _length(told: Told) -> tuple[bool, int]:
    """How much there is to read of what was sent."""
    sent = told.evidence["exchanges"][0]["sent"]
    return told.evidence["body"] is not None, len(sent) + len(told.evidence["curl"])


def _by_suffix(names: Iterable[str]) -> Iterator[list[str]]:
    """The same promise of several operations together, at the place of the first one."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(_suffix(name), []).append(name)
    yield from found.values()


def _capped(lines: Iterable[str], most: int, begin: str, what: str) -> Iterator[str]:
    told = list(lines)
    yield from told[:most]
    if len(told) > most:
        yield f"{begin}: {len(told) - most} more {what}, see report/"


def _suffix(name: str) -> str:
    return name.partition(".")[2]


def _rank(name: str) -> int:
    """Limits are the most direct, then whatever speaks of one thing, then special ways to break such a promise, then
    what speaks of any body or reply.
    """
    keyword = name.rpartition(".")[2]
    if keyword in SPECIAL:
        return 2
    return 3 if _suffix(name) in BROAD else 0 if keyword in OF_LIMITS else 1
