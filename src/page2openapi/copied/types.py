"""The row that states a field's type: `enum<string>`, `string<uri>[]`, `Name · object | null` and the like."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from modellix._openapi import Object, types_of
from page2openapi.copied.notation import ATOMS, ENUMERATED

LONGEST = 300  # characters of a type
_MOST_GROUPS = 8

_ATOM = re.compile(
    rf"(?:enum<(?P<enum>{'|'.join(ENUMERATED)})>|(?P<name>{'|'.join(ATOMS)})(?:<(?P<format>[\w.+-]+)>)?)(?P<lists>(?:\[\])*)"
)
_BEGINNING = re.compile(rf"\(|enum<|{'|'.join(ATOMS)}|[^|]{{1,100}} · ")
_GROUP = re.compile(r"\((?P<inner>.+)\)(?P<lists>(?:\[\])*)")
_TITLED = re.compile(r"(?P<title>[^|()<>\[\]]{1,100}) · (?P<type>\S.*)")
_UNKNOWN = re.compile(
    r"(?:[A-Za-z][\w-]*<[^<>]{1,60}>|[A-Za-z]\w*\[\]|[A-Za-z]\w* \| null)(?:\[\])*(?: \| null)?|[\w ]{1,100} · \w.*"
)


@dataclass
class Kind:
    """A type as a schema. `enumerated` tells that its options must follow; `known` is false for a type nobody knows."""

    schema: Object = field(default_factory=dict[str, Any])
    enumerated: bool = False
    known: bool = True

    @property
    def names(self) -> list[str]:
        """The JSON types that a value may have; empty when any may, or when alternatives differ in more than type."""
        return types_of(self.schema)

    @property
    def is_array(self) -> bool:
        """Whether it is a list, perhaps or null."""
        return "array" in self.names


def parse_type(text: str) -> Kind | None:
    """The type that a row states, or None when the row is no type."""
    if len(text) > LONGEST or text.count("(") > _MOST_GROUPS or not _BEGINNING.match(text):
        return None
    parts = _split(text)
    kinds = [_single(part) for part in parts]
    return union([kind for kind in kinds if kind is not None]) if all(kinds) else None


def may_be_type(text: str) -> bool:
    """Whether a line is worth a closer look: it begins like a type, or has a type's punctuation."""
    return _BEGINNING.match(text) is not None or any(mark in text[:LONGEST] for mark in "<[|·")


def unknown_type(text: str) -> bool:
    """Whether a row looks like a type, but like none that is known."""
    return len(text) <= LONGEST and _UNKNOWN.fullmatch(text) is not None and parse_type(text) is None


def union(kinds: list[Kind]) -> Kind:
    """The type that allows what any of these allows."""
    different = [kind for index, kind in enumerate(kinds) if kind not in kinds[:index]]
    others = [kind for kind in different if kind.schema != {"type": "null"}]
    if not others:
        return different[0]
    kind = others[0] if len(others) == 1 else _alternatives(others)
    return _nullable(kind) if len(others) < len(different) else kind


def _split(text: str) -> list[str]:
    """The alternatives between bars that stand outside parentheses, or that are run together."""
    parts, depth, start = list[str](), 0, 0
    for match in re.finditer(r"[()]| \| ", text):
        depth += {"(": 1, ")": -1}.get(match.group(), 0)
        if match.group() == " | " and depth == 0:
            parts.append(text[start : match.start()])
            start = match.end()
    parts.append(text[start:])
    return _run_together(parts[0]) if len(parts) == 1 else parts


def _run_together(text: str) -> list[str]:
    """`object[]string[]` is two types: a choice whose buttons were copied without a space."""
    ends = [match.end() for match in _ATOM.finditer(text)]
    starts = [0, *ends[:-1]]
    together = len(ends) > 1 and "".join(match.group() for match in _ATOM.finditer(text)) == text
    return [text[start:end] for start, end in zip(starts, ends, strict=True)] if together else [text]


def _single(text: str) -> Kind | None:
    titled = _TITLED.fullmatch(text)
    kind = _untitled(titled["type"] if titled else text)
    if kind is not None and titled:
        _innermost(kind)["title"] = titled["title"].strip()
    return kind


def _untitled(text: str) -> Kind | None:
    match = _ATOM.fullmatch(text)
    if match is not None:
        return _lists(_atom(match), match["lists"])
    match = _GROUP.fullmatch(text)
    inner = parse_type(match["inner"]) if match else None
    return _lists(inner, match["lists"]) if match and inner else None


def _atom(match: re.Match[str]) -> Kind:
    if match["enum"]:
        return Kind({"type": match["enum"]}, enumerated=True)
    name, form = match["name"], match["format"]
    if name == "file":
        return Kind({"type": "string", "format": "binary"})
    schema: Object = {} if name == "any" else {"type": name}
    return Kind(schema | ({"format": form} if form else {}))


def _lists(kind: Kind, brackets: str) -> Kind:
    for _ in range(len(brackets) // 2):
        kind = Kind({"type": "array", "items": kind.schema}, kind.enumerated)
    return kind


def _innermost(kind: Kind) -> Object:
    schema = kind.schema
    while "items" in schema:
        schema = schema["items"]
    return schema


def _alternatives(kinds: list[Kind]) -> Kind:
    enumerated = any(kind.enumerated for kind in kinds)
    if all(kind.schema.keys() == {"type"} and not kind.enumerated for kind in kinds):
        return Kind({"type": [name for kind in kinds for name in kind.names]})
    return Kind({"anyOf": [kind.schema for kind in kinds]}, enumerated)


def _nullable(kind: Kind) -> Kind:
    if "anyOf" in kind.schema:
        return Kind({"anyOf": [*kind.schema["anyOf"], {"type": "null"}]}, kind.enumerated)
    if "type" not in kind.schema:
        return kind
    names = kind.names if "null" in kind.names else [*kind.names, "null"]
    return Kind({**kind.schema, "type": names}, kind.enumerated)
