"""The limits that the client checks requests with, and in which module of `limits` each of them stands.

What one submission alone uses stands in the module of its request, so that its use reads no limits of others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.bodies import Body
from openapi_python_client.parser.properties import ModelProperty

from modellix._openapi import SCHEMAS, Found, at, is_json, operations, pointer, reference, request_schemas, steps_of
from scripts.regenerate.declarations import fields_of
from scripts.regenerate.limits import at_construction, checked_schemas
from scripts.regenerate.method_names import folder, module
from scripts.regenerate.preparation import CHECKED

SHARED = "_shared"  # of what several requests use, and of bodies that are no components
_CONSTRUCTION = " at construction"


class CheckedRequests:
    """The JSON bodies of a document, and the models that check themselves."""

    def __init__(self, document: dict[str, Any], data: GeneratorData) -> None:
        self._document = document
        self._bodies = dict(self._find_bodies(data))
        self._models = sorted((str(one.class_info.name), one) for one in data.models if checked_place(one))
        self._homes: dict[str, str] = {}
        self._modules: dict[str, dict[str, dict[str, Any]]] = {}
        self._divide()
        for name, model in self._models:
            self._add_model(name, model)

    def schema_name(self, body: Body) -> str:
        """The name, as a Python literal, of the schema that a JSON body is checked with."""
        return repr(self._bodies[id(body)].place)

    def homes(self) -> dict[str, str]:
        """The module of each schema and of each model."""
        return dict(sorted(self._homes.items()))

    def modules(self) -> dict[str, dict[str, str]]:
        """What the template shows of each module."""
        return {
            home: {what: repr(dict(sorted(kept.items()))) for what, kept in module.items()}
            for home, module in sorted(self._modules.items())
        }

    def _find_bodies(self, data: GeneratorData) -> Iterator[tuple[int, Found]]:
        """The schema of each JSON body, by the identity of the body that the generator made."""
        places: dict[tuple[str, str, str], Found] = {}
        for operation in operations(self._document):
            for content_type, schema in request_schemas(self._document, operation):
                if is_json(content_type):
                    places[folder(operation), module(operation), content_type] = self._named(schema)
        for tag, collection in data.endpoint_collections_by_tag.items():
            for endpoint in collection.endpoints:
                for body in endpoint.bodies:
                    key = (str(tag), str(endpoint.name), body.content_type.get_untrusted_value())
                    if key in places:
                        yield id(body), places[key]

    def _named(self, schema: Found) -> Found:
        """The component itself where a schema is nothing but a reference to it."""
        ref = reference(schema.value)
        if ref is None or len(schema.value) > 1:
            return schema
        return Found(ref, at(self._document, ref, asked_at=schema.place))

    def _divide(self) -> None:
        """Gives each schema that a body reaches a module: its body's own, or the shared one."""
        own = {str(checked_place(model)): str(model.class_info.module_name) for _, model in self._models}
        for root in {body.place: body for body in self._bodies.values()}.values():
            home = own.get(root.place, SHARED) if root.place.startswith(SCHEMAS) else SHARED
            for place, schema in checked_schemas(self._document, [root]).items():
                self._add(place, schema, SHARED if place in self._homes else home)

    def _add(self, place: str, schema: Any, home: str) -> None:
        if place in self._homes:
            del self._modules[self._homes[place]]["schemas"][place]
        self._homes[place] = home
        self._module(home)["schemas"][place] = schema

    def _module(self, home: str) -> dict[str, dict[str, Any]]:
        return self._modules.setdefault(home, {"schemas": {}, "models": {}})

    def _add_model(self, name: str, model: ModelProperty) -> None:
        place = str(checked_place(model))
        home = self._homes.get(pointer("#", *steps_of(place)[:3]), SHARED)
        if place not in self._homes:
            inner = Found(place, at(self._document, place, asked_at=place))
            for reached, schema in checked_schemas(self._document, [inner]).items():
                if reached not in self._homes:
                    self._add(reached, schema, home)
        schema, fields = self._modules[self._homes[place]]["schemas"][place], _wire_names(model)
        early = at_construction(schema, set(fields.values()))
        if early != schema:
            self._add(place + _CONSTRUCTION, early, self._homes[place])
        construction = place + _CONSTRUCTION if early != schema else place
        self._module(self._homes[place])["models"][name] = (place, construction, fields)
        self._homes[name] = self._homes[place]


def checked_place(model: ModelProperty) -> str | None:
    """The JSON pointer to the schema with which a model checks itself; None for a model that does not."""
    return (model.data.model_extra or {}).get(CHECKED)


def _wire_names(model: ModelProperty) -> dict[str, str]:
    return {str(one.python_name): one.name.get_untrusted_value() for one in fields_of(model)}
