"""Makes the copy of a document that the generator reads.

The copy differs from the contract where the generator would lose or invent something: defaults would be sent, enums
would make replies unreadable when the service grows, titles and null would rename classes, document-wide security
and what stands beside a single `allOf` would be overlooked.
"""

from __future__ import annotations

import copy
import itertools
import unicodedata
from collections.abc import Callable
from typing import Any

from openapi_python_client.strings import ClassName

from modellix._openapi import (
    SCHEMAS,
    Found,
    Object,
    all_inside,
    array_at,
    component_schemas,
    inner_schemas,
    is_array,
    is_json,
    is_object,
    object_at,
    operations,
    parameter_schemas,
    reachable,
    reference,
    reply_schemas,
    request_schemas,
)
from scripts.regenerate.field_types import name_field_types
from scripts.regenerate.method_names import PREFIX

CHECKED = "x-checked-schema"  # on object schemas of JSON requests: the JSON pointer to the schema in the document
_NULL: Object = {"type": "null"}
_JSON_TYPES: dict[type, str] = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def prepare(document: Object) -> Object:
    """The generator's copy; the document itself stays as it is."""
    prepared = copy.deepcopy(document)
    _spread_security(prepared)
    _separate_replies(prepared)
    _mark_checked(prepared)
    name_field_types(prepared)
    requests, replies = _sides(prepared)
    nullable = _nullable_objects(prepared)
    for root in _roots(requests) + _loose_components(prepared, requests, replies):
        _rewrite(root, lambda schema: _for_both(schema, nullable))
    for root in _roots(replies):
        _rewrite(root, lambda schema: _for_both(_for_reply(schema), nullable))
    for name in nullable:
        _drop_null(component_schemas(prepared)[name.removeprefix(SCHEMAS)])
    _clean_texts(prepared)
    return prepared


# Who uses which schema.

_Side = tuple[list[Found], dict[str, Found]]


def _sides(document: Object) -> tuple[_Side, _Side]:
    """Inline schemas and reachable components, of requests and of replies."""
    asked: list[Found] = []
    told: list[Found] = []
    for operation in operations(document):
        asked += [schema for _, schema in request_schemas(document, operation)]
        asked += parameter_schemas(document, operation)
        told += [schema for _, _, schema in reply_schemas(document, operation)]
    asked, told = (list({one.place: one for one in side}.values()) for side in (asked, told))
    return (asked, reachable(document, asked)), (told, reachable(document, told))


def _roots(side: _Side) -> list[Found]:
    inline, components = side
    return [*inline, *components.values()]


def _loose_components(document: Object, requests: _Side, replies: _Side) -> list[Found]:
    used = requests[1].keys() | replies[1].keys()
    all_of_them = (Found(SCHEMAS + name, schema) for name, schema in component_schemas(document).items())
    return [found for found in all_of_them if found.place not in used]


def _separate_replies(document: Object) -> None:
    """Gives replies schemas of their own where they share some with requests, because replies are relaxed."""
    requests, replies = _sides(document)
    schemas = component_schemas(document)
    renamed: dict[str, str] = {}
    for ref in sorted(requests[1].keys() & replies[1].keys()):
        name = _free_name(ref.removeprefix(SCHEMAS) + "Reply", schemas)
        schemas[name] = copy.deepcopy(replies[1][ref].value)
        renamed[ref] = SCHEMAS + name
    own = [Found(new, schemas[new.removeprefix(SCHEMAS)]) for new in renamed.values()]
    alone = [found for ref, found in replies[1].items() if ref not in renamed]
    for root in [*replies[0], *own, *alone]:
        for found in all_inside(root):
            used = reference(found.value)
            if used in renamed:
                found.value["$ref"] = renamed[used]


def _free_name(wanted: str, schemas: Object) -> str:
    classes = {ClassName(name, PREFIX) for name in schemas}
    names = itertools.chain([wanted], (f"{wanted}{number}" for number in itertools.count(2)))
    return next(name for name in names if ClassName(name, PREFIX) not in classes)


def _mark_checked(document: Object) -> None:
    """Marks the schemas whose models check themselves: those of JSON bodies that no other kind of body shares."""
    bodies = [body for operation in operations(document) for body in request_schemas(document, operation)]
    in_json = [schema for content_type, schema in bodies if is_json(content_type)]
    elsewhere = reachable(document, [schema for content_type, schema in bodies if not is_json(content_type)])
    components = reachable(document, in_json)
    for root in [*in_json, *(found for ref, found in components.items() if ref not in elsewhere)]:
        for found in all_inside(root):
            if is_object(found.value) and "$ref" not in found.value:
                found.value[CHECKED] = found.place
                if found.value.get("format") == "binary":
                    del found.value["format"]  # JSON has no binary data; this is text.


# What is rewritten.


