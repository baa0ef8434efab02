"""Operations drawn by Hypothesis, and a small renderer that lays them out as a page in one of several styles."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]
STYLES = ("rows", "glued", "split", "spaced", "dense")


@dataclass(frozen=True)
class Drawn:
    """A field: its name, its schema in the reader's normal form, and its children where it is an object."""

    name: str
    schema: Schema
    required: bool
    children: tuple[Drawn, ...] = ()


@dataclass(frozen=True)
class Operation:
    method: str
    server: str
    path: str
    parameters: tuple[tuple[str, Drawn], ...]
    body: tuple[Drawn, ...]
    reply: tuple[Drawn, ...]
    style: str


# Drawing. Names are no words of the layout, prose is sentences, so that the page has only one meaning.

NAMES = st.sampled_from(
    ["ab", "line_width", "maxSize", "x_1", "prompt", "n", "url2", "$ref", "key-id", "Über", "default", "id"]
)
SENTENCES = st.sampled_from(
    ["A sentence, with 5 words.", "How many (1-4), default is 2?", "Such as 16:9.", "Ein «Satz» über 図."]
)
WORDS = st.sampled_from(["low", "16:9", "on", "off", "512", "null", "1e3", "true", "a b", "512x512", "", "x,y", "{z}"])
OPTIONAL_SENTENCES = st.none() | SENTENCES


def _with(schema: Schema, **keywords: Any) -> Schema:
    return schema | {key: value for key, value in keywords.items() if value is not None}


@st.composite
def strings(draw: st.DrawFn) -> Schema:
    schema: Schema = _with({"type": "string"}, format=draw(st.sampled_from([None, None, "uri", "x-odd"])))
    low, high = draw(st.sampled_from([(None, None), (1, None), (None, 9), (1, 32000), (7, 7)]))
    schema = _with(schema, minLength=low, maxLength=high)
    if low is None and high is None:
        schema = _with(schema, default=draw(st.sampled_from([None, "16:9", "two words", "on", "5"])))
        schema = _with(schema, pattern=draw(st.sampled_from([None, r"^(https?://|data:)\S+$"])))
    return schema


@st.composite
def numbers(draw: st.DrawFn) -> Schema:
    kind = draw(st.sampled_from(["integer", "number"]))
    schema: Schema = {"type": kind}
    low, high = draw(st.sampled_from([(None, None), (0, None), (None, 5), (-3, 9), (0, 2**53)]))
    strict = draw(st.booleans())
    schema = _with(schema, **{"exclusiveMinimum" if strict else "minimum": low, "maximum": high})
    default = 4 if kind == "integer" else draw(st.sampled_from([4, 0.5]))
    return _with(schema, default=draw(st.sampled_from([None, default])))


@st.composite
def options(draw: st.DrawFn) -> Schema:
    if draw(st.booleans()):
        values: list[Any] = draw(st.lists(WORDS, min_size=2, max_size=5, unique=True))
        values.sort(key=bool)  # An empty option at the end cannot be seen in every style.
        schema: Schema = {"type": "string", "enum": values}
    else:
        values = draw(st.lists(st.integers(-5, 600), min_size=1, max_size=4, unique=True))
        schema = {"type": "integer", "enum": values}
    return _with(schema, default=draw(st.sampled_from([None, *[one for one in values if one != ""]])))


@st.composite
def lists(draw: st.DrawFn) -> Schema:
    items: Schema = draw(strings() | numbers() | st.just({"type": "object"}))
    items.pop("default", None)
    low, high = draw(st.sampled_from([(None, None), (1, None), (None, 10), (1, 16), (1, 1)]))
    if (low or high) and draw(st.booleans()):
        items = _with(items, description=draw(SENTENCES))
    return _with({"type": "array", "items": items}, minItems=low, maxItems=high)


FLAT = st.just({"type": "boolean"}) | st.just({"type": "boolean", "default": False}) | strings() | numbers() | options()


@st.composite
def fields(draw: st.DrawFn, depth: int = 1) -> tuple[Drawn, ...]:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    return tuple(draw(_field(name, depth)) for name in names)


