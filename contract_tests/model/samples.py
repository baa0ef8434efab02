"""Valid values for schemas: what the cases begin with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract_tests.model.counts import small_count
from contract_tests.model.document import Document, Node, Operation
from contract_tests.model.numbers import numbers_near
from modellix._keywords import bounds_for
from modellix._openapi import objects_in, types_of

TEXTS = ("text", "https://example.com/picture.png", "https://example.com", "name@example.com", "1", "1x1", "#ffffff")


def base_body(document: Document, operation: Operation) -> Any:
    """A valid body with as few fields as possible: an example of the document, else one made from the schema."""
    judge = document.validator(document.body_schema(operation))
    shown = [body for body in document.examples(document.body(operation)).values() if judge.is_valid(body)]
    made = shown or [sample(document, document.body_schema(operation))]
    return min(made, key=lambda body: len(body) if isinstance(body, dict) else 0)


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
    options = document.schema(schema).get("enum")
    if options:
        return [options[number % len(options)] for number in range(count)]
    first = sample(document, schema)
    numbered = (_numbered(first, number) if isinstance(first, str) else first for number in range(count))
    return [value if judge.is_valid(value) else first for value in numbered]


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


def _candidates(document: Document, flat: Node) -> Iterator[Any]:
    yield from flat.get("enum", [])
    yield from (flat[key] for key in ("const", "example", "default") if key in flat)
    yield from flat.get("examples", [])
    for part in (*flat.get("anyOf", []), *flat.get("oneOf", [])):
        yield from _candidates(document, document.schema(part))
    types = types_of(flat) or ["object" if "properties" in flat else "string"]
    if "object" in types:
        properties = flat.get("properties", {})
        yield {name: sample(document, properties.get(name, {})) for name in flat.get("required", [])}
    if "array" in types:
        yield elements(document, flat.get("items", {}), small_count(flat, "array"))
    if "string" in types:
        text = text_of(document, flat, small_count(flat, "string"))
        yield from [text] if text is not None else []
        yield from _texts(document, flat)
    if "integer" in types or "number" in types:
        yield from numbers_near(flat)
    yield from (value for name, value in (("boolean", True), ("null", None)) if name in types)


def _texts(document: Document, flat: Node) -> list[str]:
    """Texts to try on a pattern: examples of the schema, of requests, of the rest of the document; common shapes."""
    own = [flat[key] for key in ("example", "default") if key in flat] + list(flat.get("examples", []))
    asked = [body for one in document.operations for body in document.examples(document.body(one)).values()]
    shown = [example["value"] for _, example in objects_in(document.root) if "value" in example]
    return list(dict.fromkeys([*_strings_in(own), *_strings_in(asked), *_strings_in(shown), *TEXTS]))


def _strings_in(value: Any) -> Iterator[str]:
    """Every string inside a JSON value."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings_in(inner)
