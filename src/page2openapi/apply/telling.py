"""What is said of pages that were applied: by its lines, what the document still does not say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from page2openapi.apply.patterns import reason_left
from page2openapi.apply.planning import Plan
from page2openapi.drift import Contract, Difference, compare_with_contract
from page2openapi.drift.document import StatedOperation
from page2openapi.report import located, say
from scripts.regenerate.field_types import renamed


def say_names(path: Path, before: Any, after: Any) -> None:
    """Says what the client will call otherwise than its path alone would have it, and did not before."""
    known = renamed(before)
    for line in renamed(after):
        if line not in known:
            say(f"{path}: {line}")


class Telling:
    """Says what is left for a hand, and counts it in `left`."""

    def __init__(self, path: Path, before: Contract, now: Contract, *, dry_run: bool) -> None:
        self._path, self._before, self._now, self._dry_run = path, before, now, dry_run
        self.left = 0

    def say_left(self, plans: Sequence[Plan]) -> None:
        """What the document still does not say, by its own lines: those before, if nothing was written."""
        for plan in plans:
            known = self._before.operation_of(plan.page)
            for difference in self._differences(plan, is_known=known is not None):
                reason = plan.reasons.get((difference.where, difference.kind)) or reason_left(difference)
                self._say_by_hand(difference.as_text(str(self._path), plan.page.source), reason)
            for place, reason in plan.notes:
                self._say_by_hand(located(plan.page.source, plan.page.line_of(place)), reason)
            if known is None and not self._dry_run:
                self._say_unfetched(self._now.operation_of(plan.page))

    def _differences(self, plan: Plan, *, is_known: bool) -> list[Difference]:
        left = compare_with_contract(plan.page, self._now)
        if not (self._dry_run and is_known):
            return left
        places = {(one.where, one.kind) for one in left}
        before = compare_with_contract(plan.page, self._before)
        return [one for one in before if (one.where, one.kind) in places]

    def _say_by_hand(self, what: str, reason: str) -> None:
        self.left += 1
        say(f"{what}; by hand: {reason}")

    def _say_unfetched(self, added: StatedOperation | None) -> None:
        """Not counted as left: the document says all that the page says."""
        if added is not None and "externalDocs" not in added.node:
            place = located(str(self._path), added.line_of("url"))
            say(f"{place}: the page does not tell its address; add it as externalDocs, so that `check` can fetch it")
