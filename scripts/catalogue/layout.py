"""Lays an operation out as the page that one copies from a browser."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from modellix._openapi import is_array

Schema = dict[str, Any]
STYLES = ("rows", "glued", "split", "spaced", "dense")
REPLY: Schema = {"code": 0, "message": "success", "data": {"status": "pending", "task_id": "task-1"}}


@dataclass(frozen=True)
class Drawn:
    """A field: its name, its schema in the reader's normal form, and its children where it is an object."""

    name: str
    schema: Schema
    required: bool
    children: tuple[Drawn, ...] = ()


@dataclass(frozen=True)
class Operation:
    """What a page tells. `sample` is the body of its sample request, which a page may lack."""

    method: str
    server: str
    path: str
    parameters: tuple[tuple[str, Drawn], ...]
    body: tuple[Drawn, ...]
    reply: tuple[Drawn, ...]
    style: str
    sample: Schema | None = None


# The schema that the reader is to find.


def body_schema(drawn: tuple[Drawn, ...]) -> Schema:
    """The schema of an object with these fields."""
    return _object(drawn, {"type": "object"})


def _object(drawn: tuple[Drawn, ...], schema: Schema) -> Schema:
    required = [one.name for one in drawn if one.required]
    properties = {one.name: _whole(one) for one in drawn}
    return {**schema, "properties": properties, **({"required": required} if required else {})}


def _whole(drawn: Drawn) -> Schema:
    if not drawn.children:
        return drawn.schema
    if drawn.schema.get("type") == "array":
        return {**drawn.schema, "items": _object(drawn.children, drawn.schema["items"])}
    return _object(drawn.children, drawn.schema)


# Laying out.


def render(operation: Operation) -> str:
    """The page, as it would be copied from a browser."""
    style = operation.style
    lines = ["Skip to main content", operation.method]
    lines += [piece for segment in operation.path.strip("/").split("/") for piece in ("/", segment)]
    lines += [f"curl --request {operation.method} \\", f"  --url {operation.server}{operation.path} \\"]
    lines += ["  --header 'Authorization: Bearer <token>'" + _end_of_command(operation.sample), ""]
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


def _end_of_command(sample: Schema | None) -> str:
    """The body, with the apostrophes that a shell wants, and the sample reply."""
    if sample is None:
        return ""
    body = json.dumps(sample, indent=2, ensure_ascii=False).replace("'", "'\\''")
    reply = json.dumps(REPLY, indent=2)
    return f" \\\n  --header 'Content-Type: application/json' \\\n  --data '\n{body}\n'\n{reply}"


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
    low, sign, bound = _bound(schema, "exclusiveMinimum", "minimum")
    high, end, most = _bound(schema, "exclusiveMaximum", "maximum")
    if low and high:
        lines.append(f"Required range: {bound} {sign} x {end} {most}")
    elif low:
        lines.append(f"Required range: x {sign.replace('<', '>')} {bound}")
    elif high:
        lines.append(f"Required range: x {end} {most}")
    return [*lines, f"Pattern: {schema['pattern']}"] if "pattern" in schema else lines


def _bound(schema: Schema, strict: str, other: str) -> tuple[bool, str, Any]:
    """Whether there is a bound, its sign, and the bound."""
    return (True, "<", schema[strict]) if strict in schema else (other in schema, "<=", schema.get(other))


def _sizes(low: int | None, high: int | None, unit: str) -> list[tuple[str, str]]:
    if low is not None and high is not None:
        plural = "s" if unit and high > 1 else ""
        return [("Required", (f"{low}" if low == high else f"{low} - {high}") + unit + plural)]
    return [(start, f"{size}") for start, size in (("Minimum", low), ("Maximum", high)) if size is not None]


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def kind_in(schema: Schema) -> str:
    """The type of a schema; the first where it takes null too."""
    kind = schema["type"]
    return str(kind[0]) if is_array(kind) else str(kind)


def type_text(schema: Schema) -> str:
    """The type as the page shows it."""
    if "anyOf" in schema:
        return " | ".join(type_text(one) for one in schema["anyOf"])
    kind = kind_in(schema)
    rest = " | null" if kind != schema["type"] else ""
    if kind == "array":
        return type_text(schema["items"]) + "[]" + rest
    form = f"<{schema['format']}>" if "format" in schema else ""
    return (f"enum<{kind}>" if "enum" in schema else kind + form) + rest
