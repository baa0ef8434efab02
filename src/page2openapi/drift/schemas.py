"""Walks two schemas side by side: fields, items and alternatives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import replace
from typing import Any

from modellix._openapi import Object, reference
from page2openapi.drift.difference import FLAGS, Difference, judge
from page2openapi.drift.document import StatedOperation
from page2openapi.drift.flatten import WORDS, FlatSchema
from page2openapi.drift.sides import (
    Pair,
    Sides,
    compare_keywords,
    compare_nullable,
    compare_order,
    compare_types,
    compare_words,
    settle_prose,
)
from page2openapi.drift.written import renamed, summary_of

_MOST_PLACES = 5_000  # that are looked at, of one operation
_MOST_TIMES = 20  # that the same two references are looked at, in different places
_DEEPEST = 30
_OF_THE_WHOLE = (*WORDS, "default", "x-prose", *FLAGS)  # keywords that stand beside alternatives, not in them


class Walk:
    """Compares schemas of one operation; what differs goes to the notes."""

    def __init__(self, sides: Sides) -> None:
        self.sides = sides
        self._open = set[tuple[str, str]]()
        self._times = Counter[tuple[str, str]]()
        self._same = set[tuple[str, str, bool]]()
        self._left = _MOST_PLACES
        self._depth = 0

    def schemas(self, old: Any, new: Any, place: str, *, reply: bool, near: str = "", described: bool = False) -> None:
        """Compares two schemas of a place. `described`: their descriptions are compared elsewhere."""
        refs = (reference(old) or "", reference(new) or "")
        if self._left <= 0 or self._depth > _DEEPEST or (all(refs) and self._is_known(refs, reply=reply)):
            return
        self._times[refs] += 1
        self._left -= 1
        self._depth += 1
        self._open.add(refs)
        before = len(self.sides.found)
        flat = (self.sides.old.flattener.flat(old), self.sides.new.flattener.flat(new))
        self._flat(Pair(*flat, place, reply, near), described=described)
        self._open.discard(refs)
        self._depth -= 1
        pages = self.sides.with_page
        if all(refs) and not pages and before == len(self.sides.found):
            self._same.add((*refs, reply))

    def _is_known(self, refs: tuple[str, str], *, reply: bool) -> bool:
        """Whether two references are being compared, were found to say the same, or came up often enough."""
        return refs in self._open or (*refs, reply) in self._same or self._times[refs] >= _MOST_TIMES

    def _flat(self, pair: Pair, *, described: bool = False) -> None:
        pair = settle_prose(self.sides, pair)
        if pair.old.forms or pair.new.forms:
            pair = self._forms(pair)
        families = compare_types(self.sides, pair)
        compare_keywords(self.sides, pair, families)
        compare_words(self.sides, pair, described=described)
        if families is None or "array" in families:
            self._items(pair)
        if families is None or "object" in families:
            self._fields(pair)

    # What lies inside.

    def _items(self, pair: Pair) -> None:
        old, new = pair.old.items, pair.new.items
        sides = self.sides
        silent = (old is None and sides.old.is_page) or (new is None and sides.new.is_page)
        if silent or (old is None and new is None):
            return
        page = pair.old if sides.old.is_page else pair.new
        near = str(page.keywords.get("description", ""))
        self.schemas(old, new, f"{pair.place}[]", reply=pair.reply, near=near)

    def _fields(self, pair: Pair) -> None:
        sides, had, has = self.sides, pair.old.properties, pair.new.properties
        if any(sides.shows_part(side) and not fields for side, fields in zip(sides.both, (had, has), strict=True)):
            return
        for name in (one for one in had if one in has):
            where = f"{pair.place}.{name}"
            self.required(name in pair.old.required, name in pair.new.required, where, reply=pair.reply)
            self.schemas(had[name], has[name], where, reply=pair.reply)
        gone = {name: one for name, one in had.items() if name not in has}
        come = {name: one for name, one in has.items() if name not in had}
        self.changed_names(pair.place, gone, come, pair.new.required, reply=pair.reply)
        compare_order(sides, list(had), list(has), pair.place)

    def changed_names(self, place: str, gone: Object, come: Object, required: Container[str], *, reply: bool) -> None:
        """Notes the fields that only one side has; `required` names those that the new side wants."""
        sides = self.sides
        before = {} if sides.new.doubts.touch(place) else _summaries(gone, sides.old)
        after = {} if sides.old.doubts.touch(place) else _summaries(come, sides.new)
        hints = renamed(before, after)
        for name, shown in before.items():
            verdict = judge("field removed", reply=reply)
            hint = f"; perhaps it is '{hints[name]}' now" if name in hints else ""
            sides.note(f"{place}.{name}", "field removed", (shown, None), verdict.with_hint(hint))
        for name, shown in after.items():
            verdict = judge("required field added" if name in required else "field added", reply=reply)
            hint = f"; perhaps it was '{hints[name]}' before" if name in hints else ""
            sides.note(f"{place}.{name}", "field added", (None, shown), verdict.with_hint(hint))

    def required(self, was: bool, now: bool, where: str, *, reply: bool) -> None:
        """Compares whether a field must be there."""
        lacking = self.sides.old if now else self.sides.new
        if was != now and not lacking.doubts.touch_facts(where):
            self.sides.note(where, "required", (was, now), judge("required" if now else "optional", reply=reply))

    # Alternatives that cannot be told apart by type.

    def _forms(self, pair: Pair) -> Pair:
        """Compares the alternatives. Returns what stands beside them on either side."""
        sides = self.sides
        old_rest, old_forms = _split(pair.old, pair.new)
        new_rest, new_forms = _split(pair.new, pair.old)
        rest = replace(pair, old=old_rest, new=new_rest)
        if _hides_forms(sides.old, old_forms) != _hides_forms(sides.new, new_forms):
            return rest
        if sides.proves_nothing(pair, "anyOf", (old_forms or None, new_forms or None)):
            return rest
        if old_forms and new_forms:
            compare_nullable(sides, pair)
        self._match(pair, list(old_forms), list(new_forms))
        return rest

    def _match(self, pair: Pair, old: list[FlatSchema], new: list[FlatSchema]) -> None:
        """Leaves out equal forms, compares those of the same type, and sides the others as gone or come."""
        for one in list(old):
            same = next((two for two in new if not self._probe(pair, one, two)), None)
            if same is not None:
                old.remove(one)
                new.remove(same)
        for one in list(old):
            alike = [two for two in new if two.families == one.families]
            if len(alike) == 1 and [two.families for two in old].count(one.families) == 1:
                self.sides.found += self._probe(pair, one, alike[0])
                old.remove(one)
                new.remove(alike[0])
        if len(old) == len(new) == 1:
            self.sides.found += self._probe(pair, old[0], new[0])
        elif old or new:
            what = "form added" if (new if pair.reply else not old) else "form removed"
            shown = (_shown(old, self.sides.old), _shown(new, self.sides.new))
            self.sides.note(pair.place, "anyOf", shown, judge(what, reply=pair.reply))

    def _probe(self, pair: Pair, old: FlatSchema, new: FlatSchema) -> list[Difference]:
        """How two forms differ; nothing is noted."""
        self._left -= 1
        if self._left <= 0:
            return []
        noted, self.sides.found = self.sides.found, list[Difference]()
        self._flat(replace(pair, old=old, new=new))
        found, self.sides.found = self.sides.found, noted
        return found


def _split(schema: FlatSchema, other: FlatSchema) -> tuple[FlatSchema, tuple[FlatSchema, ...]]:
    """What holds for all forms, and the forms. Beside nothing but forms, a schema without any is a form itself."""
    if schema.forms:
        return replace(schema, forms=()), schema.forms
    if other.types or other.properties:
        return schema, ()
    whole = {key: value for key, value in schema.keywords.items() if key in _OF_THE_WHOLE}
    own = {key: value for key, value in schema.keywords.items() if key not in _OF_THE_WHOLE}
    return FlatSchema(keywords=whole), (replace(schema, keywords=own, nullable=False),)


def _hides_forms(side: StatedOperation, forms: tuple[FlatSchema, ...]) -> bool:
    """Whether a copy shows one form of several."""
    return side.is_copy and any(schema.says_nothing for schema in forms)


def _shown(forms: list[FlatSchema], side: StatedOperation) -> list[Object] | None:
    return [summary_of(one, side.flattener) for one in forms] or None


def _summaries(fields: Object, side: StatedOperation) -> dict[str, Object]:
    return {name: summary_of(side.flattener.flat(schema), side.flattener) for name, schema in fields.items()}
