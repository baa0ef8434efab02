"""Both sides of a comparison, what was found, and how it compares what they say of one value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from modellix._openapi import array_at, is_array, object_at
from page2openapi.drift import difference as rules
from page2openapi.drift.difference import Difference, Verdict
from page2openapi.drift.document import StatedOperation
from page2openapi.drift.flatten import FlatSchema
from page2openapi.json_text import key_of
from page2openapi.page import plain_words, prose_digests

_LINE_OF_KIND = {"nullable": "type", "example": "examples", "order": "enum"}

Change = tuple[Any, Any]  # the old value and the new one; None for what is not there


@dataclass(frozen=True)
class Pair:
    """The two schemas of one place. `near` is what a page says of the list whose items these are."""

    old: FlatSchema
    new: FlatSchema
    place: str
    reply: bool
    near: str = ""

    def keywords(self, keyword: str) -> Change:
        """The values of a keyword on both sides, None where it is not stated."""
        return self.old.keywords.get(keyword), self.new.keywords.get(keyword)


class Sides:
    """Both operations, and what was sides. `mixed`: one is a page's, one a document's, whose words are not compared."""

    def __init__(self, old: StatedOperation, new: StatedOperation) -> None:
        self.old, self.new = self.both = old, new
        self.mixed = old.is_page != new.is_page
        self.with_copy = old.is_copy or new.is_copy
        self.with_page = old.is_page or new.is_page
        self.ordered = old.voice == new.voice  # copies and exports may list fields differently
        self.found = list[Difference]()

    def shows_part(self, side: StatedOperation) -> bool:
        """Whether a side may show one of several: a copy, or a page beside a contract that may know more."""
        return side.is_copy or (self.mixed and side.is_page)

    def note(self, where: str, kind: str, change: Change, verdict: Verdict) -> None:
        """Adds a difference, with the lines of both sides."""
        keyword = "enum" if kind.startswith("enum") else _LINE_OF_KIND.get(kind, kind)
        place = "response" if where == "sample_response" else where
        old_line, new_line = self.old.line_of(place, keyword), self.new.line_of(place, keyword)
        self.found.append(Difference(where, kind, *change, verdict.severity, verdict.why, new_line, old_line))

    def note_at(self, pair: Pair, kind: str, change: Change, verdict: Verdict | str) -> None:
        """Adds a difference between two schemas, unless it may be silence. A text names one of the usual verdicts."""
        if not self.proves_nothing(pair, "enum" if kind.startswith("enum ") else kind, change):
            usual = rules.judge(verdict, reply=pair.reply) if isinstance(verdict, str) else verdict
            self.note(pair.place, kind, change, usual)

    def proves_nothing(self, pair: Pair, keyword: str, change: Change) -> bool:
        """Whether one of two values is None where that may be silence."""
        silent = [side for side, value in zip(self.both, change, strict=True) if value is None]
        return any(self._is_silent(side, pair, keyword) for side in silent)

    def _is_silent(self, side: StatedOperation, pair: Pair, keyword: str) -> bool:
        unseen = side.is_copy and keyword in rules.NOT_ON_COPIES
        return unseen or (self.mixed and side.is_page and pair.reply) or side.doubts.touch_facts(pair.place)

    def is_doubtful(self, place: str) -> bool:
        """Whether either side may say more here than was read."""
        return self.old.doubts.touch_facts(place) or self.new.doubts.touch_facts(place)


# Type, limits, options and default.


def compare_types(sides: Sides, pair: Pair) -> set[str] | None:
    """Notes another type. Returns the families of types that both sides have; None when neither states a type."""
    old, new = pair.old, pair.new
    if not old.types and not new.types:
        return None
    change = (old.written_type, new.written_type)
    if set(old.types) != set(new.types):
        what = "some type" if change[0] is None else "any type" if change[1] is None else "type"
        sides.note_at(pair, "type", change, what)
    if old.types and new.types:
        compare_nullable(sides, pair)
    return old.families & new.families


def compare_nullable(sides: Sides, pair: Pair) -> None:
    """Notes that null is allowed now, or no longer."""
    change = (pair.old.nullable, pair.new.nullable)
    if change[0] != change[1]:
        sides.note_at(pair, "nullable", change, "nullable" if change[1] else "not nullable")


def compare_keywords(sides: Sides, pair: Pair, families: set[str] | None) -> None:
    """Notes all that differs of a value, besides its type and what lies inside."""
    for keyword in _keywords_of(families):
        if keyword == "enum":
            _compare_options(sides, pair)
            continue
        change = _compared(sides, pair, keyword)
        if rules.is_same(keyword, *change) or sides.proves_nothing(pair, keyword, change):
            continue
        verdict = rules.judge_keyword(keyword, pair.old.keywords, pair.new.keywords, reply=pair.reply)
        shown = (change[0] is True, change[1] is True) if keyword in rules.FLAGS else change
        sides.note(pair.place, keyword, shown, verdict)


def _keywords_of(families: set[str] | None) -> Iterator[str]:
    for family, keywords in rules.OF_TYPE.items():
        if families is None or family in families:
            yield from keywords
    if families is None or families:
        yield from ("format", *rules.UNWEIGHED, "additionalProperties", "enum")
    yield from ("default", *rules.FLAGS)


def _compared(sides: Sides, pair: Pair, keyword: str) -> Change:
    """The values of a keyword as far as they count: a flag that is on, and `additionalProperties: false`."""
    was, now = pair.keywords(keyword)
    if keyword in rules.FLAGS:
        return (was is True) or None, (now is True) or None
    if keyword == "additionalProperties":
        known = not sides.mixed  # Pages say nothing of it.
        return (False if known and was is False else None), (False if known and now is False else None)
    if keyword == "minLength" and pair.place.startswith("param.path.") and was in (None, 0, 1) and now in (None, 0, 1):
        return None, None  # What stands in a path is never empty, whether or not that is said.
    return was, now


def _compare_options(sides: Sides, pair: Pair) -> None:
    was, now = pair.old.options, pair.new.options
    if was is None or now is None:
        if was is not now:
            kind = "enum added" if was is None else "enum removed"
            shown = (was if was is None else list(was), now if now is None else list(now))
            sides.note_at(pair, kind, shown, kind)
        return
    had, has = {key_of(one) for one in was}, {key_of(one) for one in now}
    gone = [] if sides.new.doubts.touch_facts(pair.place) else [one for one in was if key_of(one) not in has]
    come = [] if sides.old.doubts.touch_facts(pair.place) else [one for one in now if key_of(one) not in had]
    changes: list[tuple[str, Change]] = [("enum option removed", (one, None)) for one in gone]
    changes += [("enum option added", (None, one)) for one in come]
    for kind, change in changes:
        sides.note(pair.place, kind, change, rules.judge(kind, reply=pair.reply))
    compare_order(sides, was, now, pair.place)


# What is said to people, and sentences that facts rest on.


def compare_words(sides: Sides, pair: Pair, *, described: bool) -> None:
    """Notes other words, between two pages or two documents. `described`: the descriptions are compared elsewhere."""
    if not described:
        compare_descriptions(sides, pair.keywords("description"), pair.place)
    if not (sides.mixed or sides.is_doubtful(pair.place)):
        change = [array_at(one.keywords, "examples") for one in (pair.old, pair.new)]
        compare_examples(sides, pair.place, *change, why="the example differs")


def compare_examples(sides: Sides, place: str, was: Sequence[Any], now: Sequence[Any], *, why: str) -> None:
    """Notes other examples."""
    if key_of(was) != key_of(now):
        sides.note(place, "example", (alone(was), alone(now)), Verdict("non-breaking", why))


def compare_descriptions(sides: Sides, change: Change, place: str) -> None:
    """Notes another description; what is no text counts as none."""
    was, now = (one if isinstance(one, str) and one else None for one in change)
    if sides.mixed or sides.is_doubtful(place) or plain_words(was or "") == plain_words(now or ""):
        return
    sides.note(place, "description", (was, now), Verdict("non-breaking", "the words differ; read them"))


def compare_order(sides: Sides, was: Sequence[Any], now: Sequence[Any], place: str) -> None:
    """Notes another order of what both sides list."""
    had, has = {key_of(one) for one in was}, {key_of(one) for one in now}
    first = [one for one in was if key_of(one) in has]
    second = [one for one in now if key_of(one) in had]
    if sides.ordered and list(map(key_of, first)) != list(map(key_of, second)):
        sides.note(place, "order", (first, second), Verdict("non-breaking", "the order differs"))


def settle_prose(sides: Sides, pair: Pair) -> Pair:
    """Drops from the document what it holds because of a sentence of the page; asks when the sentence is not there.

    The document says so at the schema: `x-prose` leads from a keyword to the digests of sentences, any of which may
    stand in the description of the place on the page, or of the list around it. Where the page states the keyword
    itself, that is compared as always.
    """
    if not sides.mixed:
        return pair
    page, said, stated = (sides.old, pair.old, pair.new) if sides.old.is_page else (sides.new, pair.new, pair.old)
    here = str(said.keywords.get("description", ""))
    standing = {*prose_digests(here), *prose_digests(pair.near)}
    for keyword, digests in object_at(stated.keywords, "x-prose").items():
        if keyword not in stated.keywords or keyword in said.keywords:
            continue
        stated = _without(stated, keyword)
        expected = set(map(str, digests if is_array(digests) else [digests]))
        if not standing & expected and not page.doubts.touch_facts(pair.place):
            _ask(sides, pair.place, keyword, here or pair.near or None)
    return replace(pair, new=stated) if sides.old.is_page else replace(pair, old=stated)


def alone(values: Sequence[Any]) -> Any:
    """The only one, or all as a list; None when there is none."""
    return values[0] if len(values) == 1 else [*values] or None


def _without(schema: FlatSchema, keyword: str) -> FlatSchema:
    return replace(schema, keywords={key: value for key, value in schema.keywords.items() if key != keyword})


def _ask(sides: Sides, place: str, keyword: str, words: str | None) -> None:
    shown = (words, None) if sides.old.is_page else (None, words)
    why = f"the document has `{keyword}` because of a sentence that is not here any more; read this and settle it"
    sides.note(place, "description", shown, Verdict("behavioural", why))
