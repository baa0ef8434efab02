"""Compares two operations: address, method, authentication, parameters; their bodies and replies stand elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from modellix._openapi import Object, array_at, is_array, is_object, object_at
from page2openapi.drift.difference import Difference, Verdict, worst_first
from page2openapi.drift.document import Operation, without_names
from page2openapi.drift.keywords import compare_descriptions
from page2openapi.drift.notes import Notes, Side
from page2openapi.drift.payloads import compare_bodies, compare_replies
from page2openapi.drift.schemas import Walk

_HEADER = "apikey in header authorization"
_HTTP = "http "
_NOT_PARAMETERS = ("accept", "authorization", "content-type")  # OpenAPI says that such headers are none


def compare(old: Operation, new: Operation) -> list[Difference]:
    """What changed from one operation to another, worst first. At most 5,000 places of the schemas are looked at."""
    notes = Notes(old, new)
    walk = Walk(notes)
    _compare_addresses(notes)
    _compare_authentication(notes)
    _compare_parameters(notes, walk)
    compare_bodies(notes, walk)
    compare_replies(notes, walk)
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


# Authentication.


def _compare_authentication(notes: Notes) -> None:
    was, now = notes.both(_authentication_of)
    if was is None or now is None or notes.is_doubtful("auth"):
        return
    if not _same_authentication(was, now, loosely=notes.old.is_copy or notes.new.is_copy):
        change = (was.text or None, now.text or None)
        notes.note("auth", "auth", change, Verdict("breaking", "requests authenticate in another way"))
    elif was.description and now.description:
        compare_descriptions(notes, (was.description, now.description), "auth")


@dataclass(frozen=True)
class _Authentication:
    """Alternatives, each a set of schemes that are needed together; none at all when no key is needed."""

    ways: frozenset[frozenset[str]]
    description: str

    @property
    def text(self) -> str:
        """Such as `http bearer or apiKey in header X-Key`."""
        return " or ".join(sorted(" and ".join(sorted(way)) or "nothing" for way in self.ways))


def _authentication_of(side: Side) -> _Authentication | None:
    """What the operation asks for, or None when the page does not say."""
    operation = side.operation
    security = operation.node.get("security", operation.document.get("security"))
    if not is_array(security):
        if side.is_copy or (side.is_page and side.doubts.touch("auth")):
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


def _scheme(operation: Operation, name: str) -> Object:
    return operation.follow(object_at(operation.document, "components", "securitySchemes").get(name))


def _text(name: str, scheme: Object) -> str:
    kind = scheme.get("type")
    if kind == "http":
        return f"{_HTTP}{str(scheme.get('scheme')).lower()}"
    if kind == "apiKey":
        where, called = scheme.get("in"), str(scheme.get("name"))
        return f"apiKey in {where} {called.lower() if where == 'header' else called}"
    return str(kind or name)
