"""One application of pages to a document: planned and judged at once, then written and told."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml.error import YAMLError

from modellix._openapi import SCHEMAS, steps_of
from page2openapi.apply.edits import write
from page2openapi.apply.examples import follow_names
from page2openapi.apply.planning import AddressOf, Plan, Planner
from page2openapi.apply.telling import Telling, say_names
from page2openapi.apply.trial import Verdict, judge
from page2openapi.apply.yaml_edit import dump, load
from page2openapi.drift import Contract
from page2openapi.outputs import replace_text
from page2openapi.page import Page
from page2openapi.report import DONE, DRIFTED, located, say
from scripts.regenerate.refusal import Refusal, one_line, printable
from scripts.regenerate.yaml_lines import NotYaml


class Hopeless(Exception):
    """Why nothing can be applied at all."""


class Application:
    """What these pages make of the document at `path`; nothing is written yet. Raises Hopeless."""

    def __init__(self, path: Path, pages: Sequence[Page], address_of: AddressOf, *, counted: bool) -> None:
        self._path, self.given = path, pages
        try:
            self._text = path.read_bytes().decode("utf-8")
            self._contract = Contract.parse(self._text, str(path))
            self._root: Any = load(self._text)
        except (OSError, ValueError, NotYaml, YAMLError) as error:
            raise Hopeless(f"cannot be read: {str(error).splitlines()[0]}") from None
        self._planner = Planner(self._contract, self._root, address_of)
        self._plans = self._planner.plans(pages, counted=counted)
        _refuse_repeats(self._plans)
        self._new_text = self._edited()
        self.verdict = Verdict()
        if self._new_text != self._text:
            self.verdict = judge(self._new_text, self._root, path.name, [plan.owner[0] for plan in self._plans])

    def _edited(self) -> str:
        edited = write(self._root, (edit for plan in self._plans for edit in plan.edits))
        renaming = [plan.owner for plan in self._plans if any(edit.kind.startswith("field") for edit in plan.edits)]
        if edited and renaming:
            follow_names(self._root, load(self._text), renaming)
        return dump(self._root) if edited or self._planner.added else self._text

    @property
    def pages(self) -> list[Page]:
        """Those of which something comes, or nothing needs to."""
        return [plan.page for plan in self._plans]

    def refused(self) -> list[Page]:
        """The pages that prevent a client, after each was said in one line with its place."""
        found = [(plan.page, self.verdict.refused.get(plan.owner[0])) for plan in self._plans]
        for page, refusal in found:
            if refusal is not None:
                say_refused(page, refusal)
        return [page for page, refusal in found if refusal is not None]

    def judged_before(self) -> str | None:
        """Why no client can be generated from the document as it is."""
        return judge(self._text, load(self._text), self._path.name, ()).reason

    def write(self, *, dry_run: bool) -> int:
        """Writes the document and says what is left for a hand. Returns the status. Raises Hopeless."""
        if self._new_text != self._text:
            self._write(dry_run=dry_run)
        self.say_planned()
        if self._planner.added:
            say_names(self._path, self._contract.document, self._root)
        changes = self._new_text != self._text
        now = Contract.parse(self._new_text, str(self._path)) if changes else self._contract
        telling = Telling(self._path, self._contract, now, dry_run=dry_run)
        telling.say_left(self._plans)
        is_left = telling.left or self._planner.refused or (dry_run and changes)
        return DRIFTED if is_left else DONE

    def say_planned(self) -> None:
        """Says what names new models have, and which cannot be added."""
        for line in self._planner.lines:
            say(line)

    def _write(self, *, dry_run: bool) -> None:
        name = self._path.name
        old, new = self._text.split("\n")[:-1], self._new_text.split("\n")[:-1]
        for line in difflib.unified_diff(old, new, f"{name} as it was", f"{name} as the pages say", lineterm=""):
            print(printable(line))
        sys.stdout.flush()
        if not dry_run:
            try:
                replace_text(self._path, self._new_text)
            except OSError as error:
                raise Hopeless(f"cannot be written: {error.strerror or error}") from None


def say_refused(page: Page, refusal: Refusal) -> None:
    """Says why a page is not written, and where: in the page, as far as its fields tell, and in the document."""
    place = place_on_page(refusal.place)
    where = located(page.source, page.line_of(place or "url"))
    why = one_line(f"{place or refusal.place or 'document'}: {refusal.reason}")
    say(f"{where}: not written, because the client could not be generated: {why}")


def place_on_page(place: str) -> str:
    """The field of a page, as `body.images[]`, that a place in the document is about; empty for another place."""
    if not place.startswith(SCHEMAS):
        return ""
    found, steps = "body", iter(steps_of(place)[3:])
    for step in steps:
        if step == "properties":
            name = next(steps, "")
            found += f".{name}" if name else ""
        elif step == "items":
            found += "[]"
        else:
            break
    return found


def _refuse_repeats(plans: Sequence[Plan]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for plan in plans:
        if plan.owner in seen:
            raise Hopeless(f"{seen[plan.owner]} and {plan.page.source} are pages of the same operation")
        seen[plan.owner] = plan.page.source