@st.composite
def _field(draw: st.DrawFn, name: str, depth: int) -> Drawn:
    schema: Schema = draw(FLAT | lists() | st.just({"type": "object"}))
    schema = _with(schema, description=draw(OPTIONAL_SENTENCES), deprecated=draw(st.sampled_from([None, None, True])))
    if schema["type"] != "array" and "enum" not in schema and draw(st.booleans()):
        schema["type"] = [schema["type"], "null"]
    if schema["type"] != "object":
        schema = _with(schema, examples=draw(st.sampled_from([None, _examples(schema)])))
    inside = schema["type"] == "object" or schema.get("items") == {"type": "object"}
    children = draw(fields(depth - 1)) if inside and depth and draw(st.booleans()) else ()
    return Drawn(name, schema, draw(st.booleans()), children)


def _examples(schema: Schema) -> list[Any]:
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    shown: dict[str, list[Any]] = {
        "string": ['a "word"', "16:9"],
        "integer": [3],
        "number": [-1.5, 2],
        "boolean": [True],
        "array": [[{"x": ["}", None]}]],
        "object": [{"x": 1}],
    }
    return shown[kind]


@st.composite
def operations(draw: st.DrawFn) -> Operation:
    path = draw(st.sampled_from(["/thing/async", "/v1/things", "/a.b-c/{thing_id}"]))
    kinds = st.sampled_from(["query", "header"])
    flat = draw(st.lists(st.tuples(kinds, NAMES, FLAT), max_size=3, unique_by=lambda one: one[1]))
    parameters = [(kind, Drawn(name, schema, draw(st.booleans()))) for kind, name, schema in flat]
    if "{thing_id}" in path:
        parameters.append(("path", Drawn("thing_id", {"type": "string"}, True)))
    return Operation(
        draw(st.sampled_from(["POST", "PUT", "PATCH"])),
        draw(st.sampled_from(["https://api.example.com", "https://api.example.com/v1/acme"])),
        path,
        tuple(sorted(parameters, key=lambda one: ["path", "query", "header"].index(one[0]))),
        draw(fields()),
        draw(fields()),
        draw(st.sampled_from(STYLES)),
    )


# What the reader is to make of it.


def expected(operation: Operation) -> dict[str, Any]:
    """The operation as the reader's normal form has it."""
    return {
        "security": [{"bearerAuth": []}],
        "parameters": [_parameter(kind, drawn) for kind, drawn in operation.parameters],
        "requestBody": _content(operation.body),
        "responses": {"200": {"description": "Fine", **_content(operation.reply)}},
    }


