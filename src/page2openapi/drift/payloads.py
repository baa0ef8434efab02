"""Compares what two bodies, or two replies, hold."""

from __future__ import annotations

from typing import Any

from modellix._openapi import Object, is_object, object_at
from page2openapi.drift.difference import Verdict
from page2openapi.drift.document import Operation
from page2openapi.drift.keywords import compare_descriptions
from page2openapi.drift.notes import Notes
from page2openapi.drift.schemas import Walk
from page2openapi.drift.values import key_of


def compare_payloads(notes: Notes, walk: Walk, payloads: tuple[Object, Object], place: str, *, reply: bool) -> None:
    """Notes what differs between two request bodies or responses: content types, words, samples and schemas."""
    old_types, new_types = (object_at(one, "content") for one in payloads)
    if old_types and new_types:
        _compare_types(notes, old_types, new_types, place, reply=reply)
    old, new = _chosen(old_types, new_types)
    texts = (_texts(notes.old.operation, payloads[0], old), _texts(notes.new.operation, payloads[1], new))
    compare_descriptions(notes, texts, place)
    if place == "response" and not notes.mixed:
        _compare_samples(notes, old, new)
    silent = ("schema" not in old and notes.old.is_page) or ("schema" not in new and notes.new.is_page)
    if not silent and ("schema" in old or "schema" in new):
        walk.schemas(old.get("schema"), new.get("schema"), place, reply=reply, described=True)


def _compare_types(notes: Notes, old: Object, new: Object, place: str, *, reply: bool) -> None:
    was, now = ([name.split(";")[0].strip().lower() for name in one] for one in (old, new))
    shared = set(was) & set(now)
    partial = any(side.is_copy or side.is_beside for side in (notes.old, notes.new))  # a page may show one of several
    if set(was) == set(now) or (partial and shared):
        return
    worse = not shared if reply else bool(set(was) - shared)
    verdict = Verdict("breaking" if worse else "non-breaking", "the content types differ")
    notes.note(place, "content", (_alone(was), _alone(now)), verdict)


def _alone(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _chosen(old: Object, new: Object) -> tuple[Object, Object]:
    """The content of a type that both have, else of the first."""
    shared = [name for name in old if name in new][:1]
    first, second = ((shared or list(one))[:1] for one in (old, new))
    return object_at(old, *first) if first else {}, object_at(new, *second) if second else {}


def _texts(operation: Operation, payload: Object, media: Object) -> str:
    """The descriptions of the whole and of its schema, which pages do not tell apart."""
    schema = media.get("schema")
    own = schema.get("description") if is_object(schema) else None
    texts = [payload.get("description"), own or operation.follow(schema).get("description")]
    return "\n\n".join(dict.fromkeys(one.strip() for one in texts if isinstance(one, str) and one.strip()))


def _compare_samples(notes: Notes, old: Object, new: Object) -> None:
    was, now = _samples(notes.old.operation, old), _samples(notes.new.operation, new)
    if was and now and key_of(was) != key_of(now):
        verdict = Verdict("non-breaking", "the sample reply differs")
        notes.note("sample_response", "example", (_alone(was), _alone(now)), verdict)


def _samples(operation: Operation, media: Object) -> list[Any]:
    if media.get("example") is not None:
        return [media["example"]]
    named = [operation.follow(one) for one in object_at(media, "examples").values()]
    return [one["value"] for one in named if "value" in one]
