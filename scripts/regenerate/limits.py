"""The schemas that the generated client checks requests with, as plain data for its module `schemas.py`.

Whatever version a document has, they come out in the JSON Schema of OpenAPI 3.1, with assertions only.
"""

from __future__ import annotations

from typing import Any

from modellix._keywords import KEYWORDS, Keyword
from modellix._openapi import Found, all_inside, at, is_array, is_object, reference
from scripts.regenerate.patterns import python_pattern

_CHECKED = [one for one in KEYWORDS.values() if one.is_checked and not one.is_annotation]


def is_version_30(document: dict[str, Any]) -> bool:
    """Whether the document's schemas are those of OpenAPI 3.0, with `nullable` and boolean exclusive bounds."""
    return str(document.get("openapi", "")).startswith("3.0")


def checked_schemas(document: dict[str, Any], roots: list[Found]) -> dict[str, Any]:
    """Assertions of these schemas and of all that they refer to, by JSON pointer, sorted."""
    old = is_version_30(document)
    found: dict[str, Any] = {}
    waiting = list(roots)
    while waiting:
        root = waiting.pop()
        if root.place in found:
            continue
        found[root.place] = assertions(root.value, old=old)
        for inner in all_inside(root):
            ref = reference(inner.value)
            if ref is not None:
                waiting.append(Found(ref, at(document, ref, asked_at=inner.place)))
    return dict(sorted(found.items()))


def assertions(schema: Any, *, old: bool) -> Any:
    """The schema without what says nothing about validity. `old` reads it as OpenAPI 3.0 does."""
    if isinstance(schema, bool):
        return schema
    if "$ref" in schema and old:
        return {"$ref": schema["$ref"]}
    kept = {one.name: _kept(one, schema[one.name], old=old) for one in _CHECKED if one.name in schema}
    return _modern(kept, schema) if old else kept


def _kept(keyword: Keyword, value: Any, *, old: bool) -> Any:
    """The value of a keyword, as assertions alone."""
    match keyword.takes:
        case "pattern":
            return python_pattern(value)
        case "schema":
            return assertions(value, old=old)
        case "list of schemas":
            return [assertions(inner, old=old) for inner in value]
        case "map of schemas":
            return {name: assertions(inner, old=old) for name, inner in value.items()}
        case _:
            return value


def _modern(kept: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0's way of saying null and exclusive bounds, put as 3.1 does."""
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if kept.pop(exclusive, False) is True and bound in kept:
            kept[exclusive] = kept.pop(bound)
    if schema.get("nullable") is not True:
        return kept
    if isinstance(kept.get("type"), str):
        return kept | {"type": [kept["type"], "null"]}
    return {"anyOf": [kept, {"type": "null"}]}


def at_construction(schema: Any, fields: set[str]) -> Any:
    """What of a model's schema holds before further properties are added: those can be set only on a finished model."""
    if not is_object(schema) or schema.get("additionalProperties") is False:
        return schema
    lasting = {name: value for name, value in schema.items() if not _is_mendable(KEYWORDS[name], value, fields)}
    return {name: _early(KEYWORDS[name], value, fields) for name, value in lasting.items()}


def _is_mendable(keyword: Keyword, value: Any, fields: set[str]) -> bool:
    """Whether further properties may mend what breaks the keyword."""
    if keyword.is_in_place or keyword.takes in ("value", "list of values"):
        return keyword.name != "allOf" and not _names(value) <= fields
    return keyword.of == "object" and keyword.bound == "lower"


def _early(keyword: Keyword, value: Any, fields: set[str]) -> Any:
    """What a keyword asks of a model's own fields."""
    if keyword.takes == "names":
        return [name for name in value if name in fields]
    if keyword.takes == "map of names":
        return {trigger: [name for name in names if name in fields] for trigger, names in value.items()}
    return [at_construction(inner, fields) for inner in value] if keyword.name == "allOf" else value


def _names(value: Any) -> set[str]:
    """Property names that a schema mentions; one that no field can have stands for what cannot be told."""
    if is_array(value):
        return set[str]().union(*map(_names, value))
    if not is_object(value):
        return set()
    told = set(value) <= {"required", "properties", "type", "not", "anyOf", "oneOf", "allOf"}
    names = {*value.get("required", []), *value.get("properties", {})} if told else {""}
    return names.union(*(_names(value[keyword]) for keyword in ("not", "anyOf", "oneOf", "allOf") if keyword in value))
