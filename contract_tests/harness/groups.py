"""Many sentences in one test: an item for each operation, field and side.

A refusal costs less than the item around it. The message of an item lists each sentence that fails, and its report
carries what became of each, so that the closing lines, the report and the mutants know them by ids of their own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

import pytest

from contract_tests.harness import evidence
from contract_tests.harness.blame import Broken
from contract_tests.harness.not_concluded import NotConcluded
from contract_tests.model.document import Operation

LONGEST = 300  # characters of one reason in a message
LONGEST_REASON = 2000  # characters of a failure's text in the report


class Sentence(Protocol):
    """What a group is made of: cases and bad requests."""

    @property
    def sentence(self) -> str: ...

    @property
    def operation(self) -> Operation: ...


T = TypeVar("T", bound=Sentence)


@dataclass(frozen=True, eq=False)
class Member(Generic[T]):
    """One sentence, the field or other subject that it is about, and its marks: the promise, what it looks at."""

    one: T
    subject: str
    promise: str = ""  # without the operation
    marks: tuple[pytest.MarkDecorator, ...] = ()
    is_spared: bool = False  # left out against the stand-in


@dataclass(frozen=True, eq=False)
class Group(Generic[T]):
    """The sentences of one test."""

    name: str
    operation: Operation
    members: list[Member[T]] = field(repr=False)

    @property
    def submission(self) -> Operation | None:
        """The one whose tasks the operation reads, where the sentences say so."""
        return getattr(self.members[0].one, "submission", None)

    @property
    def marks(self) -> Iterator[pytest.MarkDecorator]:
        """Those of all members, each once."""
        promises = dict.fromkeys(member.promise for member in self.members if member.promise)
        if promises:
            yield pytest.mark.promise(*promises)
        known: dict[Any, pytest.MarkDecorator] = {}
        for mark in (mark for member in self.members for mark in member.marks):
            known.setdefault((mark.name, *map(id, mark.args)), mark)
        yield from known.values()
        yield pytest.mark.sentences(*(member.one.sentence for member in self.members))


def each_of(members: Iterable[Member[Any]]) -> pytest.MarkDecorator:
    """Has a test called with a `group` of these sentences at a time."""
    return pytest.mark.each_of(list(members))


def parametrize(metafunc: pytest.Metafunc, *, spares: bool) -> None:
    """Makes the groups of a test that has such a mark; `spares` leaves out what is spared."""
    mark = metafunc.definition.get_closest_marker("each_of")
    if mark is not None:
        groups = _by_subject(one for one in mark.args[0] if not (spares and one.is_spared))
        params = [pytest.param(group, id=group.name, marks=list(group.marks)) for group in groups]
        metafunc.parametrize("group", params)


def _by_subject(members: Iterable[Member[Any]]) -> Iterator[Group[Any]]:
    found: dict[tuple[Operation, str], list[Member[Any]]] = {}
    for member in members:
        found.setdefault((member.one.operation, member.subject), []).append(member)
    for (operation, subject), together in found.items():
        yield Group(f"{operation.name} {subject}", operation, together)


class Each:
    """Checks the sentences of a group one after another, whatever becomes of those before."""

    def __init__(self, item: pytest.Item, exchanges: Callable[[], list[str]], redact: Callable[[str], str]) -> None:
        self._item = item
        self._exchanges = exchanges  # what was exchanged since it was last called
        self._redact = redact

    def __call__(self, group: Group[T], check: Callable[[T], None]) -> None:
        """Calls `check` with each sentence. Raises AssertionError with a line for each one that failed."""
        raised = {member.one.sentence: self._noted(member, check) for member in group.members}
        failed = {sentence: error for sentence, error in raised.items() if error is not None}
        skipped = [error for error in failed.values() if isinstance(error, pytest.skip.Exception)]
        broken = {sentence: error for sentence, error in failed.items() if _outcome(error) == "failed"}
        if broken:
            named = [_promise_of(one, broken[one.one.sentence]) for one in group.members if one.one.sentence in broken]
            leave_promises(self._item, named)
            lines = [f"  {sentence}: {_cut(_reason(error))}" for sentence, error in broken.items()]
            raise AssertionError("\n".join([f"{len(broken)} of {len(raised)} sentences fail:", *lines]))
        for error in failed.values():
            if isinstance(error, NotConcluded) or len(skipped) == len(raised):
                raise error

    def _noted(self, member: Member[T], check: Callable[[T], None]) -> BaseException | None:
        """What a check raised, after noting what became of the sentence for the report."""
        began, error = time.perf_counter(), None
        try:
            check(member.one)
        except pytest.exit.Exception:
            raise  # of the whole run
        except (Exception, pytest.skip.Exception, pytest.fail.Exception) as caught:
            error = caught
        shown = evidence.of_failure(self._item, error, self._redact) if error and _outcome(error) == "failed" else {}
        note = {
            "id": sentence_id(self._item, member.one.sentence),
            "promise": _promise_of(member, error) or None,
            "outcome": _outcome(error),
            "is_open": isinstance(error, NotConcluded),
            "reason": None if error is None else self._redact(_reason(error))[:LONGEST_REASON],
            "seconds": round(time.perf_counter() - began, 4),
            "evidence": shown,
            "exchanges": self._exchanges(),
        }
        self._item.user_properties.append(("sentence", json.dumps(note)))
        return error


def leave_promises(item: pytest.Item, promises: Iterable[str]) -> None:
    """Leaves an item with these promises alone: the ones that its failure is about."""
    others = [pair for pair in item.user_properties if pair[0] != "promise"]
    item.user_properties = [*others, *(("promise", promise) for promise in dict.fromkeys(promises) if promise)]


def _promise_of(member: Member[Any], error: BaseException | None) -> str:
    """The promise that a sentence is about, or the one that its failure is about; empty when there is none."""
    suffix = error.promise if isinstance(error, Broken) and error.promise else member.promise
    return f"{member.one.operation.name}.{suffix}" if suffix else ""


def sentence_id(item: pytest.Item, sentence: str) -> str:
    """What the sentence is called in the closing lines, the report and the mutants."""
    return f"{item.nodeid.partition('[')[0]}[{sentence.encode('unicode_escape').decode('ascii')}]"


def sentences_of(item: pytest.Item) -> list[str]:
    """Those ids, for an item that is a group."""
    mark = item.get_closest_marker("sentences")
    return [sentence_id(item, sentence) for sentence in mark.args] if mark is not None else []


def has_noted(item: pytest.Item) -> bool:
    """Whether an item has noted what became of each of its sentences."""
    return any(name == "sentence" for name, _ in item.user_properties)


def left_out_of(item: pytest.Item, report: pytest.TestReport) -> Iterator[pytest.TestReport]:
    """A report for each skipped sentence of a group but the one that the group's own report may stand for."""
    reasons = [one["reason"] for one in noted(report) if one["outcome"] == "skipped" and not one["is_open"]]
    for reason in reasons[report.skipped :] if report.when == "call" else ():
        where = (str(item.path), (item.location[1] or 0) + 1, f"Skipped: {reason}")
        yield pytest.TestReport(item.nodeid, item.location, {}, "skipped", where, "call")


