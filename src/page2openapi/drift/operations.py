"""Compares two operations: address, method, authentication, parameters, body and replies."""

from __future__ import annotations

from collections.abc import Sequence

from modellix._openapi import Object, array_at, object_at
from page2openapi.drift.authentication import authentication_of, same_authentication
from page2openapi.drift.difference import Difference, Verdict, judge, worst_first
from page2openapi.drift.document import Operation, without_names
from page2openapi.drift.keywords import compare_descriptions
from page2openapi.drift.notes import Notes
from page2openapi.drift.payloads import compare_payloads
from page2openapi.drift.schemas import Walk

_NOT_PARAMETERS = ("accept", "authorization", "content-type")  # OpenAPI says that such headers are none


def compare(old: Operation, new: Operation) -> list[Difference]:
    """What changed from one operation to another, worst first. At most 5,000 places of the schemas are looked at."""
    notes = Notes(old, new)
    walk = Walk(notes)
    _compare_addresses(notes)
    _compare_authentication(notes)
    _compare_parameters(notes, walk)
    _compare_bodies(notes, walk)
    _compare_replies(notes, walk)
    return worst_first(notes.found)


def _compare_addresses(notes: Notes) -> None:
    was, now = notes.both(lambda side: side.operation.urls)
    if was and now and not _share_address(was, now):
        notes.note("url", "url", (was[0], now[0]), Verdict("breaking", "requests go to another address"))
    old, new = notes.both(lambda side: side.operation.method)
    if old and new and old != new:
        notes.note("method", "method", (old.upper(), new.upper()), Verdict("breaking", "requests use another method"))
    flags = notes.both(lambda side: side.operation.node.get("deprecated") is True)
    if flags[0] != flags[1] and not (notes.old.is_copy or notes.new.is_copy):
        notes.note("url", "deprecated", flags, Verdict("behavioural", "said of the whole operation"))


def _share_address(was: Sequence[str], now: Sequence[str]) -> bool:
    return any(_same_address(one, two) for one in map(without_names, was) for two in map(without_names, now))


def _same_address(one: str, two: str) -> bool:
    """Whether two addresses agree, as far as both say: a path alone, without a server, is the end of the address."""
    if one.startswith("/") or two.startswith("/"):
        return one.endswith(two) or two.endswith(one)
    return one == two


def _compare_authentication(notes: Notes) -> None:
    was, now = notes.both(authentication_of)
    if was is None or now is None or notes.is_doubtful("auth"):
        return
    if not same_authentication(was, now, loosely=notes.old.is_copy or notes.new.is_copy):
        change = (was.text or None, now.text or None)
        notes.note("auth", "auth", change, Verdict("breaking", "requests authenticate in another way"))
    elif was.description and now.description:
        compare_descriptions(notes, (was.description, now.description), "auth")


# Parameters.


def _compare_parameters(notes: Notes, walk: Walk) -> None:
    old, new = notes.both(lambda side: _parameters_of(side.operation))
    for key, was in old.items():
        if key in new:
            now, place = new[key], f"param.{was['in']}.{was['name']}"
            walk.required(_is_required(was), _is_required(now), place, reply=False)
            walk.schemas(_schema_of(was), _schema_of(now), place, reply=False)
    for kind in dict.fromkeys(kind for kind, _ in [*old, *new]):
        gone = [one for key, one in old.items() if key not in new and key[0] == kind]
        come = [one for key, one in new.items() if key not in old and key[0] == kind]
        required = {str(one["name"]) for one in come if _is_required(one)}
        walk.changed_names(f"param.{kind}", _by_name(gone), _by_name(come), required, reply=False)


def _parameters_of(operation: Operation) -> dict[tuple[str, str], Object]:
    """By place and name; the names of headers in small letters. Those of the operation win over those of its path."""
    found: dict[tuple[str, str], Object] = {}
    for stated in [*array_at(operation.node, "parameters"), *array_at(operation.item, "parameters")]:
        one = operation.follow(stated)
        kind, name = one.get("in"), one.get("name")
        if not isinstance(kind, str) or not isinstance(name, str):
            continue
        key = (kind, name.lower() if kind == "header" else name)
        if key[0] != "header" or key[1] not in _NOT_PARAMETERS:
            found.setdefault(key, one)
    return found


def _is_required(parameter: Object) -> bool:
    return parameter.get("required") is True or parameter["in"] == "path"


def _by_name(parameters: Sequence[Object]) -> Object:
    return {str(one["name"]): _schema_of(one) for one in parameters}


def _schema_of(parameter: Object) -> Object:
    """The schema, with what the parameter says beside it."""
    inside = next((object_at(one) for one in object_at(parameter, "content").values()), parameter)
    schema: Object = {key: parameter[key] for key in ("description", "deprecated") if parameter.get(key)}
    named = [one["value"] for one in object_at(parameter, "examples").values() if "value" in object_at(one)]
    examples = [parameter["example"]] if "example" in parameter else named
    return {**schema, **({"examples": examples} if examples else {}), "allOf": [inside.get("schema")]}


# Bodies and replies.


def _compare_bodies(notes: Notes, walk: Walk) -> None:
    old, new = notes.both(lambda side: side.operation.follow(side.operation.node.get("requestBody")))
    if old and new:
        sides = ((notes.old, old), (notes.new, new))
        if not any(side.is_copy or _required_fields(side.operation, one) for side, one in sides):
            walk.required(old.get("required") is True, new.get("required") is True, "body", reply=False)
        compare_payloads(notes, walk, (old, new), "body", reply=False)
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


def _compare_replies(notes: Notes, walk: Walk) -> None:
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
    compare_payloads(notes, walk, (old, new), place, reply=True)


def _success(replies: Object) -> str | None:
    """The first status of success, or the first of all."""
    stated = [status for status in replies if not status.startswith("x-")]
    return next((one for one in stated if one.startswith("2")), stated[0] if stated else None)
