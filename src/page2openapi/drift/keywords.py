"""Compares what two sides say of one place: its type, limits, options and default; and what they say to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from modellix._openapi import array_at, is_array, object_at
from page2openapi.drift import difference as rules
from page2openapi.drift.difference import Verdict
from page2openapi.drift.notes import Notes, Pair
from page2openapi.drift.views import View
from page2openapi.json_text import key_of
from page2openapi.text import plain_words, prose_digests


def compare_types(notes: Notes, pair: Pair) -> set[str] | None:
    """Notes another type. Returns the families of types that both sides have; None when neither states a type."""
    old, new = pair.old, pair.new
    if not old.types and not new.types:
        return None
    change = (old.written_type, new.written_type)
    if set(old.types) != set(new.types) and not notes.proves_nothing(pair, "type", change):
        what = "some type" if change[0] is None else "any type" if change[1] is None else "type"
        notes.note(pair.place, "type", change, rules.judge(what, reply=pair.reply))
    if old.types and new.types and old.nullable != new.nullable:
        note_nullable(notes, pair)
    return old.families & new.families


def note_nullable(notes: Notes, pair: Pair) -> None:
    """Notes that null is allowed now, or no longer."""
    change = (pair.old.nullable, pair.new.nullable)
    notes.note(
        pair.place, "nullable", change, rules.judge("nullable" if change[1] else "not nullable", reply=pair.reply)
    )


def compare_keywords(notes: Notes, pair: Pair, families: set[str] | None) -> None:
    """Notes all that differs of a value, besides its type and what lies inside."""
    for family, keywords in rules.OF_TYPE.items():
        if families is None or family in families:
            for keyword in keywords:
                _compare_limit(notes, pair, keyword)
    if families is None or families:
        for keyword in ("format", *rules.UNWEIGHED):
            _compare_limit(notes, pair, keyword)
        _compare_openness(notes, pair)
        _compare_options(notes, pair)
    _compare_default(notes, pair)
    _compare_flags(notes, pair)


def _compare_limit(notes: Notes, pair: Pair, keyword: str) -> None:
    change = pair.keywords(keyword)
    if change == (None, None):
        return
    if pair.place.startswith("param.path.") and keyword == "minLength" and not {*change} - {None, 0, 1}:
        return  # What stands in a path is never empty, whether or not that is said.
    if rules.is_same_limit(keyword, *change) or notes.proves_nothing(pair, keyword, change):
        return
    verdict = rules.judge_keyword(keyword, pair.old.keywords, pair.new.keywords, reply=pair.reply)
    notes.note(pair.place, keyword, change, verdict)


def _compare_openness(notes: Notes, pair: Pair) -> None:
    """`additionalProperties: false`, of which pages say nothing."""
    keyword = "additionalProperties"
    was, now = (False if view.keywords.get(keyword) is False else None for view in (pair.old, pair.new))
    if was != now and not notes.mixed and not notes.proves_nothing(pair, keyword, (was, now)):
        notes.note(
            pair.place, keyword, (was, now), rules.judge("opened" if now is None else "closed", reply=pair.reply)
        )


def _compare_options(notes: Notes, pair: Pair) -> None:
    was, now = pair.old.options, pair.new.options
    if was is None or now is None:
        if was is not now and not notes.proves_nothing(pair, "enum", (was, now)):
            kind = "enum added" if was is None else "enum removed"
            shown = (None if was is None else list(was), None if now is None else list(now))
            notes.note(pair.place, kind, shown, rules.judge(kind, reply=pair.reply))
        return
    had, has = {key_of(one) for one in was}, {key_of(one) for one in now}
    gone = [] if notes.new.doubts.touch_facts(pair.place) else [one for one in was if key_of(one) not in has]
    come = [] if notes.old.doubts.touch_facts(pair.place) else [one for one in now if key_of(one) not in had]
    changes: list[tuple[str, tuple[Any, Any]]] = [("enum option removed", (one, None)) for one in gone]
    changes += [("enum option added", (None, one)) for one in come]
    for kind, change in changes:
        notes.note(pair.place, kind, change, rules.judge(kind, reply=pair.reply))
    compare_order(notes, was, now, pair.place)


def _compare_default(notes: Notes, pair: Pair) -> None:
    change = pair.keywords("default")
    if key_of(change[0]) != key_of(change[1]) and not notes.proves_nothing(pair, "default", change):
        notes.note(pair.place, "default", change, rules.judge_default(*change))


def _compare_flags(notes: Notes, pair: Pair) -> None:
    for flag in rules.FLAGS:
        was, now = (value is True for value in pair.keywords(flag))
        if was != now and not notes.proves_nothing(pair, flag, (was or None, now or None)):
            why = "it is marked so now" if now else "it is no longer marked so"
            notes.note(pair.place, flag, (was, now), Verdict("behavioural", why))


# What is said to people, and sentences that facts rest on.


def compare_words(notes: Notes, pair: Pair, *, described: bool) -> None:
    """Notes other words, between two pages or two documents. `described`: the descriptions are compared elsewhere."""
    if notes.mixed:
        return
    if not described:
        compare_descriptions(notes, pair.keywords("description"), pair.place)
    was, now = (array_at(view.keywords, "examples") for view in (pair.old, pair.new))
    if key_of(was) != key_of(now) and not notes.is_doubtful(pair.place):
        verdict = Verdict("non-breaking", "the example differs")
        notes.note(pair.place, "example", (_alone(was), _alone(now)), verdict)


def compare_descriptions(notes: Notes, change: tuple[Any, Any], place: str) -> None:
    """Notes another description; what is no text counts as none."""
    was, now = (one if isinstance(one, str) and one else None for one in change)
    if notes.mixed or notes.is_doubtful(place) or plain_words(was or "") == plain_words(now or ""):
        return
    notes.note(place, "description", (was, now), Verdict("non-breaking", "the words differ; read them"))


def compare_order(notes: Notes, was: Sequence[Any], now: Sequence[Any], place: str) -> None:
    """Notes another order of what both sides list."""
    had, has = {key_of(one) for one in was}, {key_of(one) for one in now}
    first = [one for one in was if key_of(one) in has]
    second = [one for one in now if key_of(one) in had]
    if notes.ordered and list(map(key_of, first)) != list(map(key_of, second)):
        notes.note(place, "order", (first, second), Verdict("non-breaking", "the order differs"))


def settle_prose(notes: Notes, pair: Pair) -> Pair:
    """Drops from the document what it holds because of a sentence of the page; asks when the sentence is not there.

    The document says so at the schema: `x-prose` leads from a keyword to the digests of sentences, any of which may
    stand in the description of the place on the page, or of the list around it. Where the page states the keyword
    itself, that is compared as always.
    """
    if not notes.mixed:
        return pair
    page, said, stated = (notes.old, pair.old, pair.new) if notes.old.is_page else (notes.new, pair.new, pair.old)
    here = str(said.keywords.get("description", ""))
    standing = {*prose_digests(here), *prose_digests(pair.near)}
    for keyword, digests in object_at(stated.keywords, "x-prose").items():
        if keyword not in stated.keywords or keyword in said.keywords:
            continue
        stated = _without(stated, keyword)
        expected = set(map(str, digests if is_array(digests) else [digests]))
        if not standing & expected and not page.doubts.touch_facts(pair.place):
            _ask(notes, pair.place, keyword, here or pair.near or None)
    return replace(pair, new=stated) if notes.old.is_page else replace(pair, old=stated)


def _alone(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values or None


def _without(view: View, keyword: str) -> View:
    return replace(view, keywords={key: value for key, value in view.keywords.items() if key != keyword})


def _ask(notes: Notes, place: str, keyword: str, words: str | None) -> None:
    shown = (words, None) if notes.old.is_page else (None, words)
    why = f"the document has `{keyword}` because of a sentence that is not here any more; read this and settle it"
    notes.note(place, "description", shown, Verdict("behavioural", why))
