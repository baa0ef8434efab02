"""The course of `apply`: pages are compared, edits written, the rest is said with its place."""

from __future__ import annotations

import datetime
import difflib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml.error import YAMLError

from modellix._openapi import object_at
from page2openapi.apply.edits import Edit, edit_for, write
from page2openapi.apply.examples import follow_names
from page2openapi.apply.new_operation import add_operation
from page2openapi.apply.patterns import reason_left
from page2openapi.apply.places import REASONS, Body, NeedsManualEdit, Owner, is_inside
from page2openapi.apply.trial import why_not, why_not_valid
from page2openapi.apply.yaml_edit import dump, load
from page2openapi.drift import CONTRACT, Contract, compare_with_contract
from page2openapi.drift.document import StatedOperation, operation_on
from page2openapi.index.cache import Cache
from page2openapi.index.progress import Progress
from page2openapi.inputs import CannotRead, load_page
from page2openapi.outputs import replace_text
from page2openapi.page import Page
from page2openapi.report import DONE, DRIFTED, UNREAD, USAGE, located, say, say_problems
from scripts.regenerate.field_types import types_renamed
from scripts.regenerate.method_names import unlike_the_path
from scripts.regenerate.refusal import printable
from scripts.regenerate.yaml_lines import NotYaml

_GIVE_ON = "a limit because of a sentence; if a field of the page says so now, give it the limit and `x-prose`"


_AddressOf = Callable[[Page], str | None]
_Check = Callable[[str, Any, str], str | None]  # such as `why_not`


def run(paths: Sequence[str], *, dry_run: bool) -> int:
    """Applies the pages in these files and returns the exit status."""
    pages, unread = list[Page](), False
    for name in paths:
        try:
            pages.append(load_page(name))
        except CannotRead as error:
            say(str(error))
            unread = True
    known = Cache().state.get("models", {})
    status, _ = write_pages(
        pages, CONTRACT, dry_run=dry_run, address_of=lambda page: _in_index(page, known), counted=True
    )
    return UNREAD if unread and status != USAGE else status


def apply_pages(pages: Sequence[Page], path: Path, *, dry_run: bool = False) -> int:
    """The same as `write_pages`, for pages whose addresses nobody knows. Returns the status alone."""
    return write_pages(pages, path, dry_run=dry_run)[0]


def write_pages(
    pages: Sequence[Page],
    path: Path,
    *,
    dry_run: bool = False,
    address_of: _AddressOf = lambda _: None,
    counted: bool = False,
) -> tuple[int, list[Page]]:
    """Writes what the pages say into the document at `path`. `address_of` knows where a page of a new model is.
    `counted` says how far it is on the way.

    Returns a status and the pages that were written, or would be: 0 when all was written, 1 when something is left for
    a hand or a dry run would write, 2 when the document or the choice of pages makes no sense, 3 when a page could not
    be read whole. When the client cannot be generated from all, the pages that prevent it are left out.
    """
    try:
        whole = [page for page in pages if not _say_unread(page)]
        application = _Application(path, address_of, counted=counted)
        status = application.apply(whole, dry_run=dry_run)
        if application.refusal is None:
            return _worst(status, len(whole) < len(pages)), application.written
        good = whole
        for trial in (why_not_valid, why_not) if len(whole) > 1 else ():  # The first takes a tenth of the time.
            progress = Progress("looking for pages that prevent a client", len(good) if counted else 0)
            good = _sift(good, path, address_of, trial, progress)
            application = _Application(path, address_of)
            application.apply(good, dry_run=dry_run)
            if application.refusal is None:
                break
        if application.refusal is not None:
            application.say_planned()
            say(f"{path}: nothing was written, because the client could not be generated: {application.refusal}")
        return _worst(DRIFTED, len(whole) < len(pages)), application.written
    except _Hopeless as error:
        say(f"{path}: {error}")
        return USAGE, []


def _say_unread(page: Page) -> bool:
    unread = say_problems(page)
    if unread:
        say(f"{page.source}: not read whole, so nothing of it is applied")
    return unread


def _worst(status: int, unread: bool) -> int:
    return UNREAD if unread and status != USAGE else status


def _sift(pages: Sequence[Page], path: Path, address_of: _AddressOf, trial: _Check, progress: Progress) -> list[Page]:
    """The pages that pass a check, found by halves; says why of each other."""
    application = _Application(path, address_of, trial)
    application.apply(pages, dry_run=True)
    if application.refusal is None:
        progress.step(len(pages))
        return list(pages)
    if len(pages) == 1:
        progress.step()
        progress.stop()
        say(f"{pages[0].source}: not written, because the client could not be generated: {application.refusal}")
        return []
    half = len(pages) // 2
    return [one for part in (pages[:half], pages[half:]) for one in _sift(part, path, address_of, trial, progress)]


def _in_index(page: Page, known: object) -> str | None:
    """The address of a page, where the index that was read last knows the model."""
    urls = operation_on(page).urls
    address = object_at(known).get(urls[0]) if urls else None
    return address if isinstance(address, str) else None


class _Hopeless(Exception):
    """Why nothing can be applied at all."""


@dataclass
class _Plan:
    """A page that was read whole, and what is said of it."""

    page: Page
    owner: Owner
    edits: list[Edit] = field(default_factory=list[Edit])
    notes: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])  # places to look at, and why
    reasons: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])


