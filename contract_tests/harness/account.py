"""The account of a run: what it has sent, what that has bought, and what the budget still covers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from contract_tests.model.body_expectations import Expectation


@dataclass
class Account:
    """What the run has sent, and what it has cost so far."""

    budget: int | None = None  # submissions that may be accepted; None without limit
    share: int | None = None  # the same, until the next test begins
    sent: int = 0
    accepted: int = 0
    refused: int = 0
    unknown: int = 0
    task_ids: list[str] = field(default_factory=list)
    bought: list[tuple[str, str]] = field(default_factory=list)  # the operation and the task of each one accepted
    surprises: list[str] = field(default_factory=list)  # submissions accepted that should have been refused
    unsettled: list[str] = field(default_factory=list)  # why the run is not concluded
    unfetched: dict[str, str] = field(default_factory=dict)  # what came of the document's pictures, by operation

    @property
    def spent(self) -> int:
        """What was or may have been bought."""
        return self.accepted + self.unknown

    def covers(self, expected: Expectation) -> bool:
        """Whether one more may be sent: one that should be refused also when exactly all is spent."""
        if self.budget is None:
            return True
        if expected == "refused":
            return self.spent <= self.budget
        return self.spent < (self.budget if self.share is None else self.share)

    def share_out(self, tests: int) -> None:
        """Gives the next test one part of what is left of the budget, if it is shared among so many."""
        if self.budget is not None:
            self.share = self.spent + math.ceil((self.budget - self.spent) / max(1, tests))
