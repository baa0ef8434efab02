"""Operations drawn by Hypothesis, and what a reader is to make of them; scripts/catalogue lays them out as pages."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from scripts.catalogue.layout import STYLES, Drawn, Operation, Schema, body_schema

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
    if low is None and high is None and "default" not in schema:  # which the pattern would refuse
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


# What the reader is to make of one.


def expected(operation: Operation) -> dict[str, Any]:
    """The operation as the reader's normal form has it."""
    return {
        "security": [{"bearerAuth": []}],
        "parameters": [_parameter(kind, drawn) for kind, drawn in operation.parameters],
        "requestBody": _content(operation.body),
        "responses": {"200": {"description": "Fine", **_content(operation.reply)}},
    }


def _content(drawn: tuple[Drawn, ...]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": body_schema(drawn)}}}


def _parameter(kind: str, drawn: Drawn) -> dict[str, Any]:
    return {"name": drawn.name, "in": kind, **({"required": True} if drawn.required else {}), "schema": drawn.schema}
