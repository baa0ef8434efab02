"""What our templates show of a document: limits, operations, namespaces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.properties import LiteralEnumProperty, ModelProperty, Property
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.strings import ClassName, safe_for_docstring

from modellix._openapi import (
    Operation,
    array_at,
    every_schema,
    object_at,
    provider_and_model,
)
from scripts.regenerate import declarations, docstrings, method_names, patterns
from scripts.regenerate.checked_requests import CheckedRequests, checked_place
from scripts.regenerate.declarations import fields_of
from scripts.regenerate.preparation import clean_text
from scripts.regenerate.refusal import Refusal
from scripts.regenerate.submissions import Submission, get_task, submissions


class File(NamedTuple):
    """A module of ours: its path in the package, its template, and what that shows."""

    path: str
    template: str
    values: dict[str, Any]


class Rendering:
    """Answers what templates ask about one document and what the generator made of it."""

    def __init__(self, document: dict[str, Any], data: GeneratorData) -> None:
        self._document = document
        self._models = {str(model.class_info.name): model for model in data.models}
        self._requests = CheckedRequests(document, data)
        self._submissions = {str(row["class_name"]): row for row in map(self._row, submissions(document))}
        self._options = {_option_key(options): options for options in _enums(document)}

    def questions(self) -> dict[str, Callable[..., Any]]:
        """The functions that templates of upstream, as we change them, call."""
        return {
            "is_checked": checked_place,
            "schema_name": self._requests.schema_name,
            "options": self.options,
            "operation": self.operation,
            "model_homes": _model_homes,
            "declaration": _declaration,
            "parameter": declarations.parameter,
            "argument": declarations.argument,
            "in_order": _in_order,
            "model_docstring": self.model_docstring,
            "takes_more": _takes_more,
        }

    def options(self, enum: LiteralEnumProperty) -> list[str | int]:
        """The options of an enum in the order of the document."""
        return self._options[_option_key(list(enum.values))]

    def operation(self, model: ModelProperty) -> str | None:
        """The operation, as code, that a model is the request of."""
        row = self._submissions.get(str(model.class_info.name))
        return row["operation"] if row else None

    def model_docstring(self, model: ModelProperty) -> str:
        """The docstring of a request model, escaped."""
        return docstrings.of_model(self._document, checked_place(model) or "#", _told(model))

    def files(self) -> Iterator[File]:
        """The modules of ours."""
        for name in ("lazy", "methods", "fields", "forms", "violations", "wire", "constraints"):
            yield File(f"{name}.py", name, {})
        words = {"asks_for_url": patterns.ASKS_FOR_URL, "also_http": patterns.ALSO_HTTP}
        yield File("checks.py", "checks", words)
        yield File("schemas.py", "schemas", {"homes": repr(self._requests.homes())})
        yield File("limits/__init__.py", "limits_init", {})
        for name, values in self._requests.modules().items():
            yield File(f"limits/{name}.py", "limits", values)
        yield File("operations.py", "operations", self._operations())
        yield File("submissions.py", "submissions", {"submissions": list(self._submissions.values())})
        yield File("requests.py", "requests", self._types())
        namespaces = self._namespaces()
        yield File("namespaces/__init__.py", "namespaces", {"namespaces": namespaces})
        for namespace in namespaces:
            folder = f"namespaces/{namespace['attribute']}"
            yield File(f"{folder}/__init__.py", "namespace", namespace)
            for method in namespace["methods"]:
                yield File(f"{folder}/{method['name']}.py", "method", method)

    # Submissions.

    def _row(self, submission: Submission) -> dict[str, Any]:
        class_name = str(ClassName(submission.schema, method_names.PREFIX))
        model = self._models.get(class_name)
        place = checked_place(model) if model is not None else None
        if model is None or place is None:
            raise Refusal(submission.operation.place, "the request of a submission must be an object of its own")
        return {
            "submission": submission,
            "model": model,
            "place": place,
            "class_name": class_name,
            "module": str(model.class_info.module_name),
            "operation": _operation(submission.operation),
            "operation_id": repr(submission.operation.node["operationId"]),
            "namespace": method_names.folder(submission.operation),
            "method": method_names.module(submission.operation),
        }

    def _operations(self) -> dict[str, Any]:
        task = get_task(self._document)
        return {"server_url": repr(server_url(self._document)), "get_task": _operation(task) if task else None}

    def _namespaces(self) -> list[dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for row in self._submissions.values():
            attribute = row["namespace"]
            new: dict[str, Any] = {
                "attribute": attribute,
                "class_name": f"{ClassName(attribute, 'Tag')}Submissions",
                "provider": safe_for_docstring(provider_and_model(row["submission"].operation)[0]),
                "methods": [],
            }
            found.setdefault(attribute, new)["methods"].append(_method(self._document, row))
        return list(found.values())

    def _types(self) -> dict[str, Any]:
        found: dict[str, str] = {}  # name: module
        for row in self._submissions.values():
            self._note_types(row["model"], found)
        return {"types": sorted(found.items())}

    def _note_types(self, value: PropertyProtocol, found: dict[str, str]) -> None:
        """Notes the class of a value and those of all that it may hold."""
        inner: Sequence[PropertyProtocol] = []
        if isinstance(value, ModelProperty | LiteralEnumProperty):
            name = str(value.class_info.name)
            inner = fields_of(self._models[name]) if name in self._models and name not in found else []
            found[name] = str(value.class_info.module_name)
        elif isinstance(value, UnionProperty):
            inner = value.inner_properties
        elif isinstance(value, ListProperty):
            inner = [value.inner_property]
        for one in inner:
            self._note_types(one, found)


def _model_homes(imports: list[str]) -> list[dict[str, str]]:
    """Name and module of each model, from lines such as `from .part import Part`."""
    parts = sorted(line.split() for line in imports)
    return [{"name": name, "module": module.removeprefix(".")} for _, module, _, name in parts]


def server_url(document: dict[str, Any]) -> str:
    """The first server, its variables at their defaults."""
    server = (array_at(document, "servers") or [{"url": "/"}])[0]
    url = str(server["url"])
    for name, variable in object_at(server, "variables").items():
        url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    return url


def _in_order(model: ModelProperty) -> list[Property]:
    """The fields in the order of the constructor: those that must be given come first."""
    return sorted(fields_of(model), key=lambda field: not field.required or field.default is not None)


def _told(model: ModelProperty) -> list[docstrings.Field]:
    return [
        docstrings.Field(str(one.python_name), one.name.get_untrusted_value(), one.required) for one in fields_of(model)
    ]


def _takes_more(model: ModelProperty, field: Property) -> bool:
    return checked_place(model) is not None and declarations.takes_more(field)


def _declaration(model: ModelProperty, field: Property) -> str:
    return declarations.field(field) if checked_place(model) else field.to_string().as_unembedded_code()


def _operation(operation: Operation) -> str:
    parts = (operation.node["operationId"], operation.method.upper(), operation.path, operation.tag)
    return f"Operation({', '.join(map(repr, parts))})"


def _method(document: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """What the template of a method shows."""
    operation, fields = row["submission"].operation, fields_of(row["model"])
    return {
        "name": row["method"],
        "class_name": f"Submit{ClassName(row['method'], method_names.PREFIX)}",
        "request": row["class_name"],
        "summary": safe_for_docstring(clean_text(docstrings.summary_of(operation))),
        "docstring": docstrings.of_method(document, operation, row["place"], _told(row["model"])),
        "parameters": [{"name": str(one.python_name), "declaration": declarations.parameter(one)} for one in fields],
        "imports": sorted({f"from ...models.{row['module']} import {row['class_name']}", *_imports(fields)}),
    }


def _imports(fields: list[Property]) -> Iterator[str]:
    """The lines that import what parameters for these fields are declared with."""
    for field in fields:
        if declarations.has_list(field):
            yield "from ...fields import SequenceOf"
        yield from field.get_imports(prefix="...") | field.get_lazy_imports(prefix="...")


def _option_key(options: list[Any]) -> frozenset[Any]:
    return frozenset((type(option), option) for option in options)


def _enums(document: dict[str, Any]) -> Iterator[list[Any]]:
    for schema in every_schema(document):
        options = [option for option in array_at(schema.value, "enum") if option is not None]
        if options and all(isinstance(option, str | int) for option in options):
            yield list(dict.fromkeys(options))
