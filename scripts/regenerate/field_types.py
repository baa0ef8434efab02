"""Names for the types of a request's fields: the operation's, then the field's, as in `GptImage2Size`.

The generator would name them after the schema, and otherwise once null is an option. These names depend on nothing but
the operation and the field, so they stay whatever options come and go, and whatever other models have.
"""

from __future__ import annotations

from collections.abc import Iterator

from openapi_python_client.strings import ClassName

from modellix._openapi import SCHEMAS, Found, Object, array_at, component_schemas, object_at, pointer
from scripts.regenerate import names
from scripts.regenerate.refusal import Refusal
from scripts.regenerate.submissions import submissions


def name_field_types(document: Object) -> None:
    """Makes components of the options and objects that stand within the requests of submissions.

    Raises Refusal where two would have the same name.
    """
    schemas = component_schemas(document)
    taken = {str(ClassName(name, names.PREFIX)): SCHEMAS + name for name in schemas}
    for submission in submissions(document):
        request = Found(SCHEMAS + submission.schema, schemas[submission.schema])
        for words, found in _fields(request, names.module(submission.operation)):
            name = str(ClassName(words, names.PREFIX))
            if name in taken:
                raise Refusal(found.place, f"its type would be named {name}, like that of {taken[name]}")
            taken[name] = found.place
            schemas[name] = _moved(found.value, name)


def _fields(schema: Found, words: str) -> Iterator[tuple[str, Found]]:
    """What becomes a type of its own, at any depth, innermost first, and the words of its name."""
    place = pointer(schema.place, "properties")
    inner = [(name, Found(pointer(place, name), one)) for name, one in object_at(schema.value, "properties").items()]
    if items := object_at(schema.value, "items"):
        inner.append(("item", Found(pointer(schema.place, "items"), items)))
    for name, found in inner:
        yield from _fields(found, f"{words}_{name}")
        if "$ref" not in object_at(found.value) and (_options(found.value) or object_at(found.value, "properties")):
            yield f"{words}_{name}", found


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
