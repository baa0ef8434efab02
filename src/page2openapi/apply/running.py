"""The course of `apply`: pages are compared, edits written, the rest is said with its place."""

from __future__ import annotations

import argparse
import datetime
import difflib
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml.error import YAMLError

from page2openapi.apply.checking import why_not
from page2openapi.apply.edits import Edit, edit_for
from page2openapi.apply.examples import follow_names
from page2openapi.apply.new_operation import add_operation
from page2openapi.apply.owning import Writer
from page2openapi.apply.places import Side
from page2openapi.apply.refusing import REASONS, ByHand, is_inside
from page2openapi.apply.sharing import Owner
from page2openapi.apply.yaml_edit import dump, load
from page2openapi.drift import CONTRACT, Contract, compare_with_contract
from page2openapi.drift.operation import Operation, operation_on
from page2openapi.inputs import CannotRead, load_page
from page2openapi.outputs import replace_text
from page2openapi.page import Page
from page2openapi.report import DONE, DRIFTED, UNREAD, USAGE, say, say_problems
from page2openapi.text import printable
from page2openapi.yaml_lines import NotYaml

_GIVE_ON = "a limit because of a sentence; if a field of the page says so now, give it the limit and `x-prose`"


def run(options: argparse.Namespace) -> int:
    """Applies the pages that were named and returns the exit status."""
    pages, unread = list[Page](), False
    for name in options.pages:
        try:
            pages.append(load_page(name))
        except CannotRead as error:
            say(str(error))
            unread = True
    status = apply_pages(pages, CONTRACT, dry_run=options.dry_run)
    return UNREAD if unread and status != USAGE else status


def apply_pages(pages: Sequence[Page], path: Path, *, dry_run: bool = False) -> int:
    """Writes what the pages say into the document at `path`.

    Returns 0 when all was written, 1 when something is left for a hand or a dry run would write, 2 when the document or
    the choice of pages makes no sense, 3 when a page could not be read whole.
    """
    try:
        return _Application(path).apply(pages, dry_run=dry_run)
    except _Hopeless as error:
        say(f"{path}: {error}")
        return USAGE


class _Hopeless(Exception):
    """Why nothing can be applied at all."""


@dataclass
class _Job:
    """A page that was read whole, and what is said of it."""

    page: Page
    owner: Owner
    edits: list[Edit] = field(default_factory=list[Edit])
    notes: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])  # places to look at, and why
    reasons: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])


class _Application:
    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._text = path.read_bytes().decode("utf-8")
            self._contract = Contract.parse(self._text, str(path))
            self._root: Any = load(self._text)
        except (OSError, ValueError, NotYaml, YAMLError) as error:
            raise _Hopeless(f"cannot be read: {str(error).splitlines()[0]}") from None
        self._left = 0
        self._added = False  # an operation

    def apply(self, pages: Sequence[Page], *, dry_run: bool) -> int:
        unread = [page.source for page in pages if say_problems(page)]
        for source in unread:
            say(f"{source}: not read whole, so nothing of it is applied")
        jobs = [job for page in pages if not page.problems and (job := self._job(page))]
        _refuse_repeats(jobs)
        edited = Writer(self._root).write(edit for job in jobs for edit in job.edits)
        if edited:
            follow_names(self._root, load(self._text), [job.owner for job in jobs])
        text = dump(self._root) if edited or self._added else self._text
        if text != self._text and not self._write(text, dry_run=dry_run):
            return UNREAD if unread else DRIFTED
        self._say_left(jobs, text, dry_run=dry_run)
        would_change = dry_run and text != self._text
        return UNREAD if unread else DRIFTED if self._left or would_change else DONE

    # Planning.

    def _job(self, page: Page) -> _Job | None:
        operation = self._contract.operation_of(page)
        if operation is None:
            return self._new_job(page)
        job = _Job(page, (str(operation.path), str(operation.method)))
        sides = Side(operation_on(page)), Side(operation)
        differences = compare_with_contract(page, self._contract)
        other_types = [one.where for one in differences if one.kind == "type" and one.where.startswith("body")]
        for difference in differences:
            try:
                if is_inside(difference.where, other_types):
                    raise ByHand(REASONS["type"])
                edit = edit_for(difference, job.owner, *sides)
                job.edits.append(edit)
                if edit.kind == "field removed" and sides[1].rests_on_prose((*edit.site, edit.name)):
                    job.notes.append((difference.where, f"{difference.where} had {_GIVE_ON}"))
            except ByHand as reason:
                job.reasons[difference.where, difference.kind] = str(reason)
        return job

    def _new_job(self, page: Page) -> _Job | None:
        date = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"
        try:
            job = _Job(page, add_operation(self._root, operation_on(page), date))
            self._added = True
            return job
        except ByHand as reason:
            self._left += 1
            say(f"{located(page.source, page.line_of('url'))}: no operation was made of it; by hand: {reason}")
            return None

    # Writing and telling.

    def _write(self, text: str, *, dry_run: bool) -> bool:
        reason = why_not(text, self._root, self._path.name)
        if reason is not None:
            say(f"{self._path}: nothing was written, because the client could not be generated: {reason}")
            return False
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
        return True

    def _say_left(self, jobs: Sequence[_Job], text: str, *, dry_run: bool) -> None:
        """What the document still does not say, by its own lines: those before, if nothing was written."""
        now = self._contract if text == self._text else Contract.parse(text, str(self._path))
        for job in jobs:
            left = compare_with_contract(job.page, now)
            known = self._contract.operation_of(job.page)
            if dry_run and known is not None:
                places = {(one.where, one.kind) for one in left}
                before = compare_with_contract(job.page, self._contract)
                left = [one for one in before if (one.where, one.kind) in places]
            for difference in left:
                reason = job.reasons.get((difference.where, difference.kind), "no command writes this safely")
                self._say_by_hand(difference.as_text(str(self._path), job.page.source), reason)
            for place, reason in job.notes:
                self._say_by_hand(located(job.page.source, job.page.line_of(place)), reason)
            if known is None and not dry_run:
                self._say_unfetched(now.operation_of(job.page))

    def _say_by_hand(self, what: str, reason: str) -> None:
        self._left += 1
        say(f"{what}; by hand: {reason}")

    def _say_unfetched(self, added: Operation | None) -> None:
        """Not counted as left: the document says all that the page says."""
        if added is not None and "externalDocs" not in added.node:
            place = located(str(self._path), added.line_of("url"))
            say(f"{place}: the page does not tell its address; add it as externalDocs, so that `check` can fetch it")


def _refuse_repeats(jobs: Sequence[_Job]) -> None:
    seen: dict[Owner, str] = {}
    for job in jobs:
        if job.owner in seen:
            raise _Hopeless(f"{seen[job.owner]} and {job.page.source} are pages of the same operation")
        seen[job.owner] = job.page.source


def located(source: str, line: int | None) -> str:
    """A place as messages begin with it."""
    return f"{source}:{line}" if line else source
