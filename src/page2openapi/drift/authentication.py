"""How an operation is authenticated, in a few words."""

from __future__ import annotations

from dataclasses import dataclass

from modellix._openapi import Object, is_array, is_object, object_at
from page2openapi.drift.document import Operation
from page2openapi.drift.notes import Side

_HEADER = "apikey in header authorization"
_HTTP = "http "


@dataclass(frozen=True)
class Authentication:
    """Alternatives, each a set of schemes that are needed together; none at all when no key is needed."""

    ways: frozenset[frozenset[str]]
    description: str

    @property
    def text(self) -> str:
        """Such as `http bearer or apiKey in header X-Key`."""
        return " or ".join(sorted(" and ".join(sorted(way)) or "nothing" for way in self.ways))


def authentication_of(side: Side) -> Authentication | None:
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
    return Authentication(named, "\n\n".join(dict.fromkeys(texts)))


def same_authentication(one: Authentication, other: Authentication, *, loosely: bool) -> bool:
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
