"""Compares two bodies, and two sets of replies: content types, words, samples and schemas."""

from __future__ import annotations

from typing import Any

from modellix._openapi import Object, array_at, is_object, object_at
from page2openapi.drift.difference import Verdict, judge
from page2openapi.drift.document import Operation
from page2openapi.drift.keywords import compare_descriptions
from page2openapi.drift.notes import Notes
from page2openapi.drift.schemas import Walk
from page2openapi.json_text import key_of


def compare_bodies(notes: Notes, walk: Walk) -> None:
    """Notes what differs between the bodies of the requests."""
    old, new = notes.both(lambda side: side.operation.follow(side.operation.node.get("requestBody")))
    if old and new:
        sides = ((notes.old, old), (notes.new, new))
        if not any(side.is_copy or _required_fields(side.operation, one) for side, one in sides):
            walk.required(old.get("required") is True, new.get("required") is True, "body", reply=False)
        _compare_payloads(notes, walk, (old, new), "body", reply=False)
        return
    lacking = notes.new if old else notes.old
    if (old or new) and not lacking.doubts.touch("body"):
        kind = "field removed" if old else "field added"
        required = new.get("required") is True or _required_fields(notes.new.operation, new)
        what = "field removed" if old else "required field added" if required else "field added"
        change = (sorted(object_at(old, "content")) or None, sorted(object_at(new, "content")) or None)
        notes.note("body", kind, change, judge(what, reply=False))


def _required_fields(operation: Operation, body: Object) -> bool:
    """Whether a body has required fields: then it is required itself, said or not."""
    stated = [object_at(one) for one in object_at(body, "content").values()][:1]
    return bool(stated and array_at(operation.follow(stated[0].get("schema")), "required"))


def compare_replies(notes: Notes, walk: Walk) -> None:
    """Notes what differs between the replies, status by status."""
    old, new = notes.both(lambda side: object_at(side.operation.node, "responses"))
    first, second = _success(old), _success(new)
    if first is not None and second is not None:
        if first != second and not (notes.old.is_copy or notes.new.is_copy):
            notes.note("response", "status", (first, second), Verdict("breaking", "success has another status"))
        _compare_reply(notes, walk, (old[first], new[second]), "response")
    for status in dict.fromkeys([*old, *new]):
        if status in (first, second) or status.startswith("x-"):
            continue
        if status in old and status in new:
            _compare_reply(notes, walk, (old[status], new[status]), f"response[{status}]")
        elif not (notes.old.is_page or notes.new.is_page):
            kind, change = ("field added", (None, status)) if status in new else ("field removed", (status, None))
            verdict = Verdict("non-breaking", "a reply that is no success")
            notes.note(f"response[{status}]", kind, change, verdict)


def _compare_reply(notes: Notes, walk: Walk, replies: tuple[object, object], place: str) -> None:
    old, new = notes.old.operation.follow(replies[0]), notes.new.operation.follow(replies[1])
    if any(side.is_copy and one == {"description": ""} for side, one in ((notes.old, old), (notes.new, new))):
        return  # Only the status is on the page.
    _compare_payloads(notes, walk, (old, new), place, reply=True)


def _success(replies: Object) -> str | None:
    """The first status of success, or the first of all."""
    stated = [status for status in replies if not status.startswith("x-")]
    return next((one for one in stated if one.startswith("2")), stated[0] if stated else None)


# What both hold.


def _compare_payloads(notes: Notes, walk: Walk, payloads: tuple[Object, Object], place: str, *, reply: bool) -> None:
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
