"""What a mutant is, what came of running the suite against it, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Kind = Literal["stand-in", "document", "generated client", "client"]
KINDS: tuple[Kind, ...] = ("stand-in", "document", "generated client", "client")
Verdict = Literal["killed", "survived", "equivalent"]

MOST_TESTS = 20  # of those that failed, in the report


@dataclass(frozen=True)
class Candidate:
    """A collected test, as far as a choice of tests needs to know it."""

    id: str  # pytest's
    promises: tuple[str, ...] = ()
    is_random: bool = False
    sentences: tuple[str, ...] = ()  # of a group, by the ids that they have as tests of their own

    @cached_property
    def parameters(self) -> frozenset[str]:
        """What stands in brackets in those ids, with the brackets."""
        return frozenset("[" + one.partition("[")[2] for one in (self.id, *self.sentences))

    def is_called(self, name: str) -> bool:
        """Whether a part of its id, or of that of one of its sentences, is this."""
        return any(name in one for one in (self.id, *self.sentences))


Choice = Callable[[Candidate], bool]


def every(test: Candidate) -> bool:
    """The choice of all tests of a mutant's files."""
    return True


def none(test: Candidate) -> bool:
    """The choice of no test."""
    return False


@dataclass(frozen=True)
class Mutant:
    """One small fault. `apply` makes it in the running process, and raises NotApplied when what it changes is gone.

    It counts as killed when a test of one of the choices fails and names what is expected: a promise's id, or a part of
    the test's own id. A choice is run when the one before it let the mutant live.
    """

    name: str
    kind: Kind
    sentence: str
    apply: Callable[[], object] = field(repr=False)
    expects: tuple[str, ...]
    files: tuple[str, ...]  # to be collected
    choices: tuple[Choice, ...] = field(repr=False)
    controls: Choice = field(default=none, repr=False)  # where such tests fail too, more is broken than it says
    equivalent: str = ""  # the argument why no test can tell it from the original
    is_about_ending: bool = False  # so that a test which never ends is what kills it
    seconds: float = 60.0  # after which the suite is taken to hang
    is_over_http: bool = False
    stops_at_death: bool = False  # the first test that objects as expected is the last one that runs
    sort: str = ""  # what is wrong and how, wherever that is: "maxLength: one more"; for a sample
    operation: str = ""  # the name of the one that it is about
    field: str = ""  # of its request, whose limits it is about


@dataclass
class Findings:
    """What the suite said of one mutant."""

    passed: int = 0
    failed: list[str] = field(default_factory=list[str])  # ids of tests, in their order
    errors: list[str] = field(default_factory=list[str])  # the same, where it was no line of theirs that objected
    promises: list[str] = field(default_factory=list[str])  # broken ones
    hung: str = ""  # the test during which the time was up
    problem: str = ""  # why the suite could not be run at all
    reasons: list[str] = field(default_factory=list[str])  # of the first failures
    seconds: float = 0.0

    def names(self, expected: Sequence[str]) -> bool:
        """Whether what was expected is among the broken promises, or in the id of a test that failed."""
        return any(one in self.promises or any(one in test for test in self.failed) for one in expected)


@dataclass(frozen=True)
class Outcome:
    """A mutant, what the suite said, and the verdict. `fault` says what is wrong when the session has to fail."""

    mutant: Mutant
    findings: Findings
    verdict: Verdict
    fault: str = ""


def judged(mutant: Mutant, found: Findings) -> Outcome:
    """The verdict on a mutant."""
    ends_it = mutant.is_about_ending and any(one in found.hung for one in mutant.expects)
    killed = not found.problem and (found.names(mutant.expects) or (bool(found.hung) and ends_it))
    if mutant.equivalent:
        fault = "said to be equivalent, and yet a test objects" if killed or found.failed else found.problem
        return Outcome(mutant, found, "survived" if fault else "equivalent", fault)
    if killed:
        crude = next((test for test in found.failed if mutant.controls(Candidate(test))), "")
        return Outcome(mutant, found, "killed", f"breaks more than it says: {crude} fails" if crude else "")
    return Outcome(mutant, found, "survived", _fault(found))


def _fault(found: Findings) -> str:
    if found.problem:
        return found.problem
    if found.hung:
        return f"timed out in {found.hung}"
    if found.failed or found.errors:
        return f"killed for another reason: {(found.failed + found.errors)[0]}"
    return "survived" if found.passed else "no test was chosen"


def as_json(outcome: Outcome) -> dict[str, Any]:
    """The outcome as `report/mutants.json` has it."""
    mutant, found = outcome.mutant, outcome.findings
    return {
        "name": mutant.name,
        "class": mutant.kind,
        "sentence": mutant.sentence,
        "verdict": outcome.verdict,
        "fault": outcome.fault,
        "argument": mutant.equivalent,
        "promises": found.promises,
        "tests": found.failed[:MOST_TESTS],
        "seconds": round(found.seconds, 2),
        "over_http": mutant.is_over_http,
    }
