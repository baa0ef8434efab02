"""Compares two operations: address, method, authentication, parameters, bodies and replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from modellix._openapi import Object, array_at, is_array, is_object, object_at
from page2openapi.drift.difference import Difference, Verdict, judge, worst_first
from page2openapi.drift.document import StatedOperation, without_names
from page2openapi.drift.schemas import Walk
from page2openapi.drift.sides import Sides, alone, compare_descriptions, compare_examples

_HEADER = "apikey in header authorization"
_HTTP = "http "


def compare(old: StatedOperation, new: StatedOperation) -> list[Difference]:
    """What changed from one operation to another, worst first. At most 5,000 places of the schemas are looked at."""
    sides = Sides(old, new)
    walk = Walk(sides)
    _compare_addresses(sides)
    _compare_authentication(sides)
    _compare_parameters(walk)
    _compare_bodies(walk)
    _compare_replies(walk)
    return worst_first(sides.found)


def _compare_addresses(sides: Sides) -> None:
    was, now = (side.urls for side in sides.both)
    if was and now and not _share_address(was, now):
        sides.note("url", "url", (was[0], now[0]), Verdict("breaking", "requests go to another address"))
    old, new = (side.method for side in sides.both)
    if old and new and old != new:
        sides.note("method", "method", (old.upper(), new.upper()), Verdict("breaking", "requests use another method"))
    was_deprecated, deprecated = (side.node.get("deprecated") is True for side in sides.both)
    if was_deprecated != deprecated and not sides.with_copy:
        change = (was_deprecated, deprecated)
        sides.note("url", "deprecated", change, Verdict("behavioural", "said of the whole operation"))


def _share_address(was: Sequence[str], now: Sequence[str]) -> bool:
    return any(_same_address(one, two) for one in map(without_names, was) for two in map(without_names, now))


def _same_address(one: str, two: str) -> bool:
    """Whether two addresses agree, as far as both say: a path alone, without a server, is the end of the address."""
    if one.startswith("/") or two.startswith("/"):
        return one.endswith(two) or two.endswith(one)
    return one == two


# Parameters.


def _compare_parameters(walk: Walk) -> None:
    old, new = (_parameters_of(side) for side in walk.sides.both)
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


def _parameters_of(operation: StatedOperation) -> dict[tuple[str, str], Object]:
    """By place and name; the names of headers in small letters."""
    found: dict[tuple[str, str], Object] = {}
    for one in operation.parameters:
        kind, name = one.get("in"), one.get("name")
        if isinstance(kind, str) and isinstance(name, str):
            found.setdefault((kind, name.lower() if kind == "header" else name), one)
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


# Authentication.


def _compare_authentication(sides: Sides) -> None:
    was, now = map(_authentication_of, sides.both)
    if was is None or now is None or sides.is_doubtful("auth"):
        return
    if not _same_authentication(was, now, loosely=sides.with_copy):
        change = (was.text or None, now.text or None)
        sides.note("auth", "auth", change, Verdict("breaking", "requests authenticate in another way"))
    elif was.description and now.description:
        compare_descriptions(sides, (was.description, now.description), "auth")


@dataclass(frozen=True)
class _Authentication:
    """Alternatives, each a set of schemes that are needed together; none at all when no key is needed."""

    ways: frozenset[frozenset[str]]
    description: str

    @property
    def text(self) -> str:
        """Such as `http bearer or apiKey in header X-Key`."""
        return " or ".join(sorted(" and ".join(sorted(way)) or "nothing" for way in self.ways))


def _authentication_of(operation: StatedOperation) -> _Authentication | None:
    """What the operation asks for, or None when the page does not say."""
    security = operation.node.get("security", operation.document.get("security"))
    if not is_array(security):
        if operation.is_copy or (operation.is_page and operation.doubts.touch("auth")):
            return None
        security = []
    ways = [one for one in security if is_object(one)]
    schemes = {name: _scheme(operation, name) for way in ways for name in way}
    texts = [str(one["description"]) for one in schemes.values() if isinstance(one.get("description"), str)]
    named = frozenset(frozenset(_text(name, schemes[name]) for name in way) for way in ways)
    return _Authentication(named, "\n\n".join(dict.fromkeys(texts)))


def _same_authentication(one: _Authentication, other: _Authentication, *, loosely: bool) -> bool:
    """Whether both ask for the same. A copied page shows one way of several, and may not name the scheme."""
    if one.ways == other.ways:
        return True
    return loosely and any(_agree(mine, theirs) for mine in one.ways for theirs in other.ways)


def _agree(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two ways are one, an unnamed scheme in the header `Authorization` being any scheme."""
    mine, theirs = ({text.lower() for text in way} for way in (one, other))
    unnamed = _HEADER in mine | theirs
    return mine == theirs or (unnamed and _unnamed(mine) == _unnamed(theirs))


def _unnamed(way: set[str]) -> set[str]:
    return {_HEADER if text.startswith(_HTTP) else text for text in way}


def _scheme(operation: StatedOperation, name: str) -> Object:
    return operation.follow(object_at(operation.document, "components", "securitySchemes").get(name))