def _content(drawn: tuple[Drawn, ...]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": _object(drawn, {"type": "object"})}}}


def _object(drawn: tuple[Drawn, ...], schema: Schema) -> Schema:
    required = [one.name for one in drawn if one.required]
    properties = {one.name: _whole(one) for one in drawn}
    return {**schema, "properties": properties, **({"required": required} if required else {})}


def _whole(drawn: Drawn) -> Schema:
    if not drawn.children:
        return drawn.schema
    if drawn.schema["type"] == "array":
        return {**drawn.schema, "items": _object(drawn.children, drawn.schema["items"])}
    return _object(drawn.children, drawn.schema)


def _parameter(kind: str, drawn: Drawn) -> dict[str, Any]:
    return {"name": drawn.name, "in": kind, **({"required": True} if drawn.required else {}), "schema": drawn.schema}


# Laying out.


def render(operation: Operation) -> str:
    """The page, as it would be copied from a browser."""
    style = operation.style
    lines = ["Skip to main content", operation.method]
    lines += [piece for segment in operation.path.strip("/").split("/") for piece in ("/", segment)]
    lines += [f"curl --request {operation.method} \\", f"  --url {operation.server}{operation.path} \\"]
    lines += ["  --header 'Authorization: Bearer <token>'", ""]
    lines += [
        "Authorizations",
        "",
        *_rows("Authorization", ["string"], ["header", "required"], style),
        "",
        "A key.",
        "",
    ]
    for kind, heading in (("path", "Path Parameters"), ("query", "Query Parameters"), ("header", "Headers")):
        drawn = [one for where, one in operation.parameters if where == kind]
        lines += [heading, "", *_all(drawn, "", style)] if drawn else []
    lines += ["Body", "", "application/json", "", *_all(operation.body, "", style)]
    lines += ["Response", "", "200", "", "application/json", "", "Fine", "", *_all(operation.reply, "", style)]
    lines += ["Was this page helpful?"]
    return "\n".join(line for line in lines if line or style != "dense") + "\n"


def _all(drawn: list[Drawn] | tuple[Drawn, ...], prefix: str, style: str) -> list[str]:
    return [line for one in drawn for line in _one(one, prefix, style)]


def _one(drawn: Drawn, prefix: str, style: str) -> list[str]:
    schema, name = drawn.schema, prefix + drawn.name
    chips = [f"default:{_word(schema['default'])}"] if "default" in schema else []
    chips += ["required"] if drawn.required else []
    chips += ["deprecated"] if schema.get("deprecated") else []
    lines = _rows(name, [type_text(schema)], chips, style)
    lines += [] if style == "glued" else [""]
    lines += [schema["description"], ""] if "description" in schema else []
    lines += _limits(schema, style)
    if drawn.children:
        lines += ["", "Hide child attributes", "", *_all(drawn.children, f"{name}.", style)]
    return [*lines, ""]


def _rows(name: str, types: list[str], chips: list[str], style: str) -> list[str]:
    if style == "glued":
        return [name, "".join([*types, *chips])]
    if style == "split":
        chips = [piece for chip in chips for piece in chip.replace("default:", "default:\n", 1).split("\n")]
    rows = [name, *types, *chips]
    return [piece for row in rows for piece in (row, "")][:-1] if style == "spaced" else rows


def _limits(schema: Schema, style: str) -> list[str]:
    lines = _array_limits(schema)
    items = schema.get("items", {})
    lines += ["", items["description"], ""] if "description" in items else []
    lines += _value_limits(items or schema)
    if "enum" in schema:
        lines += ["Available options:", *[f"{_word(one)}," for one in schema["enum"][:-1]], _word(schema["enum"][-1])]
    if len(schema.get("examples", [])) == 1:
        lines += ["Example:", "", *_example(schema["examples"][0]), ""]
    elif "examples" in schema:
        lines += ["Examples:", *[line for one in schema["examples"] for line in ("", *_example(one))], ""]
    return [piece for line in lines for piece in (line, "")] if style == "spaced" and "enum" not in schema else lines


def _example(value: Any) -> list[str]:
    return json.dumps(value, indent=2 if isinstance(value, dict) else None, ensure_ascii=False).split("\n")


def _array_limits(schema: Schema) -> list[str]:
    low, high = schema.get("minItems"), schema.get("maxItems")
    return [f"{start} array length: {size}" for start, size in _sizes(low, high, " element")]


def _value_limits(schema: Schema) -> list[str]:
    lines = [
        f"{start} string length: {size}" for start, size in _sizes(schema.get("minLength"), schema.get("maxLength"), "")
    ]
    low, strict, high = (schema.get(key) for key in ("minimum", "exclusiveMinimum", "maximum"))
    sign, bound = ("<", strict) if strict is not None else ("<=", low)
    if bound is not None and high is not None:
        lines.append(f"Required range: {bound} {sign} x <= {high}")
    elif bound is not None:
        lines.append(f"Required range: x {sign.replace('<', '>')} {bound}")
    elif high is not None:
        lines.append(f"Required range: x <= {high}")
    return [*lines, f"Pattern: {schema['pattern']}"] if "pattern" in schema else lines


def _sizes(low: int | None, high: int | None, unit: str) -> list[tuple[str, str]]:
    if low is not None and high is not None:
        plural = "s" if unit and high > 1 else ""
        return [("Required", (f"{low}" if low == high else f"{low} - {high}") + unit + plural)]
    return [(start, f"{size}") for start, size in (("Minimum", low), ("Maximum", high)) if size is not None]


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def type_text(schema: Schema) -> str:
    """The type as the page shows it."""
    kind, rest = schema["type"], ""
    if isinstance(kind, list):
        kind, rest = kind[0], " | null"
    if kind == "array":
        return type_text(schema["items"]) + "[]" + rest
    form = f"<{schema['format']}>" if "format" in schema else ""
    return (f"enum<{kind}>" if "enum" in schema else kind + form) + rest
