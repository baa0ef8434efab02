"""Compares the types, limits, options and defaults of one place."""

from __future__ import annotations

from typing import Any

from page2openapi.drift import rules
from page2openapi.drift.notes import Notes, Pair
from page2openapi.drift.rules import Verdict
from page2openapi.drift.values import key_of
from page2openapi.drift.words import compare_order


def compare_types(notes: Notes, pair: Pair) -> set[str] | None:
    """Notes another type. Returns the families of types that both sides have; None when neither states a type."""
    old, new = pair.old, pair.new
    if not old.types and not new.types:
        return None
    change = (old.written_type, new.written_type)
    if set(old.types) != set(new.types) and not notes.proves_nothing(pair, "type", change):
        notes.note(pair.place, "type", change, rules.judge_type(*change, reply=pair.reply))
    if old.types and new.types and old.nullable != new.nullable:
        verdict = rules.judge_nullable(new=new.nullable, reply=pair.reply)
        notes.note(pair.place, "nullable", (old.nullable, new.nullable), verdict)
    return old.families & new.families


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
    if keyword in ("pattern", "format"):
        verdict = rules.judge_text_rule(keyword, *change, reply=pair.reply)
    elif keyword in rules.UNWEIGHED:
        verdict = rules.judge_unweighed(keyword, reply=pair.reply)
    else:
        verdict = rules.judge_limit(keyword, pair.old.keywords, pair.new.keywords, reply=pair.reply)
    notes.note(pair.place, keyword, change, verdict)


def _compare_openness(notes: Notes, pair: Pair) -> None:
    """`additionalProperties: false`, of which pages say nothing."""
    keyword = "additionalProperties"
    was, now = (False if view.keywords.get(keyword) is False else None for view in (pair.old, pair.new))
    if was != now and not notes.mixed and not notes.proves_nothing(pair, keyword, (was, now)):
        notes.note(pair.place, keyword, (was, now), rules.judge_closing(closed=now is False, reply=pair.reply))


def _compare_options(notes: Notes, pair: Pair) -> None:
    was, now = pair.old.options, pair.new.options
    if was is None or now is None:
        if was is not now and not notes.proves_nothing(pair, "enum", (was, now)):
            kind = "enum added" if was is None else "enum removed"
            shown = (None if was is None else list(was), None if now is None else list(now))
            notes.note(pair.place, kind, shown, rules.judge_options(kind, reply=pair.reply))
        return
    had, has = {key_of(one) for one in was}, {key_of(one) for one in now}
    gone = [] if notes.new.doubts.touch_facts(pair.place) else [one for one in was if key_of(one) not in has]
    come = [] if notes.old.doubts.touch_facts(pair.place) else [one for one in now if key_of(one) not in had]
    changes: list[tuple[str, tuple[Any, Any]]] = [("enum option removed", (one, None)) for one in gone]
    changes += [("enum option added", (None, one)) for one in come]
    for kind, change in changes:
        notes.note(pair.place, kind, change, rules.judge_options(kind, reply=pair.reply))
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
