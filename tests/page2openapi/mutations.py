"""Single changes of an operation, each of which knows the drift that it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from scripts.catalogue.layout import Drawn, Operation, Schema

from .drifting import B, H, N, Row
from .rendering import operations


@dataclass(frozen=True)
class Change:
    """An operation, the same one with one change, and what is to be found."""

    old: Operation
    new: Operation
    row: Row


@dataclass(frozen=True)
class _Edit:
    """A new form of one field. The classes are those in a request and in a reply."""

    field: Drawn
    kind: str
    old: Any
    new: Any
    request: str
    reply: str
    inside: str = ""


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """An operation and one change of it."""
    old = draw(operations())
    sections = [
        ("body", old.body),
        ("response", old.reply),
        *((f"param.{kind}", (one,)) for kind, one in old.parameters),
    ]
    place, fields = draw(st.sampled_from(sections))
    if place in ("body", "response") and draw(st.integers(0, 3)) == 0:
        return draw(_around(old, place, fields))
    path: list[int] = [draw(st.integers(0, len(fields) - 1))]
    chosen = fields[path[0]]
    while chosen.children and draw(st.integers(0, 1)) == 1:
        path.append(draw(st.integers(0, len(chosen.children) - 1)))
        chosen = chosen.children[path[-1]]
    possible = list(_edits(chosen, in_path=place == "param.path"))
    if not possible:
        return draw(_around(old, "body", old.body))
    edit = draw(st.sampled_from(possible))
    where = _where(place, fields, path) + edit.inside
    severity = edit.reply if place == "response" else edit.request
    new = _replaced(old, place, _put(fields, path, edit.field), old_fields=fields)
    if edit.new is None and edit.kind != "enum option removed" and draw(st.integers(0, 1)) == 1:
        return Change(new, old, (where, edit.kind, None, edit.old, _added(edit.kind, reply=place == "response")))
    return Change(old, new, (where, edit.kind, edit.old, edit.new, severity))


def _added(kind: str, *, reply: bool) -> str:
    """The class of a keyword that was not there before."""
    return H if kind == "default" else N if reply or kind == "example" else B


@st.composite
def _around(draw: st.DrawFn, old: Operation, place: str, fields: tuple[Drawn, ...]) -> Change:
    """A change of the list of fields, or of the address."""
    reply = place == "response"
    whole: list[Change] = []
    for required in (False, True):
        extra = Drawn("extra", {"type": "string", "maxLength": 9}, required)
        severity = B if required and not reply else N
        row = (f"{place}.extra", "field added", None, extra.schema, severity)
        whole.append(Change(old, _replaced(old, place, (*fields, extra)), row))
        back = (f"{place}.extra", "field removed", extra.schema, None, B)
        whole.append(Change(_replaced(old, place, (*fields, extra)), old, back))
    if len(fields) > 1:
        turned = (*fields[1:], fields[0])
        names = [[one.name for one in some] for some in (fields, turned)]
        whole.append(Change(old, _replaced(old, place, turned), (place, "order", names[0], names[1], N)))
    address = (old.server + old.path, f"https://other.example.com{old.path}", B)
    whole.append(Change(old, replace(old, server="https://other.example.com"), ("url", "url", *address)))
    other = "PUT" if old.method != "PUT" else "POST"
    whole.append(Change(old, replace(old, method=other), ("method", "method", old.method, other, B)))
    return draw(st.sampled_from(whole))


# Changes of one field.


def _edits(field: Drawn, *, in_path: bool) -> Iterator[_Edit]:
    """All that can be changed of a field alone, so that its page can still be read in one way only."""
    schema = field.schema
    yield from _limit_edits(field)
    yield from _option_edits(field)
    yield from _word_edits(field)
    if not in_path:
        was = field.required
        yield _Edit(replace(field, required=not was), "required", was, not was, N if was else B, B if was else N)
    flag = bool(schema.get("deprecated"))
    yield _Edit(_with(field, deprecated=None if flag else True), "deprecated", flag, not flag, H, H)
    kind = schema["type"]
    if kind not in ("array", ["array", "null"]) and "enum" not in schema:
        null = isinstance(kind, list)
        other = kind[0] if null else [kind, "null"]
        yield _Edit(_with(field, type=other), "nullable", null, not null, B if null else N, N if null else B)
    if not schema.keys() - {"type", "description", "deprecated"} and kind in ("boolean", "integer", "number", "string"):
        other = "string" if kind != "string" else "integer"
        yield _Edit(_with(field, type=other), "type", kind, other, B, B)


def _limit_edits(field: Drawn) -> Iterator[_Edit]:
    for keyword in ("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum"):
        limit = field.schema.get(keyword)
        if limit is None:
            continue
        lower = not keyword.startswith("max")
        for step in (1, -1):
            if (step < 0 and keyword in ("minLength", "minItems", "maxItems")) or not _fits(
                field.schema, keyword, limit + step
            ):
                continue
            yield _Edit(
                _with(field, **{keyword: limit + step}),
                keyword,
                limit,
                limit + step,
                B if (step > 0) == lower else N,
                N,
            )
        # Only below a limit of the list is a description known to be that of the items.
        if "description" not in field.schema.get("items", {}) or {"minItems", "maxItems"} <= field.schema.keys():
            yield _Edit(_with(field, **{keyword: None}), keyword, limit, None, N, N)
    if "pattern" in field.schema:
        was = field.schema["pattern"]
        yield _Edit(_with(field, pattern=r"^\w+$"), "pattern", was, r"^\w+$", B, N)
        yield _Edit(_with(field, pattern=None), "pattern", was, None, N, N)
    items = field.schema.get("items", {})
    if "maxLength" in items and field.schema["type"] == "array":
        larger = items | {"maxLength": items["maxLength"] + 1}
        edited = _with(field, items=larger)
        yield _Edit(edited, "maxLength", items["maxLength"], items["maxLength"] + 1, N, N, "[]")


def _fits(schema: Schema, keyword: str, limit: int) -> bool:
    """Whether a limit stays below, or above, the other one of its pair."""
    pairs = {"minLength": "maxLength", "minItems": "maxItems", "minimum": "maximum", "exclusiveMinimum": "maximum"}
    upper = pairs.get(keyword)
    if upper:
        return limit < schema.get(upper, limit + 1)
    lowers = [schema[low] for low, high in pairs.items() if high == keyword and low in schema]
    return all(limit > low for low in lowers)


def _option_edits(field: Drawn) -> Iterator[_Edit]:
    options, default = field.schema.get("enum"), field.schema.get("default")
    if options is None:
        return
    extra: Any = "extra" if isinstance(options[0], str) else 9999
    yield _Edit(_with(field, enum=[extra, *options]), "enum option added", None, extra, N, N)
    loose = [one for one in options if one != default]
    if len(options) > 1 and loose:
        left = [one for one in options if one != loose[0]]
        if len(left) > 1 or isinstance(left[0], int):
            yield _Edit(_with(field, enum=left), "enum option removed", loose[0], None, B, N)
    shown = [one for one in options if one != ""]
    if default is not None:
        yield _Edit(_with(field, default=None), "default", default, None, H, H)
    for other in shown[:2]:
        if other != default:
            yield _Edit(_with(field, default=other), "default", default, other, H, H)


def _word_edits(field: Drawn) -> Iterator[_Edit]:
    schema = field.schema
    was = schema.get("description")
    yield _Edit(_with(field, description="Other words, here."), "description", was, "Other words, here.", N, N)
    if schema.get("examples") == ['a "word"', "16:9"]:
        shown = schema["examples"]
        yield _Edit(_with(field, examples=["other"]), "example", shown, "other", N, N)
        yield _Edit(_with(field, examples=None), "example", shown, None, N, N)
    if schema["type"] == "boolean" and "default" in schema:
        yield _Edit(_with(field, default=True), "default", False, True, H, H)


# Putting a field back.


def _with(field: Drawn, **keywords: Any) -> Drawn:
    changed = {**field.schema, **keywords}
    return replace(field, schema={key: value for key, value in changed.items() if value is not None})


def _where(place: str, fields: tuple[Drawn, ...], path: list[int]) -> str:
    for depth, index in enumerate(path, 1):
        chosen = fields[index]
        place, fields = f"{place}.{chosen.name}", chosen.children
        if chosen.schema["type"] == "array" and depth < len(path):
            place += "[]"
    return place


def _put(fields: tuple[Drawn, ...], path: list[int], field: Drawn) -> tuple[Drawn, ...]:
    index, rest = path[0], path[1:]
    if rest:
        field = replace(fields[index], children=_put(fields[index].children, rest, field))
    return (*fields[:index], field, *fields[index + 1 :])


def _replaced(
    old: Operation, place: str, fields: tuple[Drawn, ...], *, old_fields: tuple[Drawn, ...] = ()
) -> Operation:
    if place == "body":
        return replace(old, body=fields)
    if place == "response":
        return replace(old, reply=fields)
    parameters = tuple((kind, fields[0] if one is old_fields[0] else one) for kind, one in old.parameters)
    return replace(old, parameters=parameters)
