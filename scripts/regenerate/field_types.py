"""Names for the types of a request's fields: those of the request, then the field's, as in `GptImage2Size`.

The generator would name them otherwise once null is an option. These names come from the request's own schema and the
field, so they stay whatever options come and go, and whatever other models there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from openapi_python_client.strings import ClassName

from modellix._openapi import SCHEMAS, Found, Object, array_at, component_schemas, object_at, pointer
from scripts.regenerate.method_names import PREFIX, digest, unlike_the_path
from scripts.regenerate.names import TAKEN_CLASSES
from scripts.regenerate.submissions import submissions


class _Type(NamedTuple):
    request: str  # the class of the request, without the word Request at its end
    field: str  # words of the field, and of those around it
    depth: int
    found: Found

    def called(self) -> list[str]:
        """The names that it may have, the wanted one first."""
        last = f"{self.request}_request_{self.field}_{digest(self.found.place)}"
        found = (f"{self.request}_{self.field}", f"{self.request}_request_{self.field}", last)
        return [str(ClassName(one, PREFIX)) for one in found]


def name_field_types(document: Object) -> None:
    """Makes components of the options and objects that stand within the requests of submissions."""
    schemas = component_schemas(document)
    every = list(_types(document))
    called = _distinct(every, schemas)
    for one in every:
        name = called[one.found.place]
        schemas[name] = _moved(one.found.value, name)


def type_names(document: Object) -> dict[str, str]:
    """The class of each type, by the JSON pointer to it."""
    return _distinct(_types(document), component_schemas(document))


def renamed(document: Object) -> list[str]:
    """One line for each method and type that is called otherwise than its path or field alone would have it."""
    return [*unlike_the_path(document), *types_renamed(document)]


def types_renamed(document: Object) -> list[str]:
    """One line for each type whose plain name another has."""
    called = type_names(document)
    found = [(one.found.place, called[one.found.place], one.called()[0]) for one in _types(document)]
    return [
        f"{place}: its type is {name}, because {wanted} is taken" for place, name, wanted in found if name != wanted
    ]


def _types(document: Object) -> Iterator[_Type]:
    """The types of all requests, those within others first."""
    for submission in submissions(document):
        yield from _types_of(document, submission.schema)


def _types_of(document: Object, request: str) -> Iterator[_Type]:
    name = str(ClassName(request, PREFIX)).removesuffix("Request")
    for field, depth, found in _fields(Found(SCHEMAS + request, component_schemas(document)[request])):
        yield _Type(name, field, depth, found)


def plain_types(document: Object, request: str) -> list[str]:
    """What the types of one request are called, if nothing else is called so."""
    return [one.called()[0] for one in _types_of(document, request)]


def _distinct(every: Iterable[_Type], schemas: Iterable[str]) -> dict[str, str]:
    """A name for each type, by its place. The longest request's type gets the wanted one, and of one request the
    outer type, whatever the order of the document.
    """
    called: dict[str, str] = {}
    taken = TAKEN_CLASSES | {str(ClassName(name, PREFIX)) for name in schemas}
    for one in sorted(every, key=lambda one: (-len(one.request), one.depth, one.found.place)):
        name = next(name for name in one.called() if name not in taken)
        called[one.found.place] = name
        taken = taken | {name}
    return called


def _fields(schema: Found, words: tuple[str, ...] = ()) -> Iterator[tuple[str, int, Found]]:
    """What becomes a type of its own, at any depth, innermost first, the words of its name and its depth."""
    place = pointer(schema.place, "properties")
    inner = [(name, Found(pointer(place, name), one)) for name, one in object_at(schema.value, "properties").items()]
    if items := object_at(schema.value, "items"):
        inner.append(("item", Found(pointer(schema.place, "items"), items)))
    for name, found in inner:
        yield from _fields(found, (*words, name))
        if "$ref" not in object_at(found.value) and (_options(found.value) or object_at(found.value, "properties")):
            yield "_".join((*words, name)), len(words), found


def _moved(schema: Object, name: str) -> Object:
    """What stood in the place where a reference is now. A null among options stays there, beside the reference."""
    moved, here = dict(schema), {"$ref": SCHEMAS + name}
    is_nullable = None in array_at(moved, "enum")
    schema.clear()
    schema |= {"anyOf": [here, {"type": "null"}]} if is_nullable else here
    if is_nullable:
        moved["enum"] = _options(moved)
        moved.pop("nullable", None)
        if kinds := [kind for kind in array_at(moved, "type") if kind != "null"]:
            moved["type"] = kinds
    return moved


def _options(schema: object) -> list[object]:
    return [option for option in array_at(schema, "enum") if option is not None]