def _text(name: str, scheme: Object) -> str:
    kind = scheme.get("type")
    if kind == "http":
        return f"{_HTTP}{str(scheme.get('scheme')).lower()}"
    if kind == "apiKey":
        where, called = scheme.get("in"), str(scheme.get("name"))
        return f"apiKey in {where} {called.lower() if where == 'header' else called}"
    return str(kind or name)


# Bodies and replies: content types, words, samples and schemas.


def _compare_bodies(walk: Walk) -> None:
    sides = walk.sides
    old, new = (side.body for side in sides.both)
    if old and new:
        if not any(side.is_copy or _has_required_fields(side) for side in sides.both):
            walk.required(old.get("required") is True, new.get("required") is True, "body", reply=False)
        _compare_payloads(walk, old, new, "body")
        return
    lacking = sides.new if old else sides.old
    if (old or new) and not lacking.doubts.touch("body"):
        kind = "field removed" if old else "field added"
        needed = new.get("required") is True or _has_required_fields(sides.new)
        change = (sorted(object_at(old, "content")) or None, sorted(object_at(new, "content")) or None)
        verdict = judge("required field added" if needed and new else kind, reply=False)
        sides.note("body", kind, change, verdict)


def _has_required_fields(operation: StatedOperation) -> bool:
    """Whether the body has required fields: then it is required itself, said or not."""
    stated = [object_at(one) for one in object_at(operation.body, "content").values()][:1]
    return bool(stated and array_at(operation.follow(stated[0].get("schema")), "required"))


def _compare_replies(walk: Walk) -> None:
    """Notes what differs, status by status."""
    sides = walk.sides
    old, new = (object_at(side.node, "responses") for side in sides.both)
    first, second = _success(old), _success(new)
    if first is not None and second is not None:
        if first != second and not sides.with_copy:
            sides.note("response", "status", (first, second), Verdict("breaking", "success has another status"))
        _compare_reply(walk, old[first], new[second], "response")
    for status in dict.fromkeys([*old, *new]):
        if status in (first, second) or status.startswith("x-"):
            continue
        if status in old and status in new:
            _compare_reply(walk, old[status], new[status], f"response[{status}]")
        elif not sides.with_page:
            kind, change = ("field added", (None, status)) if status in new else ("field removed", (status, None))
            sides.note(f"response[{status}]", kind, change, Verdict("non-breaking", "a reply that is no success"))


def _compare_reply(walk: Walk, was: object, now: object, place: str) -> None:
    old, new = walk.sides.old.follow(was), walk.sides.new.follow(now)
    unread: Object = {"description": ""}  # Only the status is on the page.
    if not any(side.is_copy and one == unread for side, one in zip(walk.sides.both, (old, new), strict=True)):
        _compare_payloads(walk, old, new, place)


def _success(replies: Object) -> str | None:
    """The first status of success, or the first of all."""
    stated = [status for status in replies if not status.startswith("x-")]
    return next((one for one in stated if one.startswith("2")), stated[0] if stated else None)


def _compare_payloads(walk: Walk, old: Object, new: Object, place: str) -> None:
    """Notes what differs between two request bodies or responses."""
    sides, contents = walk.sides, (object_at(old, "content"), object_at(new, "content"))
    if all(contents):
        _compare_content_types(sides, *contents, place)
    was, now = _chosen(*contents)
    compare_descriptions(sides, (_texts(sides.old, old, was), _texts(sides.new, new, now)), place)
    if place == "response" and not sides.mixed:
        samples = _samples(sides.old, was), _samples(sides.new, now)
        if all(samples):
            compare_examples(sides, "sample_response", *samples, why="the sample reply differs")
    silent = any("schema" not in one and side.is_page for side, one in zip(sides.both, (was, now), strict=True))
    if not silent and ("schema" in was or "schema" in now):
        walk.schemas(was.get("schema"), now.get("schema"), place, reply=place != "body", described=True)


def _compare_content_types(sides: Sides, old: Object, new: Object, place: str) -> None:
    was, now = ([name.split(";")[0].strip().lower() for name in one] for one in (old, new))
    shared = set(was) & set(now)
    if set(was) == set(now) or (shared and any(map(sides.shows_part, sides.both))):
        return
    worse = bool(set(was) - shared) if place == "body" else not shared
    verdict = Verdict("breaking" if worse else "non-breaking", "the content types differ")
    sides.note(place, "content", (alone(was), alone(now)), verdict)


def _chosen(old: Object, new: Object) -> tuple[Object, Object]:
    """The content of a type that both have, else of the first."""
    shared = [name for name in old if name in new][:1]
    first, second = ((shared or list(one))[:1] for one in (old, new))
    return object_at(old, *first) if first else {}, object_at(new, *second) if second else {}


def _texts(operation: StatedOperation, payload: Object, media: Object) -> str:
    """The descriptions of the whole and of its schema, which pages do not tell apart."""
    schema = media.get("schema")
    own = schema.get("description") if is_object(schema) else None
    texts = [payload.get("description"), own or operation.follow(schema).get("description")]
    return "\n\n".join(dict.fromkeys(one.strip() for one in texts if isinstance(one, str) and one.strip()))


def _samples(operation: StatedOperation, media: Object) -> list[Any]:
    if media.get("example") is not None:
        return [media["example"]]
    named = [operation.follow(one) for one in object_at(media, "examples").values()]
    return [one["value"] for one in named if "value" in one]