def _rewrite(schema: Found, change: Callable[[Object], None]) -> None:
    """Applies a change in place to the schema and to all inside it, innermost first."""
    if is_object(schema.value):
        for inner in list(inner_schemas(schema)):
            _rewrite(inner, change)
        change(schema.value)


def _for_both(schema: Object, nullable: set[str]) -> None:
    for keyword in ("default", "title", "example", "examples"):
        schema.pop(keyword, None)
    _say_null(schema)
    if not _is_typable(schema):
        _forget_options(schema)
    _keep_siblings(schema)
    if schema.get("$ref") in nullable:
        ref = schema.pop("$ref")
        _replace(schema, {**schema, "anyOf": [{"$ref": ref}, _NULL.copy()]})
    for inner in array_at(schema, "allOf"):
        first = array_at(inner, "anyOf")[:1]
        if first and reference(first[0]) in nullable:
            _replace(inner, first[0])  # What is merged is the object, not its absence.


def _say_null(schema: Object) -> None:
    """OpenAPI 3.0's `nullable` in the words of 3.1."""
    if schema.pop("nullable", False) is True and "$ref" not in schema:
        _accept_null(schema)


def _accept_null(schema: Object) -> None:
    kind = schema.get("type")
    if "$ref" in schema or "allOf" in schema:
        _replace(schema, {"anyOf": [schema.copy(), _NULL.copy()]})
    elif "anyOf" in schema or "oneOf" in schema:
        choice = schema["anyOf" if "anyOf" in schema else "oneOf"]
        if _NULL not in choice:
            choice.append(_NULL.copy())
    elif isinstance(kind, str) and kind != "null":
        schema["type"] = [kind, "null"]
    elif is_array(kind) and "null" not in kind:
        kind.append("null")


def _replace(schema: Object, new: Object) -> None:
    schema.clear()
    schema.update(new)


def _keep_siblings(schema: Object) -> None:
    """Puts properties that stand beside one reference into an `allOf` with it, where the generator sees them."""
    beside = {keyword: schema[keyword] for keyword in ("properties", "required") if keyword in schema}
    only = [{"$ref": schema["$ref"]}] if "$ref" in schema else array_at(schema, "allOf")
    if beside and len(only) == 1 and reference(only[0]) is not None:
        kept = {keyword: value for keyword, value in schema.items() if keyword not in (*beside, "$ref")}
        _replace(schema, {**kept, "allOf": [only[0], {"type": "object", **beside}]})


def _for_reply(schema: Object) -> Object:
    """Readers accept any value of the right type, and null for each property that may be absent."""
    _forget_options(schema)
    for name, inner in object_at(schema, "properties").items():
        if name not in array_at(schema, "required") and is_object(inner):
            _accept_null(inner)
    return schema


def _is_typable(schema: Object) -> bool:
    """Whether the generator can write the options as a Literal: all text, or all integers."""
    kinds = {_kind(option) for option in array_at(schema, "enum") if option is not None}
    return (not kinds or kinds in ({"string"}, {"integer"})) and isinstance(schema.get("const", ""), str | int)


def _kind(option: object) -> str:
    return _JSON_TYPES.get(type(option), "")


def _forget_options(schema: Object) -> None:
    """Leaves the type of an enum or const."""
    options = [*schema.pop("enum", []), *([schema.pop("const")] if "const" in schema else [])]
    if options and "type" not in schema and "$ref" not in schema:
        kinds = sorted({_kind(option) for option in options})
        if "" not in kinds:
            schema["type"] = kinds[0] if len(kinds) == 1 else kinds


def _nullable_objects(document: Object) -> set[str]:
    """Component objects that may be null: the null moves to where they are used, so that the class keeps its name."""
    found = set[str]()
    for name, schema in component_schemas(document).items():
        if not is_object(schema) or "$ref" in schema:
            continue
        kind = schema.get("type")
        nullable = schema.get("nullable") is True and kind == "object"
        if nullable or (is_array(kind) and sorted(kind) == ["null", "object"]):
            found.add(SCHEMAS + name)
    return found


def _drop_null(schema: Object) -> None:
    schema["type"] = "object"


# What surrounds the schemas.


def _spread_security(document: Object) -> None:
    common = document.get("security")
    for operation in operations(document) if common else ():
        operation.node.setdefault("security", copy.deepcopy(common))


def _clean_texts(value: Any) -> None:
    """Takes control characters, invisible ones too, out of the texts that become comments of the generated code."""
    if is_object(value):
        for key, inner in value.items():
            if key in ("description", "summary") and isinstance(inner, str):
                value[key] = clean_text(inner)
            _clean_texts(inner)
    elif is_array(value):
        for inner in value:
            _clean_texts(inner)


def clean_text(text: str) -> str:
    """The text without control characters and invisible ones, line feeds excepted."""
    return "".join(letter for letter in text if letter == "\n" or not _is_control(letter))


def _is_control(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs")
