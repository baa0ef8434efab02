"""What a reader of the generated client is told: docstrings of methods and request models, from the document.

Texts of pages are untrusted: they come out on lines of bounded length, escaped, and long ones are cut.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from modellix._keywords import bounds_for
from modellix._openapi import Found, Object, Operation, array_at, at, chain, is_object, object_at, pointer, types_of
from scripts.regenerate.patterns import ALSO_HTTP, ASKS_FOR_URL
from scripts.regenerate.preparation import clean_text

_WIDTH = 120
_LONGEST = 600  # characters of a description
_LONGEST_VALUE = 60  # characters of an option, a default or a pattern
_MOST = 16  # options or names that are told
_MOST_INSIDE = 40  # lines of the fields inside one field
_DEEPEST = 4  # schemas inside one another that are described
_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "True or False",
    "array": "a list",
    "object": "an object",
    "null": "None",
}
_UNITS = {"string": "characters", "array": "elements", "object": "fields"}
_PAID = "Each call is paid for: it submits one task, and never a second time by itself."
_RAISES = (
    ("ConstraintError", "A value breaks a limit. Nothing was sent."),
    ("APIError", "The service refused the request; the classes of its statuses are in `modellix.errors`."),
    ("NeverSentError", "The request did not leave, so nothing was bought."),
    ("SubmissionOutcomeUnknown", "The request left, and nobody can tell whether it was taken."),
    ("BudgetExceeded", "The budget is spent. Nothing was sent."),
)


class Field(NamedTuple):
    """A field of a request: its name in Python and in the document, and whether it must be given."""

    name: str
    wire: str
    is_required: bool


def summary_of(operation: Operation) -> str:
    """What an operation does, in the document's words."""
    return str(operation.node.get("summary") or operation.node.get("description") or f"Submit {operation.name}")


def of_method(document: Object, operation: Operation, place: str, fields: Sequence[Field]) -> str:
    """The docstring of a method that submits, escaped, for a body that is indented by eight."""
    node, summary = operation.node, _sentence(summary_of(operation))
    page = object_at(node, "externalDocs").get("url")
    about = [_sentence(node.get("description", "")), _PAID, f"Page: {_cut(str(page))}" if page else ""]
    parts = [[summary], [line for line in about if line and line != summary]]
    parts += [["Args:", *_arguments(document, place, fields)]] if fields else []
    parts += [["Returns:", "    A task; with `AsyncModellix` a coroutine that gives one."]]
    parts += [["Raises:", *(f"    {name}: {when}" for name, when in _RAISES)]]
    return _written(parts, indent=8)


def of_model(document: Object, place: str, fields: Sequence[Field]) -> str:
    """The docstring of a request model, escaped, for a body that is indented by four."""
    schema = _merged(document, Found(place, at(document, place)))
    text = _sentence(schema.get("description", "")) or "What is sent."
    attributes = [["Attributes:", *_arguments(document, place, fields)]] if fields else []
    return _written([[text], *attributes], indent=4)


def _arguments(document: Object, place: str, fields: Sequence[Field]) -> Iterator[str]:
    for field in fields:
        found = _property(document, Found(place, at(document, place)), field.wire)
        yield f"    {field.name}{' (required)' if field.is_required else ''}: {_field(document, found)}".rstrip()
        yield from islice(_fields_inside(document, found, " " * 8, 0), _MOST_INSIDE)


def _fields_inside(document: Object, found: Found, margin: str, depth: int) -> Iterator[str]:
    """A line for each field of the objects that a field holds: as its value, among its elements or alternatives."""
    if depth >= _DEEPEST:
        return
    schema = _merged(document, found)
    needed = array_at(schema, "required")
    for name in object_at(schema, "properties"):
        inner = _property(document, found, name)
        if told := _field(document, inner):
            yield f"{margin}`{_cut(name)}`{' (required)' if name in needed else ''}: {told}"
        yield from _fields_inside(document, inner, f"{margin}    ", depth + 1)
    items = [schema["items"]] if is_object(schema.get("items")) else []
    for part in (*items, *array_at(schema, "oneOf"), *array_at(schema, "anyOf")):
        yield from _fields_inside(document, Found(found.place, part), margin, depth + 1)


def _field(document: Object, found: Found) -> str:
    """All that is said of a field: its meaning, its limits, its default."""
    schema = _merged(document, found)
    words = [_sentence(schema.get("description", "")), _sentence(_form(document, found, 0))]
    if "default" in schema:
        words.append(f"If it is left out, the service takes {_value(schema['default'])}.")
    if schema.get("deprecated") is True:
        words.append("Deprecated.")
    return " ".join(word for word in words if word)


# The form of a value, in words.


def _form(document: Object, found: Found, depth: int) -> str:
    schema = _merged(document, found)
    if "const" in schema:
        return f"always {_value(schema['const'])}"
    if "enum" in schema:
        return _options(array_at(schema, "enum"))
    choices = [*array_at(schema, "oneOf"), *array_at(schema, "anyOf")]
    forms = [_form(document, Found(found.place, one), depth + 1) for one in choices if depth < _DEEPEST]
    told = list(dict.fromkeys(form for form in forms if form))
    own = " or ".join(_KINDS[kind] for kind in types_of(schema) if kind in _KINDS)
    limits = [*_ranges(schema), *_others(schema), *_inside(document, found, schema, depth)]
    return "; or ".join([", ".join([own, *limits]) if own else ", ".join(limits), *told]).removeprefix("; or ")


