"""A schema as one flat set of facts: references followed, `allOf` merged, choices between types put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from modellix._keywords import KEYWORDS
from modellix._openapi import BadReference, Object, array_at, at, is_array, is_number, is_object, object_at, reference
from page2openapi.json_text import key_of

OWN_FIELDS = frozenset(["$ref", "allOf", "anyOf", "oneOf", "type", "enum", "const", "properties", "required", "items"])
"""The keywords that `FlatSchema` has fields for; all others stand among its `keywords` as they are."""

OTHERS = "{key}"  # stands for all fields that have no names of their own
WORDS = ("title", "description", "examples")
_FAMILIES = {"integer": "number"}
_DEEPEST = 40  # schemas inside one another that say something of the same value


@dataclass(frozen=True)
class FlatSchema:
    """What a schema says of a value. Schemas of fields and items are as they were.

    `types` has no `null`; it is empty when any type will do. `options` are the values of `enum` or `const` but null,
    None when there is no such list. `keywords` are the others as they stand. `forms` are alternatives that differ in
    more than their type.
    """

    types: tuple[str, ...] = ()
    nullable: bool = False
    options: tuple[Any, ...] | None = None
    keywords: Object = field(default_factory=dict[str, Any])
    properties: Object = field(default_factory=dict[str, Any])
    required: frozenset[str] = frozenset()
    items: Any = None
    forms: tuple[FlatSchema, ...] = ()

    @property
    def families(self) -> set[str]:
        """The types, with `integer` counted as `number`."""
        return {_FAMILIES.get(one, one) for one in self.types}

    @property
    def says_nothing(self) -> bool:
        """Whether any value will do."""
        return self == FlatSchema(keywords=self.keywords) and not self.keywords.keys() - set(WORDS)

    @property
    def written_type(self) -> Any:
        """The type as a schema writes it, without null; None for any."""
        return self.types[0] if len(self.types) == 1 else list(self.types) or None


class Flattener:
    """Makes the schemas of one document flat."""

    def __init__(self, document: Object) -> None:
        self._document = document
        self._known: dict[str, FlatSchema] = {}
        self._open = set[str]()
        self._depth = 0

    def flat(self, schema: Any) -> FlatSchema:
        """The schema made flat; nothing that is a schema says nothing."""
        if not is_object(schema) or self._depth > _DEEPEST:
            return FlatSchema()
        self._depth += 1
        found = self._own(schema)
        ref = reference(schema)
        if ref is not None:
            found = both(found, self._referred(ref))
        for member in array_at(schema, "allOf"):
            found = both(found, self.flat(member))
        for choice in ("anyOf", "oneOf"):
            if array_at(schema, choice):
                found = self._choose(found, schema[choice])
        self._depth -= 1
        return found

    def _referred(self, ref: str) -> FlatSchema:
        if ref in self._open:
            return FlatSchema()
        if ref not in self._known:
            self._open.add(ref)
            self._known[ref] = self.flat(self._target(ref))
            self._open.discard(ref)
        return self._known[ref]

    def _target(self, ref: str) -> Any:
        try:
            return at(self._document, ref)
        except BadReference:
            return None

    def _own(self, schema: Object) -> FlatSchema:
        types, options = _types(schema), _options(schema)
        nullable = "null" in types or (not types and options is not None and None in options)
        required = frozenset(one for one in array_at(schema, "required") if isinstance(one, str))
        stated = object_at(schema, "properties")
        others = schema.get("additionalProperties")
        if is_object(others) and others:
            stated = {**stated, OTHERS: others}
        return FlatSchema(
            tuple(one for one in types if one != "null"),
            nullable,
            None if options is None else tuple(one for one in options if one is not None),
            {key: value for key, value in schema.items() if key not in OWN_FIELDS},
            {**stated, **{name: {} for name in sorted(required) if name not in stated}},
            required,
            schema.get("items"),
        )

    def _choose(self, found: FlatSchema, alternatives: Sequence[Any]) -> FlatSchema:
        flat = [self.flat(one) for one in alternatives if not _is_null(one)]
        if len(flat) < len(alternatives) and not found.types:
            found = replace(found, nullable=True)
        chosen = [one for index, one in enumerate(flat) if one not in flat[:index]]
        if len(chosen) == 1:
            merged = both(found, chosen[0])
            return replace(merged, nullable=found.nullable or chosen[0].nullable)
        if _differ_in_type(chosen):
            return both(found, _either(chosen, nullable=found.nullable))
        return replace(found, forms=(*found.forms, *chosen))


def _is_null(schema: Any) -> bool:
    return is_object(schema) and schema.get("type") in ("null", ["null"])


def _types(schema: Object) -> list[str]:
    stated = schema.get("type")
    if isinstance(stated, str):
        return [stated]
    if is_array(stated):
        return list(dict.fromkeys(one for one in stated if isinstance(one, str)))
    if "properties" in schema:
        return ["object"]
    if "items" in schema:
        return ["array"]
    options = _options(schema) or []
    return ["string"] if options and all(isinstance(one, str) for one in options) else []


def _options(schema: Object) -> list[Any] | None:
    if is_array(schema.get("enum")):
        different = {key_of(one): one for one in schema["enum"]}
        return list(different.values())
    return [schema["const"]] if "const" in schema else None


# Putting flat schemas together.


def both(one: FlatSchema, other: FlatSchema) -> FlatSchema:
    """What holds when both hold. Words, and what cannot be merged, are those of the first."""
    return FlatSchema(
        _shared_types(one.types, other.types),
        one.nullable and other.nullable if one.types and other.types else one.nullable or other.nullable,
        _shared_options(one.options, other.options),
        _merged_keywords(one.keywords, other.keywords),
        _merged_properties(one.properties, other.properties),
        one.required | other.required,
        _together(one.items, other.items),
        (*one.forms, *other.forms),
    )


def _shared_types(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    if not one or not other:
        return one or other
    shared = [kind for kind in one if kind in other or (kind == "integer" and "number" in other)]
    shared += [kind for kind in other if kind == "integer" and "number" in one and kind not in shared]
    return tuple(shared) or one


def _shared_options(one: tuple[Any, ...] | None, other: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    if one is None or other is None:
        return other if one is None else one
    keys = {key_of(value) for value in other}
    return tuple(value for value in one if key_of(value) in keys)


def _merged_keywords(one: Object, other: Object) -> Object:
    merged = {**other, **one}
    for key in one.keys() & other.keys():
        mine, theirs = one[key], other[key]
        bound = KEYWORDS[key].bound if key in KEYWORDS else None
        if bound and is_number(mine) and is_number(theirs):
            merged[key] = max(mine, theirs) if bound == "lower" else min(mine, theirs)
    return merged


def _merged_properties(one: Object, other: Object) -> Object:
    return {**one, **{name: _together(one.get(name), schema) for name, schema in other.items()}}


def _together(one: Any, other: Any) -> Any:
    """One schema that asks for both, each of its parts once."""
    if one is None or other is None or one is other:
        return other if one is None else one
    parts = {id(part): part for schema in (one, other) for part in _parts(schema)}
    return {"allOf": list(parts.values())} if len(parts) > 1 else one


def _parts(schema: Any) -> Iterable[Any]:
    if not is_object(schema) or not schema:
        return []
    return array_at(schema, "allOf") if schema.keys() == {"allOf"} else [schema]


def _differ_in_type(schemas: Sequence[FlatSchema]) -> bool:
    """Whether each alternative is known by its type, so that the keywords of one cannot be taken for another's."""
    families = [family for one in schemas for family in one.families]
    bare = all(not one.keywords.keys() - set(WORDS) and one.options is None for one in schemas)
    lone = all(len(one.types) == 1 and not one.forms for one in schemas)
    different = len(schemas) == len({one.types for one in schemas})
    listed = {one.options is None for one in schemas}  # The options of one would be asked of all.
    return lone and len(listed) == 1 and (len(set(families)) == len(families) or (bare and different))


def _either(schemas: Sequence[FlatSchema], *, nullable: bool) -> FlatSchema:
    found = FlatSchema()
    for one in schemas:
        found = FlatSchema(
            (*found.types, *one.types),
            nullable or found.nullable or one.nullable,
            found.options if one.options is None else (*(found.options or ()), *one.options),
            {**one.keywords, **found.keywords},
            {**one.properties, **found.properties},
            found.required | one.required,
            one.items if found.items is None else found.items,
        )
    return found
