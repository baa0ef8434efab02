"""Names that the generated package needs, and the collisions that would lose or hide something."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import LiteralEnumProperty
from openapi_python_client.strings import ClassName, PythonIdentifier

from modellix._openapi import (
    SCHEMAS,
    Found,
    Operation,
    component_schemas,
    every_schema,
    model_path,
    object_at,
    operations,
    pointer,
)
from scripts.regenerate.declarations import fields_of
from scripts.regenerate.method_names import PREFIX, folder, module, with_names
from scripts.regenerate.refusal import Refusal, every
from scripts.regenerate.reserved import TAKEN_FIELDS

# Names that generated modules import or define, so that a class of that name would hide them.
TAKEN_CLASSES = frozenset(
    [
        "Any",
        "AuthenticatedClient",
        "BinaryIO",
        "BytesIO",
        "Callable",
        "ClassVar",
        "Client",
        "ConstraintError",
        "File",
        "FileTypes",
        "Final",
        "Generator",
        "Generic",
        "HTTPStatus",
        "Literal",
        "Mapping",
        "NoReturn",
        "Later",
        "Method",
        "Namespace",
        "Operation",
        "Response",
        "SequenceOf",
        "Submissions",
        "SubmissionRequest",
        "T",
        "TextIO",
        "TypeAlias",
        "TypeVar",
        "UNSET",
        "UUID",
        "Unset",
        "Violation",
    ]
)
# Names that operations use inside their functions, beside `client` and `url`, which upstream renames.
_TAKEN_PARAMETERS = frozenset(
    ["body", "cookies", "errors", "headers", "httpx", "kwargs", "params", "quote", "response"]
)


def _refuse_climbing(operation: Operation) -> None:
    """Such a name would come out harmless, but nobody means one by it."""
    for name in (str(operation.node.get("operationId", "")), operation.tag):
        parts = re.split(r"[/\\]", name)
        if ".." in parts or "." in parts or (len(parts) > 1 and not parts[0]) or re.match(r"[A-Za-z]:", name):
            raise Refusal(operation.place, f"the name {name!r} looks like a path that climbs out of its folder")


def refusals(document: dict[str, Any]) -> Iterator[Refusal]:
    """Names of the document that become the same name in Python, or climb out of a folder."""
    found = list(operations(with_names(document)))
    yield from every(_refuse_climbing, found)
    yield from _same("operations", ((f"{folder(one)}/{module(one)}", one.name, one.place) for one in found))
    tags = {one.tag: (folder(one), one.tag, one.place) for one in found if model_path(one.path) is None}
    yield from _same("tags", tags.values())
    schemas = ((str(ClassName(name, PREFIX)), name, SCHEMAS + name) for name in component_schemas(document))
    yield from _same("schemas", schemas)
    for schema in every_schema(document):
        yield from _same_properties(schema)


def _same_properties(schema: Found) -> Iterator[Refusal]:
    place = pointer(schema.place, "properties")
    properties = object_at(schema.value, "properties")
    return _same("properties", ((str(PythonIdentifier(one, PREFIX)), one, pointer(place, one)) for one in properties))


def _same(what: str, named: Iterable[tuple[str, str, str]]) -> Iterator[Refusal]:
    """`named` holds what becomes of a name, the name, and its place."""
    seen: dict[str, str] = {}
    for python_name, name, place in named:
        if python_name in seen:
            yield Refusal(place, f"the {what} {seen[python_name]!r} and {name!r} would both be named {python_name}")
        seen[python_name] = name


def refusals_of_generated(data: GeneratorData) -> Iterator[Refusal]:
    """Names that the generator arrived at and that would hide others."""
    classes = [one.class_info for one in (*data.models, *data.enums)]
    for one in classes:
        if one.name in TAKEN_CLASSES:
            yield Refusal("", f"a schema would be named {one.name}, like a name that the client needs")
    yield from _same("schemas", ((str(one.module_name), str(one.name), "") for one in classes))
    for model in data.models:
        fields, place = fields_of(model), f"model {model.class_info.name}"
        yield from _same(
            "properties", ((str(one.python_name), one.name.get_untrusted_value(), place) for one in fields)
        )
        yield from _taken(place, (str(one.python_name) for one in fields), TAKEN_FIELDS)
    endpoints = [one for collection in data.endpoint_collections_by_tag.values() for one in collection.endpoints]
    yield from every(_refuse_alike, endpoints)
    for endpoint in endpoints:
        names = [str(parameter.python_name) for _, parameter in endpoint.iter_all_parameters()]
        derived = {f"{before}{name}{after}" for name in names for before, after in _DERIVED}
        yield from _taken(f"operation {endpoint.name}", names, _TAKEN_PARAMETERS | derived)


def _refuse_alike(endpoint: Endpoint) -> None:
    """The generated code tells bodies apart by their Python types."""
    kinds = [body.prop.get_type_string(no_optional=True).as_unembedded_code() for body in endpoint.bodies]
    are_classes = all(map(str.isidentifier, kinds)) and "Any" not in kinds
    are_options = any(isinstance(body.prop, LiteralEnumProperty) for body in endpoint.bodies)
    if len(kinds) > 1 and (len({*kinds}) < len(kinds) or are_options or not are_classes):
        what = f"several content types whose Python types cannot be told apart: {', '.join(kinds)}"
        raise Refusal(f"operation {endpoint.name}", what)


_DERIVED = (("json_", ""), ("", "_item"), ("", "_item_data"))  # names that functions make of a parameter's


def _taken(place: str, names: Iterable[str], taken: frozenset[str] | set[str]) -> Iterator[Refusal]:
    for name in names:
        if name in taken or name.startswith("check_"):
            yield Refusal(place, f"the name {name} is one that the generated code needs for itself")