@dataclass(frozen=True)
class Told:
    """What became of one sentence, or of a test that is no group."""

    id: str
    promises: list[str]
    outcome: str
    is_open: bool  # nothing follows from it
    reason: str
    evidence: dict[str, Any] = field(default_factory=dict)  # of a failure, as `evidence.py` makes it


def told_by(report: pytest.TestReport) -> Iterator[Told]:
    """What a report says, sentence by sentence."""
    sentences = noted(report) if report.when == "call" else []
    for one in sentences:
        promises = [one["promise"]] if one["promise"] else []
        yield Told(one["id"], promises, one["outcome"], one["is_open"], one["reason"] or "", one["evidence"])
    if not sentences and not report.passed:
        promises = [str(value) for name, value in report.user_properties if name == "promise"]
        is_open, shown = getattr(report, "is_open", False), evidence.noted_on(report)
        yield Told(report.nodeid, promises, report.outcome, is_open, reason_of(report), shown)


def reason_of(report: pytest.TestReport) -> str:
    """Why a test failed or was skipped. Of what is not concluded, without the case that Hypothesis adds."""
    if why := getattr(report, "why_open", ""):
        return f"not concluded: {why}"
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2]
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message) if crash is not None else str(report.longrepr)


def noted(report: pytest.TestReport) -> list[dict[str, Any]]:
    """What became of each sentence of a group; empty for other tests."""
    return [json.loads(str(value)) for name, value in report.user_properties if name == "sentence"]


def _outcome(error: BaseException | None) -> str:
    if error is None:
        return "passed"
    return "skipped" if isinstance(error, pytest.skip.Exception | NotConcluded) else "failed"


def _reason(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return f"not concluded: {text}" if isinstance(error, NotConcluded) else text


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."
