"""Compares what pages say to people: descriptions, examples, the order of lists; and sentences that facts rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from modellix._openapi import array_at, is_array, object_at
from page2openapi.drift.notes import Notes, Pair
from page2openapi.drift.rules import Verdict
from page2openapi.drift.values import digests_in, key_of, plain_words
from page2openapi.drift.views import View


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
    standing = {*digests_in(here), *digests_in(pair.near)}
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