class _Application:
    def __init__(
        self, path: Path, address_of: _AddressOf, trial: _Check | None = None, *, counted: bool = False
    ) -> None:
        self._path = path
        self._address_of = address_of
        self._counted = counted
        self._trial = trial  # a check that is tried, with nothing said or written
        self.refusal: str | None = None  # why nothing is to be written
        self.written = list[Page]()
        self._planned = list[str]()  # what is to be said of new models
        try:
            self._text = path.read_bytes().decode("utf-8")
            self._contract = Contract.parse(self._text, str(path))
            self._root: Any = load(self._text)
        except (OSError, ValueError, NotYaml, YAMLError) as error:
            raise _Hopeless(f"cannot be read: {str(error).splitlines()[0]}") from None
        self._left = 0
        self._added = False  # an operation

    def apply(self, pages: Sequence[Page], *, dry_run: bool) -> int:
        plans = self._plans(pages)
        _refuse_repeats(plans)
        edited = write(self._root, (edit for plan in plans for edit in plan.edits))
        renaming = [plan.owner for plan in plans if any(edit.kind.startswith("field") for edit in plan.edits)]
        if edited and renaming:
            follow_names(self._root, load(self._text), renaming)
        text = dump(self._root) if edited or self._added else self._text
        if text != self._text:
            self.refusal = (self._trial or why_not)(text, self._root, self._path.name)
            if self.refusal is not None or self._trial is not None:
                return DRIFTED
            self._write(text, dry_run=dry_run)
        self.written = [plan.page for plan in plans]
        self.say_planned()
        if self._added:
            self._say_names()
        self._say_left(plans, text, dry_run=dry_run)
        would_change = dry_run and text != self._text
        return DRIFTED if self._left or would_change else DONE

    def say_planned(self) -> None:
        """Says what names new models have, and which cannot be added."""
        for line in self._planned:
            say(line)

    # Planning.

    def _plans(self, pages: Sequence[Page]) -> list[_Plan]:
        progress = Progress("writing", len(pages) if self._counted else 0)
        plans = list[_Plan]()
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

    def _plan(self, page: Page) -> _Plan | None:
        operation = self._contract.operation_of(page)
        if operation is None:
            return self._new_plan(page)
        plan = _Plan(page, (str(operation.path), str(operation.method)))
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

    def _new_plan(self, page: Page) -> _Plan | None:
        date = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"
        operation, address = operation_on(page), self._address_of(page)
        if address is not None:
            operation.node["externalDocs"] = {"url": address}
        try:
            added = add_operation(self._root, operation, date)
            self._added = True
            self._planned += [f"{located(page.source, page.line_of('url'))}: {note}" for note in added.notes]
            return _Plan(page, (added.path, added.method))
        except NeedsManualEdit as reason:
            self._left += 1
            place = located(page.source, page.line_of("url"))
            self._planned.append(f"{place}: no operation was made of it; by hand: {reason}")
            return None

    # Writing and telling.

    def _write(self, text: str, *, dry_run: bool) -> None:
        name = self._path.name
        old, new = self._text.split("\n")[:-1], text.split("\n")[:-1]
        for line in difflib.unified_diff(old, new, f"{name} as it was", f"{name} as the pages say", lineterm=""):
            print(printable(line))
        sys.stdout.flush()
        if not dry_run:
            try:
                replace_text(self._path, text)
            except OSError as error:
                raise _Hopeless(f"cannot be written: {error.strerror or error}") from None

    def _say_names(self) -> None:
        """What the client will call otherwise than its path alone would have it, and did not before."""
        before = _unlike(self._contract.document)
        for line in _unlike(self._root):
            if line not in before:
                say(f"{self._path}: {line}")

    def _say_left(self, plans: Sequence[_Plan], text: str, *, dry_run: bool) -> None:
        """What the document still does not say, by its own lines: those before, if nothing was written."""
        now = self._contract if text == self._text else Contract.parse(text, str(self._path))
        for plan in plans:
            left = compare_with_contract(plan.page, now)
            known = self._contract.operation_of(plan.page)
            if dry_run and known is not None:
                places = {(one.where, one.kind) for one in left}
                before = compare_with_contract(plan.page, self._contract)
                left = [one for one in before if (one.where, one.kind) in places]
            for difference in left:
                reason = plan.reasons.get((difference.where, difference.kind)) or reason_left(difference)
                self._say_by_hand(difference.as_text(str(self._path), plan.page.source), reason)
            for place, reason in plan.notes:
                self._say_by_hand(located(plan.page.source, plan.page.line_of(place)), reason)
            if known is None and not dry_run:
                self._say_unfetched(now.operation_of(plan.page))

    def _say_by_hand(self, what: str, reason: str) -> None:
        self._left += 1
        say(f"{what}; by hand: {reason}")

    def _say_unfetched(self, added: StatedOperation | None) -> None:
        """Not counted as left: the document says all that the page says."""
        if added is not None and "externalDocs" not in added.node:
            place = located(str(self._path), added.line_of("url"))
            say(f"{place}: the page does not tell its address; add it as externalDocs, so that `check` can fetch it")


def _unlike(document: Any) -> list[str]:
    return [*unlike_the_path(document), *types_renamed(document)]


def _refuse_repeats(plans: Sequence[_Plan]) -> None:
    seen: dict[Owner, str] = {}
    for plan in plans:
        if plan.owner in seen:
            raise _Hopeless(f"{seen[plan.owner]} and {plan.page.source} are pages of the same operation")
        seen[plan.owner] = plan.page.source
