# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""From schemas to checks. A check adds to `found` what a value in wire form breaks."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any, Final, TypeAlias

from .schemas import SCHEMAS
from .violations import Path, Violation, excerpt, field_at, is_array, is_object
from .wire import Foreign

Check: TypeAlias = Callable[[Any, Path, list[Violation]], None]
_JSON_TYPES: Final[dict[type, str]] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    list: "array",
    dict: "object",
}
_checks: dict[str, Check] = {}


def json_type(value: object) -> str:
    return _JSON_TYPES.get(type(value), "no JSON value")


def named_check(name: str) -> Check:
    if name not in _checks:
        _checks[name] = _compile(SCHEMAS[name])
    return _checks[name]


def _compile(schema: Any) -> Check:
    if schema is False:
        return lambda value, path, found: found.append(Violation(field_at(path), "false", None, excerpt(value)))
    if schema is True:
        return lambda value, path, found: None
    # The type comes first: a value of another type is one violation, whatever else the schema asks for.
    keywords = sorted((keyword for keyword in schema if keyword in _KEYWORDS), key=lambda keyword: keyword != "type")
    checks = [_KEYWORDS[keyword](schema[keyword], schema) for keyword in keywords]
    first, others = (checks[0], checks[1:]) if keywords[:1] == ["type"] else (None, checks)

    def check(value: Any, path: Path, found: list[Violation]) -> None:
        if isinstance(value, Foreign):
            _say_type(value.violation, schema, found)
            return
        if first is not None:
            before = len(found)
            first(value, path, found)
            if len(found) > before:
                return
        for inner in others:
            inner(value, path, found)

    return check


