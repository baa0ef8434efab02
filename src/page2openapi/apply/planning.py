"""What a page comes to: edits of an operation, or a new one, and what is left for a hand."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from page2openapi.apply.edits import Edit, edit_for
from page2openapi.apply.new_operation import add_operation
from page2openapi.apply.places import REASONS, Body, NeedsManualEdit, Owner, is_inside
from page2openapi.drift import Contract, compare_with_contract
from page2openapi.drift.document import StatedOperation, operation_on
from page2openapi.index.progress import Progress
from page2openapi.page import Page
from page2openapi.report import located

_GIVE_ON = "a limit because of a sentence; if a field of the page says so now, give it the limit and `x-prose`"

AddressOf = Callable[[Page], str | None]  # where a page is, as far as anybody knows


@dataclass
class Plan:
    """A page that was read whole, and what is said of it."""

    page: Page
    owner: Owner
    edits: list[Edit] = field(default_factory=list[Edit])
    notes: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])  # places to look at, and why
    reasons: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])


class Planner:
    """Plans for pages. New operations join the document at once, because their names depend on one another.

    `lines` is what is to be said of new models; `added` and `refused` count them.
    """

    def __init__(self, contract: Contract, root: Any, address_of: AddressOf) -> None:
        self._contract, self._root, self._address_of = contract, root, address_of
        self.lines = list[str]()
        self.added = self.refused = 0

    def plans(self, pages: Sequence[Page], *, counted: bool) -> list[Plan]:
        """The plans in the order in which they are written. `counted` says how far it is on the way."""
        progress = Progress("writing", len(pages) if counted else 0)
        plans = list[Plan]()
        for page in self._in_order(pages):
            plan = self._plan(page)
            plans += [plan] if plan is not None else []
            progress.step()
        return plans

    def _in_order(self, pages: Sequence[Page]) -> list[Page]:
        """Those that can be applied: new models by their address, so that names do not depend on the order of pages."""
        known = [page for page in pages if not page.problems and self._contract.operation_of(page)]
        new = [page for page in pages if not page.problems and not self._contract.operation_of(page)]
        return known + sorted(new, key=lambda page: operation_on(page).urls)

    def _plan(self, page: Page) -> Plan | None:
        operation = self._contract.operation_of(page)
        return self._new_plan(page) if operation is None else self._edits(page, operation)

    def _edits(self, page: Page, operation: StatedOperation) -> Plan:
        plan = Plan(page, (str(operation.path), str(operation.method)))
        bodies = Body(operation_on(page)), Body(operation)
        differences = compare_with_contract(page, self._contract)
        other_types = [one.where for one in differences if one.kind == "type" and one.where.startswith("body")]
        for difference in differences:
            try:
                if is_inside(difference.where, other_types):
                    raise NeedsManualEdit(REASONS["type"])
                edit = edit_for(difference, plan.owner, *bodies)
                plan.edits.append(edit)
                if edit.kind == "field removed" and bodies[1].rests_on_prose((*edit.site, edit.name)):
                    plan.notes.append((difference.where, f"{difference.where} had {_GIVE_ON}"))
            except NeedsManualEdit as reason:
                plan.reasons[difference.where, difference.kind] = str(reason)
        return plan

    def _new_plan(self, page: Page) -> Plan | None:
        date = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"
        operation, address = operation_on(page), self._address_of(page)
        if address is not None:
            operation.node["externalDocs"] = {"url": address}
        try:
            added = add_operation(self._root, operation, date)
            self.added += 1
            self.lines += [f"{located(page.source, page.line_of('url'))}: {note}" for note in added.notes]
            return Plan(page, (added.path, added.method))
        except NeedsManualEdit as reason:
            self.refused += 1
            place = located(page.source, page.line_of("url"))
            self.lines.append(f"{place}: no operation was made of it; by hand: {reason}")
            return None
