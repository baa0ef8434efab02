"""Renamed fields after edits: they keep the document's words, and examples call them as the page does now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from modellix._openapi import BadReference, Object, array_at, is_object, object_at, resolve
from page2openapi.apply.places import JSON, Owner
from page2openapi.apply.yaml_edit import insert_after, own_copy, remove, replace

_WORDS = ("description", "title", "example", "examples", "x-source", "x-prose")


def follow_names(root: Any, before: Any, owners: Iterable[Owner]) -> None:
    """Gives renamed fields of `root` their words, and renames fields in its examples, or takes them out.

    `before` is the document as it was. A field that went and one that came, alike but for their words, are one field.
    An example without a required field goes as a whole.
    """
    for owner in owners:
        old, new = _fields(before, owner), _fields(root, owner)
        gone, come = ({name: one[name] for name in one if name not in other} for one, other in ((old, new), (new, old)))
        if gone or come:
            content = object_at(root, "paths", *owner, "requestBody", "content", JSON)
            pairs = _pairs(gone, come)
            _keep_words(_properties(root, owner), _properties(before, owner), pairs)
            _mend(content, pairs, _needed(root, owner))


def _pairs(gone: Object, come: Object) -> dict[str, str | None]:
    """What each field that went is called now: rather one with the same limits than one of the same type alone."""
    found: dict[str, str] = {}
    for alike in (_limits, _type):
        for name in (one for one in gone if one not in found):
            twins = (one for one in come if one not in found.values() and alike(come[one]) == alike(gone[name]))
            if (twin := next(twins, None)) is not None:
                found[name] = twin
    return {name: found.get(name) for name in gone}


def _keep_words(new: Any, old: Any, pairs: dict[str, str | None]) -> None:
    """A field that got nothing but another name stays as the document has it, comments included."""
    for before, now in pairs.items():
        if now is not None and _limits(new[now]) == _limits(old[before]):
            replace(new, now, own_copy(old[before], old[before].lc.col))


def _limits(schema: Any) -> Any:
    return {key: value for key, value in schema.items() if key not in _WORDS}


def _type(schema: Any) -> Any:
    return schema.get("type"), "enum" in schema


def _mend(content: Object, pairs: dict[str, str | None], needed: list[Any]) -> None:
    for holder, key, value in list(_examples(content)):
        for name in [one for one in value if one in pairs]:
            if (new := pairs[name]) is not None:
                insert_after(value, [name], new, value[name])
            remove(value, name)
        if any(name not in value for name in needed):
            remove(holder, key)
    if "examples" in content and not content["examples"]:
        remove(content, "examples")


def _examples(content: Object) -> Iterator[tuple[Any, Any, Any]]:
    """Where an example stands, and its value."""
    if is_object(value := content.get("example")):
        yield content, "example", value
    for name, example in object_at(content, "examples").items():
        if is_object(value := object_at(example).get("value")):
            yield content["examples"], name, value


def _fields(document: Any, owner: Owner) -> Object:
    """The fields of a request by name, a component in the place of a reference."""
    return {str(name): _resolved(document, schema) for name, schema in _properties(document, owner).items()}


def _properties(document: Any, owner: Owner) -> Any:
    return object_at(_request(document, owner), "properties")


def _needed(document: Any, owner: Owner) -> list[Any]:
    return array_at(_request(document, owner), "required")


def _request(document: Any, owner: Owner) -> Object:
    return _resolved(document, object_at(document, "paths", *owner, "requestBody", "content", JSON).get("schema"))


def _resolved(document: Any, schema: Any) -> Object:
    try:
        return resolve(document, object_at(schema))
    except BadReference:
        return {}