def _say_type(violation: Violation, schema: Any, found: list[Violation]) -> None:
    """Says what the schema asks for where a value is none of JSON, such as an open file."""
    if violation.keyword != "type" or violation not in found or not is_object(schema):
        return
    if "type" in schema:
        words = _advice(schema) or _advice(schema.get("items"), "a list of ")
        found[found.index(violation)] = replace(violation, limit=schema["type"], advice=words)
    for inner in (SCHEMAS.get(schema.get("$ref", "")), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        _say_type(violation, inner, found)


def _ref(name: str, _schema: Any) -> Check:
    # Looked up when called, because schemas may refer to themselves.
    return lambda value, path, found: named_check(name)(value, path, found)


def _type(limit: Any, schema: Any) -> Check:
    advice = _advice(schema.get("items"), "a list of ")
    allowed = {limit} if isinstance(limit, str) else set(limit)
    if "number" in allowed:
        allowed.add("integer")

    def check(value: Any, path: Path, found: list[Violation]) -> None:
        name = json_type(value)
        if name not in allowed and not (name == "number" and "integer" in allowed and value.is_integer()):
            found.append(Violation(field_at(path), "type", limit, name, advice if name == "string" else ""))

    return check


def _same(value: Any) -> Any:
    """A hashable stand-in, equal for values that JSON Schema calls equal: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, bool):
        return ("boolean", value)
    if is_array(value):
        return ("array", tuple(map(_same, value)))
    if is_object(value):
        return ("object", frozenset((key, _same(item)) for key, item in value.items()))
    return value


def _options(keyword: str) -> Callable[[Any, Any], Check]:
    def build(limit: Any, _schema: Any) -> Check:
        options = {_same(option) for option in (limit if keyword == "enum" else [limit])}

        def check(value: Any, path: Path, found: list[Violation]) -> None:
            if _same(value) not in options:
                found.append(Violation(field_at(path), keyword, limit, excerpt(value)))

        return check

    return build


def _bound(
    keyword: str, kinds: tuple[type, ...], measure: Callable[[Any], Any], breaks: Callable[[Any, Any], bool]
) -> Callable[[Any, Any], Check]:
    def build(limit: Any, _schema: Any) -> Check:
        def check(value: Any, path: Path, found: list[Violation]) -> None:
            if type(value) in kinds and breaks(measure(value), limit):
                found.append(Violation(field_at(path), keyword, limit, excerpt(measure(value))))

        return check

    return build


def _itself(value: Any) -> Any:
    return value


def _is_no_multiple(value: Any, limit: Any) -> bool:
    # Decimal digits, so that 0.3 is a multiple of 0.1.
    return Fraction(repr(value)) % Fraction(repr(limit)) != 0


def _pattern(limit: str, schema: Any) -> Check:
    matches, advice = re.compile(limit).search, _advice(schema)
    takes_any_url = matches("https://example.com") is not None

    def check(value: Any, path: Path, found: list[Violation]) -> None:
        if isinstance(value, str) and matches(value) is None:
            # A pattern may ask for more than a URL, such as a suffix.
            words = advice if takes_any_url or not value.startswith("https://") else ""
            found.append(Violation(field_at(path), "pattern", limit, excerpt(value), words))

    return check


def _advice(schema: Any, many: str = "") -> str:
    """In words, that a pattern asks for a URL that the service can fetch; empty for any other schema."""
    while is_object(schema) and "$ref" in schema:
        schema = SCHEMAS[schema["$ref"]]
    pattern = schema.get("pattern", "") if is_object(schema) else ""
    if not re.match(_ASKS_FOR_URL, pattern, re.IGNORECASE):
        return ""
    kind = "http or https URL" if re.search(_ALSO_HTTP, pattern, re.IGNORECASE) else "https URL"
    what = f"{many}{kind}s" if many else f"an {kind}"
    return f"must be {what}; the API takes no uploads, so put the file where the service can fetch it"


_ASKS_FOR_URL: Final = r"\^?(?:\(\?[a-z]+\))?[\^(?:]*https?\b"
_ALSO_HTTP: Final = r"http(?!s)|https\?"


def _unique(limit: bool, _schema: Any) -> Check:
    def check(value: Any, path: Path, found: list[Violation]) -> None:
        if limit and is_array(value):
            distinct = len({_same(item) for item in value})
            if distinct < len(value):
                found.append(Violation(field_at(path), "uniqueItems", True, f"{len(value) - distinct} repeated"))

    return check


def _items(limit: Any, schema: Any) -> Check:
    first, inner = len(schema.get("prefixItems", [])), _compile(limit)

    def check(value: Any, path: Path, found: list[Violation]) -> None:
        if is_array(value):
            for at, item in enumerate(value[first:], first):
                inner(item, (path, at), found)

    return check


def _prefix_items(limit: list[Any], _schema: Any) -> Check:
    inners = [_compile(schema) for schema in limit]

    def check(value: Any, path: Path, found: list[Violation]) -> None:
        if is_array(value):
            for at, (inner, item) in enumerate(zip(inners, value, strict=False)):
                inner(item, (path, at), found)

    return check


def _required(limit: list[str], _schema: Any) -> Check:
    def check(value: Any, path: Path, found: list[Violation]) -> None:
        if is_object(value):
            for name in limit:
                if name not in value:
                    found.append(Violation(field_at((path, name)), "required", True, "missing"))

    return check


def _properties(limit: dict[str, Any], _schema: Any) -> Check:
    inners = {name: _compile(schema) for name, schema in limit.items()}

    def check(value: Any, path: Path, found: list[Violation]) -> None:
        if is_object(value):
            for name, inner in inners.items():
                if name in value:
                    inner(value[name], (path, name), found)

    return check


def _additional_properties(limit: Any, schema: Any) -> Check:
    known = set(schema.get("properties", {}))
    inner = _compile(limit)

    def check(value: Any, path: Path, found: list[Violation]) -> None:
        if is_object(value):
            for name, item in value.items():
                if name in known:
                    continue
                if limit is False:
                    found.append(Violation(field_at((path, name)), "additionalProperties", False, json_type(item)))
                else:
                    inner(item, (path, name), found)

    return check


def _all_of(limit: list[Any], _schema: Any) -> Check:
    inners = [_compile(schema) for schema in limit]

    def check(value: Any, path: Path, found: list[Violation]) -> None:
        for inner in inners:
            inner(value, path, found)

    return check


def _choice(keyword: str) -> Callable[[list[Any], Any], Check]:
    def build(limit: list[Any], _schema: Any) -> Check:
        inners = [_compile(schema) for schema in limit]

        def check(value: Any, path: Path, found: list[Violation]) -> None:
            attempts: list[list[Violation]] = []
            for inner in inners:
                attempts.append([])
                inner(value, path, attempts[-1])
            fitting = attempts.count([])
            if fitting == 0:
                words = f"must fit one of {len(limit)} forms, which `.limits` tells"
                found.extend(_closest(attempts, path) or [Violation(field_at(path), keyword, len(limit), 0, words)])
            elif keyword == "oneOf" and fitting > 1:
                found.append(Violation(field_at(path), keyword, 1, fitting))

        return check

    return build


def _closest(attempts: list[list[Violation]], path: Path) -> list[Violation]:
    """What the only alternative of the right type has against a value; the types if none has it.

    Of several, the only one whose fields are all there; else nothing.
    """
    field = field_at(path)
    of_type = [[one for one in found if one.keyword == "type" and one.field == field] for found in attempts]
    near = [found for found, wrong in zip(attempts, of_type, strict=True) if not wrong]
    if near:
        whole = [found for found in near if not any(one.keyword == "required" for one in found)]
        return next((few[0] for few in (near, whole) if len(few) == 1), list[Violation]())
    wrong = [one for (one, *_) in of_type]
    limits = [name for one in wrong for name in ([one.limit] if isinstance(one.limit, str) else one.limit)]
    best = next((one for one in wrong if one.advice), wrong[0])
    return [replace(best, limit=list(dict.fromkeys(limits)))]


def _not(limit: Any, _schema: Any) -> Check:
    inner = _compile(limit)

    def check(value: Any, path: Path, found: list[Violation]) -> None:
        against: list[Violation] = []
        inner(value, path, against)
        if not against:
            found.append(Violation(field_at(path), "not", None, excerpt(value)))

    return check


_KEYWORDS: Final[dict[str, Callable[[Any, Any], Check]]] = {
    "$ref": _ref,
    "type": _type,
    "enum": _options("enum"),
    "const": _options("const"),
    "minLength": _bound("minLength", (str,), len, operator.lt),
    "maxLength": _bound("maxLength", (str,), len, operator.gt),
    "pattern": _pattern,
    "minimum": _bound("minimum", (int, float), _itself, operator.lt),
    "maximum": _bound("maximum", (int, float), _itself, operator.gt),
    "exclusiveMinimum": _bound("exclusiveMinimum", (int, float), _itself, operator.le),
    "exclusiveMaximum": _bound("exclusiveMaximum", (int, float), _itself, operator.ge),
    "multipleOf": _bound("multipleOf", (int, float), _itself, _is_no_multiple),
    "minItems": _bound("minItems", (list,), len, operator.lt),
    "maxItems": _bound("maxItems", (list,), len, operator.gt),
    "uniqueItems": _unique,
    "prefixItems": _prefix_items,
    "items": _items,
    "minProperties": _bound("minProperties", (dict,), len, operator.lt),
    "maxProperties": _bound("maxProperties", (dict,), len, operator.gt),
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional_properties,
    "allOf": _all_of,
    "anyOf": _choice("anyOf"),
    "oneOf": _choice("oneOf"),
    "not": _not,
}
