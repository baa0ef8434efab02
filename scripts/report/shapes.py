"""The shape of `report/report.json`, which the page holds as well. Texts are shortened, and free of the key.

    {"made": ISO 8601, "headline": text,
     "document": {"title", "version", "file": "openapi/modellix.yaml"},
     "repository": web address that the file's name can follow, or null,
     "runs": [the stand-in's, then the live one, as far as there is one:
        {"target": "stand-in" | "live", "origin", "began", "seconds",
         "account": {"budget", "sent", "accepted", "refused", "unknown"} or null,
         "tests": {"passed", "failed", "skipped"}, "promises": {each verdict: how many}}],
     "promises": {each verdict: how many rows},
     "mutants": null or {"began", "seconds", "verdicts": {"killed", "survived", "equivalent"},
        "list": [{"name", "class", "sentence", "verdict", "promises": [id], "tests": [the first ids], "failed": how
          many tests, "seconds", "over_http"}]},
     "operations": [{"id", "method", "path", "summary", "line", "page", "verdict"}],
     "rows": [one for each promise:
        {"id", "operation", "field", "keyword", "text", "tag", "source", "limit": text or null, "line", "page",
         "verdict",
         "runs": {target: {"verdict", "passed", "failed", "skipped"}},
         "cases": [{"id": pytest's, "name", "side": "accepted" | "refused" | null,
            "runs": {target: {"outcome", "reason", "seconds", "exchanges": [{"sent", "status", "reply"}]}}}],
         "mutants": [names of those that the row's tests killed]}]}

A verdict is "broken" (a test failed), "kept" (some passed, none failed), "not run" or "not testable"; that of a row
is the worst of its runs, that of an operation the worst of its rows. Of a promise that only the stand-in can show, the
live verdict is "not testable". `side` says what should become of a request, within a limit or beyond it. Lines count
from 1; `field` is empty where a promise is about no single field.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

Verdict = Literal["broken", "kept", "not run", "not testable"]
VERDICTS: tuple[Verdict, ...] = ("broken", "kept", "not run", "not testable")
"""The worst first."""

Side = Literal["accepted", "refused"]
SIDES: tuple[Side, ...] = ("accepted", "refused")
Outcome = Literal["passed", "failed", "skipped"]
Fate = Literal["killed", "survived", "equivalent"]
FATES: tuple[Fate, ...] = ("killed", "survived", "equivalent")


class Exchange(TypedDict):
    """One request as it was sent, and the reply to it."""

    sent: str
    status: int
    reply: str


class Seen(TypedDict):
    """What one test found at one target."""

    outcome: Outcome
    reason: str | None
    seconds: float
    exchanges: list[Exchange]


class Case(TypedDict):
    """One test of a promise, with what it found at each target."""

    id: str
    name: str
    side: Side | None
    runs: dict[str, Seen]


class Counts(TypedDict):
    """How many tests passed, failed or were skipped."""

    passed: int
    failed: int
    skipped: int


class RowRun(Counts):
    """What one run says of one promise."""

    verdict: Verdict


class Row(TypedDict):
    """One promise, with its tests and mutants."""

    id: str
    operation: str
    field: str
    keyword: str
    text: str
    tag: str
    source: str
    limit: str | None
    line: int
    page: str
    verdict: Verdict
    runs: dict[str, RowRun]
    cases: list[Case]
    mutants: list[str]


class OperationRow(TypedDict):
    """One operation, with what the runs say of it as a whole."""

    id: str
    method: str
    path: str
    summary: str
    line: int
    page: str
    verdict: Verdict


class Account(TypedDict):
    """What a live run has spent."""

    budget: int | None
    sent: int
    accepted: int
    refused: int
    unknown: int


class RunSummary(TypedDict):
    """One run against one target."""

    target: str
    origin: str
    began: str
    seconds: float
    account: Account | None
    tests: Counts
    promises: dict[Verdict, int]


Mutant = TypedDict(
    "Mutant",
    {
        "name": str,
        "class": str,
        "sentence": str,
        "verdict": Fate,
        "promises": list[str],
        "tests": list[str],
        "failed": int,
        "seconds": float,
        "over_http": bool,
        "argument": NotRequired[str],  # why an equivalent one cannot be told apart
    },
)


class Mutants(TypedDict):
    """The last session of mutants."""

    began: str
    seconds: float
    verdicts: dict[Fate, int]
    list: list[Mutant]


class DocumentNote(TypedDict):
    """The document that was tested."""

    title: str
    version: str
    file: str


class Report(TypedDict):
    """All of it."""

    made: str
    headline: str
    document: DocumentNote
    repository: str | None
    runs: list[RunSummary]
    promises: dict[Verdict, int]
    mutants: Mutants | None
    operations: list[OperationRow]
    rows: list[Row]
