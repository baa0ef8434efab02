# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""The limits of requests, checked on their wire form, that is on what would be sent as JSON.

`format` is an annotation and is not checked. Beside the keywords of JSON Schema a violation can have the keyword
`encoding` (text or a number that JSON in UTF-8 cannot say), `cycle` (data that contains itself), `nesting` (data too
deep to send) or `false` (a value where the schema allows none).
"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import math
import operator
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeGuard

from .fields import as_held, is_sequence
from .schemas import MODELS, SCHEMAS
from .types import Unset

if TYPE_CHECKING:
    from attrs import Attribute

__all__ = ["ConstraintError", "Violation", "check_body"]


@dataclass(frozen=True)
class Violation:
    """One limit that a value breaks.

    `field` is the place in the body, like `prompt` or `images[2]`, and empty for the body as a whole. `keyword` and
    `limit` are as in the schema. `actual` is a length, a count, the name of a type, or the start of the value.
    `advice` says in words what the field takes, where the limit alone would be a puzzle; else it is empty.
    """

    field: str
    keyword: str
    limit: Any
    actual: Any
    advice: str = dataclasses.field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        if self.advice:
            return f"{self.field or 'body'}: {self.advice}; got {_shorten(self.actual)}"
        return f"{self.field or 'body'}: {self.keyword} {_shorten(self.limit, 200)}, got {_shorten(self.actual)}"


class ConstraintError(ValueError):
    """A request breaks limits of the API; nothing was sent. `violations` holds every one of them.

    `args` is plain data, the message and a dict for each violation: `ConstraintError(*error.args)` gives the error
    again, also after a serializer has kept them as JSON. `reference` is for a client that gives its purchases names.
    """

    reference: str | None = None

    def __init__(self, violations: list[Violation] | str, told: object = None) -> None:
        if isinstance(violations, str):
            message, self.violations = violations, _read_told(told)
        else:
            message, self.violations = "; ".join(map(str, violations)), violations
        super().__init__(message, [_tell(one) for one in self.violations])

    def __str__(self) -> str:
        return str(self.args[0])


def _tell(one: Violation) -> dict[str, Any]:
    told = {"field": one.field, "keyword": one.keyword, "limit": _as_json(one.limit), "actual": _as_json(one.actual)}
    return told | ({"advice": one.advice} if one.advice else {})


def _read_told(told: object) -> list[Violation]:
    names = ("field", "keyword", "limit", "actual")
    rows = [row for row in told if _is_object(row)] if _is_array(told) else []
    known = [row for row in rows if row.keys() >= set(names)]
    return [
        Violation(row["field"], row["keyword"], row["limit"], row["actual"], row.get("advice", "")) for row in known
    ]


