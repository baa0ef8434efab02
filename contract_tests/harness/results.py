"""What a run of the API-facing tests found, on disk for the report: one JSON file for each target.

    {"target": "stand-in" or "live", "origin": URL, "began": ISO 8601 in UTC, "seconds": number,
     "account": {"budget", "sent", "accepted", "refused", "unknown"} of a live run, else null,
     "tests": [{"id": pytest's, "outcome": "passed" | "failed" | "skipped", "reason": text or null, "seconds": number,
                "promises": [id], "exchanges": [{"sent": text, "status": number, "reply": text}],
                "curl": text, where a test failed on a live API}]}

Bodies are shortened, and the key is taken out. Where `curl` names a file BODY, the closing lines of the run do so as
well, with its name.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from contract_tests.harness import evidence
from contract_tests.harness.account import Account
from contract_tests.harness.groups import LONGEST_REASON, noted, reason_of

FOLDER = Path(__file__).parents[2] / "report"


class Results:
    """Collects outcomes, and writes them when all API-facing files had a part in the run."""

    def __init__(self, target: str, origin: str, redact: Callable[[str], str] = str) -> None:
        self._target = target
        self._origin = origin
        self._redact = redact
        self._began = datetime.now(UTC)
        self._clock = time.monotonic()
        self._tests: dict[str, dict[str, Any]] = {}

    def exchanges_of(self, item: pytest.Item) -> list[tuple[str, object]]:
        """What a test has exchanged with the API, to be noted on its report, which may travel to another process."""
        return [("exchange", self._shown(seen)) for seen in evidence.looked_at(item)]

    def new_exchanges(self, item: pytest.Item) -> list[str]:
        """The same for one sentence of several: what the test has looked at since the last one."""
        seen = [self._shown(one) for one in evidence.looked_at(item)]
        recorded = getattr(item, "funcargs", {}).get("recorded")
        if recorded is not None:
            recorded.seen.clear()
        return seen

    def add(self, report: pytest.TestReport) -> None:
        """Takes in one report of a test that is about a promise, a group sentence by sentence."""
        sentences = noted(report)
        if sentences and report.when == "call":
            self._tests |= {one["id"]: self._of_sentence(one) for one in sentences if one["promise"]}
            return
        properties = [(name, str(value)) for name, value in report.user_properties]
        promises = [value for name, value in properties if name == "promise"]
        if not promises or (report.when != "call" and report.passed):
            return
        is_open = getattr(report, "is_open", False)  # nothing follows from it, so it is no failure
        self._tests[report.nodeid] = {
            "id": report.nodeid,
            "outcome": "skipped" if is_open else report.outcome,
            "reason": None if report.passed else self._redact(reason_of(report))[:LONGEST_REASON],
            "seconds": round(report.duration, 4),
            "promises": promises,
            **_exchanged(evidence.noted_on(report), [value for name, value in properties if name == "exchange"]),
        }

    def _of_sentence(self, one: dict[str, Any]) -> dict[str, Any]:
        reason = None if one["reason"] is None else self._redact(one["reason"])
        return {
            "id": one["id"],
            "outcome": one["outcome"],
            "reason": reason,
            "seconds": one["seconds"],
            "promises": [one["promise"]],
            **_exchanged(one["evidence"], one["exchanges"]),
        }

    def write(self, root: Path, account: Account | None) -> None:
        """Writes the file, unless the run left out some of the tests in the repository at `root`."""
        if not self._is_complete(root):
            return
        FOLDER.mkdir(exist_ok=True)
        file = FOLDER / f"{self._target}.json"
        file.with_suffix(".tmp").write_text(json.dumps(self.found(account)) + "\n", encoding="utf-8")
        file.with_suffix(".tmp").replace(file)

    def _is_complete(self, root: Path) -> bool:
        """Whether tests of every API-facing file were part of the run: one test alone is nothing to report."""
        files = {root / node.partition("::")[0] for node in self._tests}
        return files >= set((Path(__file__).parents[1] / "api").glob("test_*.py"))

    def found(self, account: Account | None = None) -> dict[str, Any]:
        """What the file holds."""
        names = ("budget", "sent", "accepted", "refused", "unknown")
        return {
            "target": self._target,
            "origin": self._origin,
            "began": self._began.isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self._clock, 1),
            "account": account and {name: getattr(account, name) for name in names},
            "tests": [self._tests[name] for name in sorted(self._tests)],  # they ran in random order
        }

    def _shown(self, reply: httpx.Response) -> str:
        return json.dumps(evidence.exchange(reply, self._redact))


def _exchanged(shown: dict[str, Any], seen: list[str]) -> dict[str, Any]:
    """What a test exchanged: where it failed, what shows that, with a command that sends it again."""
    if not shown:
        return {"exchanges": list(map(json.loads, seen))}
    exchanges = {"exchanges": shown["exchanges"] or list(map(json.loads, seen))}
    return exchanges | ({"curl": shown["curl"]} if shown["curl"] else {})
