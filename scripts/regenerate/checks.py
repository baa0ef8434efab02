"""What a document must keep to before the generator sees it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NoReturn

from jsonschema_path import SchemaPath
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from openapi_spec_validator.schemas.backend.jsonschema import create_validator
from openapi_spec_validator.schemas.utils import get_schema_content

from modellix._keywords import KEYWORDS
from modellix._openapi import (
    SCHEMAS,
    BadReference,
    Found,
    Object,
    Operation,
    all_inside,
    array_at,
    at,
    component_schemas,
    every_schema,
    follow,
    inner_schemas,
    is_json,
    is_object,
    object_at,
    objects_in,
    operations,
    parameters,
    pointer,
    reachable,
    reference,
    request_schemas,
    types_of,
)
from scripts.regenerate import names
from scripts.regenerate.limits import is_version_30
from scripts.regenerate.patterns import UnsafePattern, python_pattern
from scripts.regenerate.refusal import Refusal, every, raise_first
from scripts.regenerate.submissions import submissions

_COMPONENT = re.compile(r"#/components/([A-Za-z]+)/([A-Za-z0-9._-]+)")
_SECTIONS = frozenset(
    ["schemas", "responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes", "links"]
)
_DIALECT = "https://spec.openapis.org/oas/3.1/dialect/base"
_ELSEWHERE = frozenset(name for name, keyword in KEYWORDS.items() if keyword.takes == "name of a schema")
_NOT_CHECKED = frozenset(name for name, keyword in KEYWORDS.items() if not keyword.is_checked)
_PATH_PARAMETER = re.compile(r"\{[A-Za-z_-][A-Za-z0-9_-]*\}")
_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int, float),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
_MOST_ALTERNATIVES = 10_000  # schemas that may judge one value, references followed


def check(document: Object, handle: Callable[[Iterator[Refusal]], bool] = raise_first) -> None:
    """Raises Refusal for the first thing that the generator would lose, misread or stumble over.

    Another `handle` gets all that a stage of the checks refuses; when it returns True, because it took that out of the
    document, the stage is gone through again.
    """
    for stage in _stages():
        while handle(stage(document)):
            pass


def _stages() -> Iterator[Callable[[Object], Iterator[Refusal]]]:
    """Each relies on those before it."""
    yield partial(_whole, _check_references)
    yield partial(_whole, _check_paths)
    yield partial(_whole, _check_alternatives)
    yield _invalid
    yield lambda document: every(partial(_check_operation, document), operations(document))
    yield lambda document: every(_check_schema, every_schema(document))
    yield lambda document: every(_check_checkable, _in_requests(document))
    yield names.refusals
    yield partial(_whole, submissions)


def _whole(check_all: Callable[[Object], object], document: Object) -> Iterator[Refusal]:
    try:
        check_all(document)
    except Refusal as refusal:
        yield refusal


# References: only to components, so that nothing is ever fetched.


def _check_references(document: Object) -> None:
    try:
        for found in objects_in(document):
            if reference(found.value) is not None:
                _check_reference(document, found)
    except BadReference as error:
        raise Refusal(error.place, error.reason) from None


def _check_reference(document: Object, found: Found) -> None:
    ref = str(reference(found.value))
    at(document, ref, asked_at=found.place)
    match = _COMPONENT.fullmatch(ref)
    if match is None or match.group(1) not in _SECTIONS:
        raise Refusal(found.place, f"$ref {ref} is not supported: it must lead to #/components/SECTION/NAME")
    follow(document, found)


# Validity, as openapi-spec-validator sees it, with the same engine whatever else is installed.


class _Validator30(OpenAPIV30SpecValidator):
    schema_validator = create_validator(dict(get_schema_content("3.0")))


class _Validator31(OpenAPIV31SpecValidator):
    schema_validator = create_validator(dict(get_schema_content("3.1")))


def _invalid(document: Object) -> Iterator[Refusal]:
    version = str(document.get("openapi", ""))
    if not version.startswith(("3.0.", "3.1.")):
        raise Refusal("#/openapi", f"{version or 'nothing'} is not a version of OpenAPI 3.0 or 3.1")
    if document.get("jsonSchemaDialect", _DIALECT) != _DIALECT:
        raise Refusal("#/jsonSchemaDialect", "only the dialect of OpenAPI 3.1 itself is supported")
    kind = _Validator30 if is_version_30(document) else _Validator31
    path = SchemaPath.from_dict(document, handlers={"<all_urls>": _refuse_fetching})
    for error in kind(path).iter_errors():
        cause = _deepest(error)
        yield Refusal(pointer("#", *cause.absolute_path), str(cause.message).splitlines()[0])


def _deepest(error: Any) -> Any:
    """The most telling cause of a jsonschema ValidationError in a choice of schemas."""
    while error.context:
        error = max(error.context, key=lambda one: len(one.absolute_path))
    return error


def _refuse_fetching(uri: str) -> NoReturn:
    raise Refusal("#", f"{uri} leaves the document; nothing is fetched")


# What the generator would overlook.


def _check_paths(document: Object) -> None:
    for path, item in object_at(document, "paths").items():
        place = pointer("#/paths", path)
        if reference(item) is not None:
            raise Refusal(place, "a $ref in place of a path is not supported")
        if {"{", "}"} & set(_PATH_PARAMETER.sub("", path)):
            raise Refusal(place, "braces in a path that are not around the name of a parameter")


def _check_operation(document: Object, operation: Operation) -> None:
    if "servers" in operation.node or "servers" in operation.path_item:
        raise Refusal(operation.place, "servers of a single path or operation are not supported")
    body = reference(operation.node.get("requestBody"))
    if body is not None and not body.startswith("#/components/requestBodies/"):
        raise Refusal(pointer(operation.place, "requestBody"), f"$ref {body} does not lead to a request body")
    for parameter in parameters(document, operation):
        if "schema" not in parameter.value:
            raise Refusal(parameter.place, "a parameter with `content` instead of a schema is not supported")


def _check_alternatives(document: Object) -> None:
    sizes: dict[str, int] = {}
    for name, value in component_schemas(document).items():
        _alternatives(document, Found(SCHEMAS + name, value), sizes, ())


def _in_requests(document: Object) -> Iterator[Found]:
    """Every schema that the client checks."""
    in_json = [
        schema
        for operation in operations(document)
        for kind, schema in request_schemas(document, operation)
        if is_json(kind)
    ]
    for root in [*in_json, *reachable(document, in_json).values()]:
        yield from all_inside(root)


def _check_schema(schema: Found) -> None:
    if not is_object(schema.value):
        return
    ref = reference(schema.value)
    if "$ref" in schema.value and not str(ref).startswith(SCHEMAS):
        raise Refusal(schema.place, f"$ref {schema.value['$ref']} does not lead to a schema")
    for keyword in sorted(_ELSEWHERE & schema.value.keys()):
        raise Refusal(schema.place, f"{keyword} is not supported: schemas are found by their place alone")
    _check_options(schema, types_of(schema.value), array_at(schema.value, "enum"))
    patterns = [schema.value["pattern"]] if "pattern" in schema.value else []
    for pattern in [*patterns, *object_at(schema.value, "patternProperties")]:
        try:
            python_pattern(pattern)
        except UnsafePattern as error:
            raise Refusal(pointer(schema.place, "pattern"), f"pattern: {error}") from None


def _check_options(schema: Found, types: list[str], options: list[Any]) -> None:
    """A field that takes no value at all would also leave the contract tests without a good request."""
    taken = tuple(python_type for name in types for python_type in _PYTHON_TYPES.get(name, ()))
    if types and options and not any(type(option) in taken for option in options):
        raise Refusal(pointer(schema.place, "enum"), f"enum: none of the options is of type {' or '.join(types)}")


def _check_checkable(schema: Found) -> None:
    for keyword in sorted(_NOT_CHECKED & schema.value.keys()) if is_object(schema.value) else ():
        raise Refusal(pointer(schema.place, keyword), f"the client cannot check {keyword} in a request")


def _alternatives(document: Object, schema: Found, sizes: dict[str, int], above: tuple[str, ...]) -> int:
    """How many schemas judge one value together. Raises Refusal when they are too many, or lead back to themselves."""
    if schema.place in above:
        raise Refusal(schema.place, "a schema that needs itself to judge the same value")
    if schema.place not in sizes:
        inside = list(inner_schemas(schema, in_place=True))
        ref = reference(schema.value)
        if ref is not None:
            inside.append(Found(ref, at(document, ref, asked_at=schema.place)))
        above = (*above, schema.place)
        sizes[schema.place] = 1 + sum(_alternatives(document, inner, sizes, above) for inner in inside)
    if sizes[schema.place] > _MOST_ALTERNATIVES:
        raise Refusal(schema.place, f"more than {_MOST_ALTERNATIVES} schemas judge the same value")
    return sizes[schema.place]