def _as_json(value: Any) -> Any:
    """A limit or a value as JSON has it, or its start as text."""
    if isinstance(value, str):
        return value
    if _is_array(value):
        return [_as_json(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else _excerpt(value)


def check_body(model: object) -> dict[str, Any]:
    """The wire form of a request model, with every limit checked as the model is now. Raises ConstraintError."""
    shape = _known_shape(type(model))
    wire: dict[str, Any] = _checked(shape.schema, lambda found: _model_wire(model, shape, None, found, ()))
    return wire


def body_schema(model_type: type) -> Any:
    """The assertions of what a request model sends. Not to be changed."""
    return SCHEMAS[_known_shape(model_type).schema]


def field_places(model_type: type) -> tuple[str, dict[str, str]]:
    """Where the schema of a request model is in the document, and the name there of each attribute."""
    shape = _known_shape(model_type)
    return shape.schema, shape.fields


# What the generated models and operations call.


def check_json(schema: str, body: object) -> Any:
    """The wire form of a JSON body that keeps to the schema of this name. Raises ConstraintError."""
    return _checked(schema, lambda found: _wire(body, None, found, ()))


def check_model(model: object) -> None:
    """Every limit that further properties cannot mend, for a model that was just constructed."""
    shape = _known_shape(type(model))
    _checked(shape.construction, lambda found: _model_wire(model, shape, None, found, ()))


def check_source(model_type: type, source: object) -> dict[str, Any]:
    """The properties from which a model is about to be made. Raises ConstraintError."""
    wire = check_json(_known_shape(model_type).schema, source)
    if not _is_object(wire):
        raise ConstraintError([Violation("", "type", "object", _json_type(wire))])
    return wire


def check_assignment(model: object, attribute: Attribute[Any], value: Any) -> Any:
    """What the attribute will hold, if with it the model keeps to the limits of this one. Raises ConstraintError."""
    from attrs.setters import convert

    shape = _known_shape(type(model))
    value = as_held(convert(model, attribute, value))
    new = (attribute.name, value)
    try:
        _checked(shape.construction, lambda found: _model_wire(model, shape, None, found, (), new))
    except ConstraintError as error:
        name = shape.fields.get(attribute.name)
        own = [violation for violation in error.violations if _concerns(violation, name)]
        if own:
            raise ConstraintError(own) from None
    return value


def _concerns(violation: Violation, name: str | None) -> bool:
    if name is None or not violation.field:
        return True
    field = _field((None, name))
    return violation.field == field or violation.field.startswith((f"{field}.", f"{field}["))


def _checked(schema: str, to_wire: Callable[[list[Violation]], Any]) -> Any:
    found: list[Violation] = []
    try:
        wire = to_wire(found)
        _named_check(schema)(wire, None, found)
    except RecursionError:
        found = [Violation("", "nesting", None, "data nested too deeply to send")]
        wire = None
    if found:
        raise ConstraintError(found)
    return wire


# Places and values in messages.

_Path: TypeAlias = "tuple[_Path, str | int] | None"


def _field(path: _Path) -> str:
    steps: list[str] = []
    while path is not None:
        path, step = path
        steps.append(f"[{step}]" if isinstance(step, int) else f".{_printable(step, 60)}")
    return "".join(reversed(steps)).removeprefix(".")


def _printable(text: str, longest: int) -> str:
    short = text if len(text) <= longest else f"{text[:longest]}…"
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in short)


def _shorten(value: Any, longest: int = 60) -> str:
    """A value as text of bounded length, whatever its size."""
    if isinstance(value, str):
        return f"'{_printable(value, longest)}'"
    if _is_array(value):
        return f"[{_printable(', '.join(_shorten(item, longest) for item in value[:longest]), longest)}]"
    if _is_object(value):
        return f"an object of {len(value)}"
    if isinstance(value, int) and value.bit_length() > 200:
        return f"an integer of {value.bit_length()} bits"
    return str(value)


def _excerpt(value: Any) -> Any:
    """What a violation keeps of a value: itself if it is small and plain, else its start."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, str):
        return _printable(value, 60)
    return value if isinstance(value, int) and value.bit_length() <= 200 else _shorten(value)


# From models to wire form.


@dataclass(frozen=True)
class _Shape:
    """Where the schemas of a model class are, and the wire name of each attribute."""

    schema: str
    construction: str
    fields: dict[str, str]


class _Foreign:
    """Stands for a value that JSON cannot say and that is a violation already."""

    def __init__(self, violation: Violation, found: list[Violation]) -> None:
        self.violation = violation
        found.append(violation)


_MODELS_PACKAGE: Final = f"{__package__}.models."
_LARGEST_BITS: Final = 14_000  # Python refuses to write integers of more than 4,300 digits as text.
_shapes: dict[type, _Shape | None] = {}


def _shape(model_type: type) -> _Shape | None:
    if model_type not in _shapes:
        names = [base.__name__ for base in model_type.__mro__ if base.__module__.startswith(_MODELS_PACKAGE)]
        known = [MODELS[name] for name in names if name in MODELS]
        _shapes[model_type] = _Shape(*known[0]) if known else None
    return _shapes[model_type]


def _known_shape(model_type: type) -> _Shape:
    shape = _shape(model_type)
    if shape is None:
        raise TypeError(f"{model_type.__name__} is not a request model of this client")
    return shape


def _model_wire(
    model: object,
    shape: _Shape,
    path: _Path,
    found: list[Violation],
    seen: tuple[int, ...],
    new: tuple[str, Any] | None = None,
) -> dict[str, Any]:
    """`new` is an attribute with the value that it is about to have."""
    values = {name: getattr(model, name) for name in shape.fields}
    extra = getattr(model, "additional_properties", None)
    if new is not None:
        extra = new[1] if new[0] == "additional_properties" else extra
        values.update([new] if new[0] in values else [])
    wire: dict[str, Any] = {}
    if extra is not None:
        sent = _wire(extra, path, found, seen)
        wire.update(sent if _is_object(sent) else {})
    for name, value in values.items():
        if not isinstance(value, Unset):
            wire[shape.fields[name]] = _wire(value, (path, shape.fields[name]), found, seen)
    return wire


def _wire(value: object, path: _Path, found: list[Violation], seen: tuple[int, ...]) -> Any:
    """The value as JSON has it; what JSON cannot say is added to `found`."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and not isinstance(value, enum.Enum):
        return _text(str.__str__(value), path, found)
    if isinstance(value, int | float) and not isinstance(value, enum.Enum):
        return _number(value, path, found)
    if id(value) in seen:
        return _Foreign(Violation(_field(path), "cycle", None, type(value).__name__), found)
    inner = (*seen, id(value))
    if _is_sequence(value):
        return [_wire(item, (path, at), found, inner) for at, item in enumerate(value)]
    return _object(value, path, found, inner) if _is_mapping(value) else _plain(value, path, found, inner)


def _is_sequence(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    return isinstance(value, list | tuple)


def _is_mapping(value: object) -> TypeGuard[dict[Any, Any]]:
    return isinstance(value, dict)


def _text(value: str, path: _Path, found: list[Violation]) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            found.append(Violation(_field(path), "encoding", "UTF-8", f"a lone surrogate at {error.start}"))
    return value


def _number(value: int | float, path: _Path, found: list[Violation]) -> Any:
    if isinstance(value, int):
        sayable = value.bit_length() <= _LARGEST_BITS
    else:
        sayable = math.isfinite(value)
    if not sayable:
        return _Foreign(Violation(_field(path), "encoding", "a JSON number", _shorten(value)), found)
    return int(value) if isinstance(value, int) else float(value)


def _object(value: dict[Any, Any], path: _Path, found: list[Violation], seen: tuple[int, ...]) -> dict[str, Any]:
    wire: dict[str, Any] = {}
    for key, item in value.items():
        if isinstance(key, str):
            name = _text(str.__str__(key), (path, key), found)
            wire[name] = _wire(item, (path, name), found, seen)
        else:
            found.append(Violation(_field(path), "type", "a string as key", type(key).__name__))
    return wire


def _plain(value: object, path: _Path, found: list[Violation], seen: tuple[int, ...]) -> Any:
    """Values of Python types that have a JSON form: models, times, UUIDs, enumerations."""
    if isinstance(value, enum.Enum):
        return _wire(value.value, path, found, seen)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    shape = _shape(type(value))
    if shape is not None:
        return _model_wire(value, shape, path, found, seen)
    to_dict: Callable[[], object] | None = getattr(value, "to_dict", None)
    if to_dict is not None and type(value).__module__.startswith(_MODELS_PACKAGE):
        return _wire(to_dict(), path, found, seen)
    if is_sequence(value):
        return _wire(list(value), path, found, seen)
    return _Foreign(Violation(_field(path), "type", "a JSON value", type(value).__name__), found)


# From schemas to checks. A check adds to `found` what a value in wire form breaks.

_Check: TypeAlias = Callable[[Any, _Path, list[Violation]], None]
_JSON_TYPES: Final[dict[type, str]] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    list: "array",
    dict: "object",
}
_checks: dict[str, _Check] = {}


def _json_type(value: object) -> str:
    return _JSON_TYPES.get(type(value), "no JSON value")


def _is_array(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _named_check(name: str) -> _Check:
    if name not in _checks:
        _checks[name] = _compile(SCHEMAS[name])
    return _checks[name]


def _compile(schema: Any) -> _Check:
    if schema is False:
        return lambda value, path, found: found.append(Violation(_field(path), "false", None, _excerpt(value)))
    if schema is True:
        return lambda value, path, found: None
    # The type comes first: a value of another type is one violation, whatever else the schema asks for.
    keywords = sorted((keyword for keyword in schema if keyword in _KEYWORDS), key=lambda keyword: keyword != "type")
    checks = [_KEYWORDS[keyword](schema[keyword], schema) for keyword in keywords]
    first, others = (checks[0], checks[1:]) if keywords[:1] == ["type"] else (None, checks)

    def check(value: Any, path: _Path, found: list[Violation]) -> None:
        if isinstance(value, _Foreign):
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
    if violation.keyword != "type" or violation not in found or not _is_object(schema):
        return
    if "type" in schema:
        words = _advice(schema) or _advice(schema.get("items"), "a list of ")
        found[found.index(violation)] = replace(violation, limit=schema["type"], advice=words)
    for inner in (SCHEMAS.get(schema.get("$ref", "")), *schema.get("anyOf", ()), *schema.get("oneOf", ())):
        _say_type(violation, inner, found)


def _ref(name: str, _schema: Any) -> _Check:
    # Looked up when called, because schemas may refer to themselves.
    return lambda value, path, found: _named_check(name)(value, path, found)


def _type(limit: Any, schema: Any) -> _Check:
    advice = _advice(schema.get("items"), "a list of ")
    allowed = {limit} if isinstance(limit, str) else set(limit)
    if "number" in allowed:
        allowed.add("integer")

    def check(value: Any, path: _Path, found: list[Violation]) -> None:
        name = _json_type(value)
        if name not in allowed and not (name == "number" and "integer" in allowed and value.is_integer()):
            found.append(Violation(_field(path), "type", limit, name, advice if name == "string" else ""))

    return check


def _same(value: Any) -> Any:
    """A hashable stand-in, equal for values that JSON Schema calls equal: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, bool):
        return ("boolean", value)
    if _is_array(value):
        return ("array", tuple(map(_same, value)))
    if _is_object(value):
        return ("object", frozenset((key, _same(item)) for key, item in value.items()))
    return value


def _options(keyword: str) -> Callable[[Any, Any], _Check]:
    def build(limit: Any, _schema: Any) -> _Check:
        options = {_same(option) for option in (limit if keyword == "enum" else [limit])}

        def check(value: Any, path: _Path, found: list[Violation]) -> None:
            if _same(value) not in options:
                found.append(Violation(_field(path), keyword, limit, _excerpt(value)))

        return check

    return build


def _bound(
    keyword: str, kinds: tuple[type, ...], measure: Callable[[Any], Any], breaks: Callable[[Any, Any], bool]
) -> Callable[[Any, Any], _Check]:
    def build(limit: Any, _schema: Any) -> _Check:
        def check(value: Any, path: _Path, found: list[Violation]) -> None:
            if type(value) in kinds and breaks(measure(value), limit):
                found.append(Violation(_field(path), keyword, limit, _excerpt(measure(value))))

        return check

    return build


def _itself(value: Any) -> Any:
    return value


def _is_no_multiple(value: Any, limit: Any) -> bool:
    # Decimal digits, so that 0.3 is a multiple of 0.1.
    return Fraction(repr(value)) % Fraction(repr(limit)) != 0


def _pattern(limit: str, schema: Any) -> _Check:
    matches, advice = re.compile(limit).search, _advice(schema)
    takes_any_url = matches("https://example.com") is not None

    def check(value: Any, path: _Path, found: list[Violation]) -> None:
        if isinstance(value, str) and matches(value) is None:
            # A pattern may ask for more than a URL, such as a suffix.
            words = advice if takes_any_url or not value.startswith("https://") else ""
            found.append(Violation(_field(path), "pattern", limit, _excerpt(value), words))

    return check


def _advice(schema: Any, many: str = "") -> str:
    """In words, that a pattern asks for a URL that the service can fetch; empty for any other schema."""
    while _is_object(schema) and "$ref" in schema:
        schema = SCHEMAS[schema["$ref"]]
    pattern = schema.get("pattern", "") if _is_object(schema) else ""
    if not _ASKS_FOR_URL.match(pattern):
        return ""
    kind = "http or https URL" if _ALSO_HTTP.search(pattern) else "https URL"
    what = f"{many}{kind}s" if many else f"an {kind}"
    return f"must be {what}; the API takes no uploads, so put the file where the service can fetch it"


_ASKS_FOR_URL: Final = re.compile(r"\^?(?:\(\?[a-z]+\))?[\^(?:]*https?\b", re.IGNORECASE)
_ALSO_HTTP: Final = re.compile(r"http(?!s)|https\?", re.IGNORECASE)


def _unique(limit: bool, _schema: Any) -> _Check:
    def check(value: Any, path: _Path, found: list[Violation]) -> None:
        if limit and _is_array(value):
            distinct = len({_same(item) for item in value})
            if distinct < len(value):
                found.append(Violation(_field(path), "uniqueItems", True, f"{len(value) - distinct} repeated"))

    return check


def _items(limit: Any, schema: Any) -> _Check:
    first, inner = len(schema.get("prefixItems", [])), _compile(limit)

    def check(value: Any, path: _Path, found: list[Violation]) -> None:
        if _is_array(value):
            for at, item in enumerate(value[first:], first):
                inner(item, (path, at), found)

    return check


def _prefix_items(limit: list[Any], _schema: Any) -> _Check:
    inners = [_compile(schema) for schema in limit]

    def check(value: Any, path: _Path, found: list[Violation]) -> None:
        if _is_array(value):
            for at, (inner, item) in enumerate(zip(inners, value, strict=False)):
                inner(item, (path, at), found)

    return check


def _required(limit: list[str], _schema: Any) -> _Check:
    def check(value: Any, path: _Path, found: list[Violation]) -> None:
        if _is_object(value):
            for name in limit:
                if name not in value:
                    found.append(Violation(_field((path, name)), "required", True, "missing"))

    return check


def _properties(limit: dict[str, Any], _schema: Any) -> _Check:
    inners = {name: _compile(schema) for name, schema in limit.items()}

    def check(value: Any, path: _Path, found: list[Violation]) -> None:
        if _is_object(value):
            for name, inner in inners.items():
                if name in value:
                    inner(value[name], (path, name), found)

    return check


def _additional_properties(limit: Any, schema: Any) -> _Check:
    known = set(schema.get("properties", {}))
    inner = _compile(limit)

    def check(value: Any, path: _Path, found: list[Violation]) -> None:
        if _is_object(value):
            for name, item in value.items():
                if name in known:
                    continue
                if limit is False:
                    found.append(Violation(_field((path, name)), "additionalProperties", False, _json_type(item)))
                else:
                    inner(item, (path, name), found)

    return check


def _all_of(limit: list[Any], _schema: Any) -> _Check:
    inners = [_compile(schema) for schema in limit]

    def check(value: Any, path: _Path, found: list[Violation]) -> None:
        for inner in inners:
            inner(value, path, found)

    return check


def _choice(keyword: str) -> Callable[[list[Any], Any], _Check]:
    def build(limit: list[Any], _schema: Any) -> _Check:
        inners = [_compile(schema) for schema in limit]

        def check(value: Any, path: _Path, found: list[Violation]) -> None:
            attempts: list[list[Violation]] = []
            for inner in inners:
                attempts.append([])
                inner(value, path, attempts[-1])
            fitting = attempts.count([])
            if fitting == 0:
                found.extend(_closest(attempts, path) or [Violation(_field(path), keyword, len(limit), 0)])
            elif keyword == "oneOf" and fitting > 1:
                found.append(Violation(_field(path), keyword, 1, fitting))

        return check

    return build


def _closest(attempts: list[list[Violation]], path: _Path) -> list[Violation]:
    """What the only alternative of the right type has against a value; nothing if several or none have that type."""
    field = _field(path)
    near = [found for found in attempts if not any(one.keyword == "type" and one.field == field for one in found)]
    return near[0] if len(near) == 1 else []


def _not(limit: Any, _schema: Any) -> _Check:
    inner = _compile(limit)

    def check(value: Any, path: _Path, found: list[Violation]) -> None:
        against: list[Violation] = []
        inner(value, path, against)
        if not against:
            found.append(Violation(_field(path), "not", None, _excerpt(value)))

    return check


_KEYWORDS: Final[dict[str, Callable[[Any, Any], _Check]]] = {
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
