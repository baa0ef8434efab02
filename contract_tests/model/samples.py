"""Valid values for schemas: what the cases begin with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample, Unsatisfiable

from contract_tests.model.counts import count_limits, small_count
from contract_tests.model.document import Document, Node, Operation
from contract_tests.model.numbers import numbers_near
from modellix._keywords import KEYWORDS, Keyword, bounds_for
from modellix._openapi import objects_in, types_of

PART_BY_PART = ("required", "properties", "additionalProperties", "items", "prefixItems", "allOf")
TEXTS = ("text", "https://example.com/picture.png", "https://example.com", "name@example.com", "1", "1x1", "#ffffff")


def base_body(document: Document, operation: Operation) -> Any:
    """A valid body with as few fields as possible: an example of the document, else one made from the schema."""
    judge = document.validator(document.body_schema(operation))
    shown = [body for body in document.examples(document.body(operation)).values() if judge.is_valid(body)]
    made = shown or [sample(document, document.body_schema(operation))]
    return min(made, key=lambda body: len(body) if isinstance(body, dict) else 0)


def body_with_a_field(document: Document, operation: Operation) -> Any:
    """The same with one field at least, also where none is required."""
    base, judge = base_body(document, operation), document.validator(document.body_schema(operation))
    optional = ({name: sample(document, schema)} for name, schema in document.fields(operation).items())
    return base or next(filter(judge.is_valid, optional), base)


def sample(document: Document, schema: Any) -> Any:
    """A value that a schema accepts. LookupError when none is found; an example beside the schema then helps."""
    judge = document.validator(schema)
    flat = document.schema(schema)
    for value in _candidates(document, flat):
        if judge.is_valid(value):
            return value
    raise LookupError(f"no value found for {flat!r:.200}; put an `examples` list beside it")


def elements(document: Document, schema: Any, count: int) -> list[Any]:
    """Values that a schema accepts, different from one another where options or an appended number allow it."""
    judge = document.validator(schema)
    options = [option for option in document.schema(schema).get("enum", []) if judge.is_valid(option)]
    if options:
        return [options[number % len(options)] for number in range(count)]
    first = sample(document, schema)
    numbered = (_numbered(first, number) if isinstance(first, str) else first for number in range(count))
    return [value if judge.is_valid(value) else first for value in numbered]


def good_list(document: Document, flat: Node, count: int) -> list[Any]:
    """A list of that many elements, of kinds that the limits on all of them together allow, where that can be."""
    items = flat.get("items", {})
    plain = elements(document, items, count)
    joint = {key: flat[key] for key in joint_limits(flat)}
    judge = document.validator(joint)
    if joint and not judge.is_valid(plain):
        for kind in kinds_of_elements(document, flat).values():
            for number in range(1, count + 1):
                mixed = [*(kind * number)[:number], *plain[number:]]
                if judge.is_valid(mixed):
                    return mixed
    return plain


def kinds_of_elements(document: Document, flat: Node) -> dict[str, list[Any]]:
    """Three elements each: any good ones, and such as a schema on elements takes or refuses."""
    items = flat.get("items", {})
    kinds: dict[str, Any] = {"": items}
    for name in joint_limits(flat):
        if KEYWORDS[name].takes == "schema":
            kinds[f" fitting {name}"] = {"allOf": [items, flat[name]]}
            kinds[f" not fitting {name}"] = {"allOf": [items, {"not": flat[name]}]}
    found = {name: _three(document, schema) for name, schema in kinds.items()}
    return {name: kind for name, kind in found.items() if kind}


def _three(document: Document, schema: Any) -> list[Any]:
    try:
        return elements(document, schema, 3)
    except LookupError:
        return []


def joint_limits(flat: Node) -> list[str]:
    """The keywords of a schema that judge its fields, or its elements, together."""
    types = types_of(flat)
    return [name for name in flat if name in KEYWORDS and _is_joint(KEYWORDS[name], types)]


def _is_joint(keyword: Keyword, types: list[str]) -> bool:
    if keyword.is_annotation or keyword.name in PART_BY_PART:
        return False
    if keyword.of == "array":
        return "array" in types and not keyword.is_limit
    return "object" in types and (keyword.of == "object" or keyword.is_in_place)


def _numbered(text: str, number: int) -> str:
    """The text with a number, before its extension if it has one: some services look at those."""
    stem, dot, extension = text.rpartition(".")
    return f"{stem}{number}{dot}{extension}" if extension.isalnum() and "/" in stem else f"{text}{number}"


def text_of(document: Document, schema: Any, length: int, letter: str = "a") -> str | None:
    """A text of that many characters that matches the pattern, if there is one; None when none is found."""
    free = {key: value for key, value in document.schema(schema).items() if key not in bounds_for("string")}
    if "pattern" not in free:
        return letter * length
    judge = document.validator(free)
    padded = ((text + letter * length)[:length] for text in _texts(document, free))
    return next((text for text in padded if judge.is_valid(text)), None)


_found: dict[str, str | None] = {}  # by pattern and limits


def _drawn(document: Document, flat: Node) -> str | None:
    """The simplest text that matches a pattern which no text at hand does; None when none is drawn."""
    limits = {key: flat[key] for key in ("pattern", *bounds_for("string")) if key in flat}
    name = json.dumps(limits, sort_keys=True)
    if name not in _found:
        quiet = settings(database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        try:
            texts = st.from_regex(re.compile(flat["pattern"]))
            _found[name] = find(texts, document.validator(limits).is_valid, settings=quiet, random=Random(0))
        except (NoSuchExample, Unsatisfiable, re.error):
            _found[name] = None
    return _found[name]


def _candidates(document: Document, flat: Node) -> Iterator[Any]:
    yield from flat.get("enum", [])
    yield from (flat[key] for key in ("const", "example", "default") if key in flat)
    yield from flat.get("examples", [])
    for part in (*flat.get("anyOf", []), *flat.get("oneOf", [])):
        yield from _candidates(document, document.schema(part))
    types = types_of(flat) or ["object" if "properties" in flat else "string"]
    if "object" in types:
        yield from _objects(document, flat)
        yield from free_objects(document, flat)
    if "array" in types:
        yield good_list(document, flat, small_count(flat, "array"))
    if "string" in types:
        text = text_of(document, flat, small_count(flat, "string"))
        yield from [text] if text is not None else []
        yield from _texts(document, flat)
        yield from [drawn] if "pattern" in flat and (drawn := _drawn(document, flat)) is not None else []
    if "integer" in types or "number" in types:
        yield from numbers_near(flat)
    yield from (value for name, value in (("boolean", True), ("null", None)) if name in types)


def _objects(document: Document, flat: Node) -> Iterator[dict[str, Any]]:
    """The required fields; those and one more; all fields."""
    properties, required = flat.get("properties", {}), flat.get("required", [])
    least = {name: sample(document, properties.get(name, {})) for name in required}
    yield least
    optional = {name: schema for name, schema in properties.items() if name not in required}
    yield from ({**least, name: sample(document, schema)} for name, schema in optional.items())
    yield {**least, **{name: sample(document, schema) for name, schema in optional.items()}}


def free_objects(document: Document, flat: Node) -> list[dict[str, Any]]:
    """Objects of few fields that no schema names: none, a few, as many as the limits allow, and one beyond them."""
    if "properties" in flat or flat.get("additionalProperties") is False:
        return []
    lower, upper = count_limits(flat, "object")
    counts = {0, 1, 2, lower - 1, lower, lower + 1} | ({upper, upper + 1} if upper is not None else set())
    value = sample(document, flat["additionalProperties"]) if "additionalProperties" in flat else "text"
    return [{f"key_{at}": value for at in range(1, count + 1)} for count in sorted(counts) if count >= 0]


def _texts(document: Document, flat: Node) -> list[str]:
    """Texts to try on a pattern: examples of the schema, of requests, of the rest of the document; common shapes."""
    own = [flat[key] for key in ("example", "default") if key in flat] + list(flat.get("examples", []))
    return list(dict.fromkeys([*strings_in(own), *_shown_texts(document), *TEXTS]))


@lru_cache(maxsize=4)
def _shown_texts(document: Document) -> tuple[str, ...]:
    """The strings in the document's examples, those of requests first."""
    asked = [body for one in document.operations for body in document.examples(document.body(one)).values()]
    shown = [example["value"] for _, example in objects_in(document.root) if "value" in example]
    return tuple(dict.fromkeys([*strings_in(asked), *strings_in(shown)]))


def strings_in(value: Any) -> Iterator[str]:
    """Every string inside a JSON value."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings_in(inner)