def _options(options: list[Any]) -> str:
    told = ", ".join(map(_value, options[:_MOST]))
    more = len(options) - _MOST
    return f"one of {told}" + (f" and {more} more, which `.limits` of the method holds" if more > 0 else "")


def _ranges(schema: Object) -> Iterator[str]:
    """Lengths, counts and ranges."""
    for kind in ("string", "array", "object", "number"):
        for is_strict in (False, True) if kind == "number" else (False,):
            lower, upper = (schema.get(name) for name in bounds_for(kind, strict=is_strict))
            words = _range(lower or (lower if kind == "number" else None), upper, is_strict=is_strict)
            if words:
                yield f"{words} {_UNITS.get(kind, '')}".strip()


def _range(lower: Any, upper: Any, *, is_strict: bool) -> str:
    least, most = ("more than", "less than") if is_strict else ("at least", "at most")
    match lower, upper:
        case None, None:
            return ""
        case _, None:
            return f"{least} {lower}"
        case None, _:
            return f"{most} {upper}"
        case _ if lower == upper:
            return f"exactly {lower}"
        case _:
            return f"{least} {lower} and {most} {upper}" if is_strict else f"{lower} to {upper}"


def _others(schema: Object) -> Iterator[str]:
    if "multipleOf" in schema:
        yield f"a multiple of {schema['multipleOf']}"
    if schema.get("uniqueItems") is True:
        yield "no two of them equal"
    if isinstance(pattern := schema.get("pattern"), str):
        yield _pattern(pattern)
    if isinstance(form := schema.get("format"), str) and "pattern" not in schema:
        yield f"of the format {_cut(form)}"


def _pattern(pattern: str) -> str:
    if re.match(ASKS_FOR_URL, pattern, re.IGNORECASE):
        return "an http or https URL" if re.search(ALSO_HTTP, pattern, re.IGNORECASE) else "an https URL"
    is_short = len(pattern) <= _LONGEST_VALUE
    return f"of the pattern {pattern}" if is_short else "of a pattern, which `.limits` of the method holds"


def _inside(document: Object, found: Found, schema: Object, depth: int) -> Iterator[str]:
    """What a list or an object holds."""
    if depth >= _DEEPEST:
        return
    if is_object(schema.get("items")):
        inner = Found(pointer(found.place, "items"), schema["items"])
        if words := _form(document, inner, depth + 1):
            yield f"each {words}"
    properties = object_at(schema, "properties")
    if is_object(schema.get("additionalProperties")):
        inner = Found(pointer(found.place, "additionalProperties"), schema["additionalProperties"])
        if words := _form(document, inner, depth + 1):
            yield f"each {'other field' if properties else 'field'} {words}"
    if properties:
        needed = array_at(schema, "required")
        names = [f"`{_cut(name)}`{' (required)' if name in needed else ''}" for name in list(properties)[:_MOST]]
        yield f"with {', '.join(names)}{' and more' if len(properties) > _MOST else ''}"


# Schemas.


def _merged(document: Object, found: Found, depth: int = 0) -> Object:
    """The keywords of a schema, of what its `$ref` leads to, and of its `allOf`; what stands nearer counts."""
    merged: Object = {}
    for one in chain(document, found):
        merged = {**one.value, **merged} if is_object(one.value) else merged
    for inner in array_at(merged, "allOf") if depth < _DEEPEST else ():
        more = _merged(document, Found(found.place, inner), depth + 1)
        for keyword, value in more.items():
            both = is_object(value) and is_object(merged.get(keyword))
            merged[keyword] = {**value, **merged[keyword]} if both else merged.get(keyword, value)
    return merged


def _property(document: Object, found: Found, name: str) -> Found:
    place = pointer(found.place, "properties", name)
    return Found(place, object_at(_merged(document, found), "properties").get(name, {}))


# Texts.


def _value(value: Any) -> str:
    return _cut(repr(value))


def _cut(text: str, longest: int = _LONGEST_VALUE * 2) -> str:
    text = " ".join(clean_text(text).split())
    return text if len(text) <= longest else f"{text[:longest].rstrip()}…"


def _sentence(text: object) -> str:
    """A text as a sentence on one line, within bounds."""
    words = _cut(text, _LONGEST) if isinstance(text, str) else ""
    first = words[:1].upper() + words[1:] if words[:1].islower() else words
    return first if not words or words[-1] in ".!?…:" else f"{first}."


def _written(parts: list[list[str]], indent: int) -> str:
    """Paragraphs on wrapped lines, fit to stand between triple quotes."""
    lines: list[str] = []
    for part in parts:
        lines += [""] if lines and part else []
        for line in part:
            lines += _wrapped(line, indent)
    margin = " " * indent
    text = "\n".join(f"{margin}{line}" if line else "" for line in lines).lstrip()
    return f"{text}\n{margin}" if len(lines) > 1 or text.endswith(('"', "\\")) else text


def _wrapped(line: str, indent: int) -> list[str]:
    margin = " " * (len(line) - len(line.lstrip()))
    further = f"{margin}    " if margin else ""
    width = _WIDTH - indent - len('"""')
    text = line.strip()
    lines = textwrap.wrap(text, width, initial_indent=margin, subsequent_indent=further, break_on_hyphens=False)
    return [_escaped(one) for one in lines]


def _escaped(line: str) -> str:
    line = line.replace("\\", "\\\\")
    return line.replace('"', '\\"') if '""' in line else line
