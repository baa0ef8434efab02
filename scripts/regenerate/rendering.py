"""What our templates show of a document: limits, operations, namespaces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.bodies import Body
from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty, Property
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.strings import ClassName, safe_for_docstring

from modellix._openapi import (
    Found,
    Operation,
    array_at,
    at,
    every_schema,
    is_json,
    object_at,
    operations,
    reference,
    request_schemas,
)
from scripts.regenerate import declarations, names
from scripts.regenerate.limits import at_construction, checked_schemas
from scripts.regenerate.preparation import CHECKED, clean_text
from scripts.regenerate.refusal import Refusal
from scripts.regenerate.submissions import Submission, get_task, submissions

OWN_MODULES = ("schemas", "fields", "constraints", "operations", "namespaces", "requests")
_CONSTRUCTION = " at construction"


class Rendering:
    """Answers what templates ask about one document and what the generator made of it."""

    def __init__(self, document: dict[str, Any], data: GeneratorData) -> None:
        self._document = document
        self._data = data
        self._models = {str(model.class_info.name): model for model in data.models}
        self._bodies = dict(self._find_bodies())
        self._submissions = [self._row(one) for one in submissions(document)]
        self._options = {_option_key(options): options for options in _enums(document)}

    def questions(self) -> dict[str, Callable[..., Any]]:
        """The functions that templates of upstream, as we change them, call."""
        return {
            "is_checked": checked_place,
            "schema_name": self.schema_name,
            "options": self.options,
            "declaration": _declaration,
            "parameter": declarations.parameter,
            "argument": declarations.argument,
            "in_order": _in_order,
            "takes_more": _takes_more,
        }

    def schema_name(self, body: Body) -> str:
        """The name, as a Python literal, of the schema that a JSON body is checked with."""
        return repr(self._bodies[id(body)].place)

    def options(self, enum: LiteralEnumProperty) -> list[str | int]:
        """The options of an enum in the order of the document."""
        return self._options[_option_key(list(enum.values))]

    def values(self, module: str) -> dict[str, Any]:
        """What the template of one of our own modules shows."""
        makers = {
            "schemas": self._limits,
            "operations": self._operations,
            "namespaces": self._namespaces,
            "requests": self._requests,
        }
        return makers[module]() if module in makers else {}

    # Limits.

    def _find_bodies(self) -> Iterator[tuple[int, Found]]:
        """The schema of each JSON body, by the identity of the body that the generator made."""
        places: dict[tuple[str, str, str], Found] = {}
        for operation in operations(self._document):
            for content_type, schema in request_schemas(self._document, operation):
                if is_json(content_type):
                    places[names.folder(operation), names.module(operation), content_type] = self._named(schema)
        for folder, collection in self._data.endpoint_collections_by_tag.items():
            for endpoint in collection.endpoints:
                for body in endpoint.bodies:
                    key = (str(folder), str(endpoint.name), body.content_type.get_untrusted_value())
                    if key in places:
                        yield id(body), places[key]

    def _named(self, schema: Found) -> Found:
        """The component itself where a schema is nothing but a reference to it."""
        ref = reference(schema.value)
        if ref is None or len(schema.value) > 1:
            return schema
        return Found(ref, at(self._document, ref, asked_at=schema.place))

    def _limits(self) -> dict[str, Any]:
        schemas = checked_schemas(self._document, list(self._bodies.values()))
        models: dict[str, tuple[str, str, dict[str, str]]] = {}
        for name, model in sorted(self._models.items()):
            place = checked_place(model)
            if place is None:
                continue
            if place not in schemas:
                inner = Found(place, at(self._document, place, asked_at=place))
                schemas |= checked_schemas(self._document, [inner])
            fields = {str(one.python_name): one.name.get_untrusted_value() for one in _fields(model)}
            early = at_construction(schemas[place], set(fields.values()))
            if early != schemas[place]:
                schemas[place + _CONSTRUCTION] = early
            models[name] = (place, place + _CONSTRUCTION if early != schemas[place] else place, fields)
        return {"schemas": repr(schemas), "models": repr(models)}

    # Submissions.

    def _row(self, submission: Submission) -> dict[str, Any]:
        class_name = str(ClassName(submission.schema, names.PREFIX))
        model = self._models.get(class_name)
        if model is None or checked_place(model) is None:
            raise Refusal(submission.operation.place, "the request of a submission must be an object of its own")
        return {
            "submission": submission,
            "model": model,
            "class_name": class_name,
            "module": str(model.class_info.module_name),
            "operation": _operation(submission.operation),
        }

    def _operations(self) -> dict[str, Any]:
        task = get_task(self._document)
        return {
            "submissions": self._submissions,
            "server_url": repr(server_url(self._document)),
            "get_task": _operation(task) if task else None,
        }

    def _namespaces(self) -> dict[str, Any]:
        found: dict[str, dict[str, Any]] = {}
        imports = set[str]()
        for row in self._submissions:
            operation: Operation = row["submission"].operation
            attribute = names.folder(operation)
            class_name = f"{ClassName(attribute, 'Tag')}Submissions"
            new: dict[str, Any] = {
                "attribute": attribute,
                "class_name": class_name,
                "tag": safe_for_docstring(operation.tag),
                "methods": [],
            }
            found.setdefault(attribute, new)["methods"].append(_method(row))
            imports |= {f"from .models.{row['module']} import {row['class_name']}"}
            for field in _fields(row["model"]):
                if declarations.has_list(field):
                    imports |= {"from .fields import SequenceOf"}
                imports |= field.get_imports(prefix=".") | field.get_lazy_imports(prefix=".")
        return {"namespaces": list(found.values()), "imports": sorted(imports)}

    def _requests(self) -> dict[str, Any]:
        found: dict[str, str] = {}  # name: module
        for row in self._submissions:
            self._note_types(row["model"], found)
        return {"types": sorted(found.items())}

    def _note_types(self, value: PropertyProtocol, found: dict[str, str]) -> None:
        """Notes the class of a value and those of all that it may hold."""
        inner: Sequence[PropertyProtocol] = []
        if isinstance(value, ModelProperty | LiteralEnumProperty):
            name = str(value.class_info.name)
            inner = _fields(self._models[name]) if name in self._models and name not in found else []
            found[name] = str(value.class_info.module_name)
        elif isinstance(value, UnionProperty):
            inner = value.inner_properties
        elif isinstance(value, ListProperty):
            inner = [value.inner_property]
        for one in inner:
            self._note_types(one, found)


def checked_place(model: ModelProperty) -> str | None:
    """The JSON pointer to the schema with which a model checks itself; None for a model that does not."""
    return (model.data.model_extra or {}).get(CHECKED)


def server_url(document: dict[str, Any]) -> str:
    """The first server, its variables at their defaults."""
    server = (array_at(document, "servers") or [{"url": "/"}])[0]
    url = str(server["url"])
    for name, variable in object_at(server, "variables").items():
        url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    return url


def _fields(model: ModelProperty) -> list[Property]:
    return [*(model.required_properties or []), *(model.optional_properties or [])]


def _in_order(model: ModelProperty) -> list[Property]:
    """The fields in the order of the constructor: those that must be given come first."""
    return sorted(_fields(model), key=lambda field: not field.required or field.default is not None)


def _takes_more(model: ModelProperty, field: Property) -> bool:
    return checked_place(model) is not None and declarations.takes_more(field)


def _declaration(model: ModelProperty, field: Property) -> str:
    return declarations.field(field) if checked_place(model) else field.to_string().as_unembedded_code()


def _operation(operation: Operation) -> str:
    parts = (operation.node["operationId"], operation.method.upper(), operation.path, operation.tag)
    return f"Operation({', '.join(map(repr, parts))})"


def _method(row: dict[str, Any]) -> dict[str, Any]:
    operation: Operation = row["submission"].operation
    summary = operation.node.get("summary") or operation.node.get("description") or f"Submit {operation.name}"
    parameters = [
        {"name": str(field.python_name), "declaration": declarations.parameter(field)}
        for field in _fields(row["model"])
    ]
    return {
        "name": names.module(operation),
        "class_name": row["class_name"],
        "summary": safe_for_docstring(clean_text(summary)),
        "parameters": parameters,
    }


def _option_key(options: list[Any]) -> frozenset[Any]:
    return frozenset((type(option), option) for option in options)


def _enums(document: dict[str, Any]) -> Iterator[list[Any]]:
    for schema in every_schema(document):
        options = [option for option in array_at(schema.value, "enum") if option is not None]
        if options and all(isinstance(option, str | int) for option in options):
            yield list(dict.fromkeys(options))
