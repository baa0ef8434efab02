"""Writes edits into a document. A schema that others refer to, too, is copied first: it changes for one alone."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable
from typing import Any

from modellix._openapi import component_of, component_schemas, is_object, object_at, objects_in, reference
from page2openapi.apply.edits import Edit, carry_out
from page2openapi.apply.places import ITEMS, JSON, NeedsManualEdit, Owner
from page2openapi.apply.yaml_edit import own_copy, remove, replace

_MOST_REFERENCES = 20  # that lead from one to the next


def write(root: Any, edits: Iterable[Edit]) -> bool:
    """Carries out all that can be in a document as ruamel.yaml has it. Returns whether anything was.

    What cannot be carried out shows when pages and document are compared again. Schemas that nothing refers to any
    more are taken out.
    """
    different = {(one.owner, one.site, one.key): one for one in edits}.values()
    edits = sorted(different, key=lambda one: one.kind == "field removed")  # Something stays to hold comments.
    before, done = _references(root), False
    for edit in edits:
        with contextlib.suppress(NeedsManualEdit):
            carry_out(edit, _own_schema(root, edit))
            done = True
    if done:
        _drop_unused(root, before)
    return done


def _references(root: Any) -> Counter[str]:
    """How often each component schema is referred to."""
    return Counter(name for found in objects_in(root) if (name := component_of(reference(found.value))))


def _drop_unused(root: Any, before: Iterable[str]) -> None:
    schemas, left = component_schemas(root), set(before)
    while unused := [name for name in left - set(_references(root)) if name in schemas]:
        for name in unused:
            remove(schemas, name)


def _own_schema(root: Any, edit: Edit) -> Any:
    """The schema at the site of the edit, made this operation's own where others use it too."""
    schema = _owned(root, _content(root, edit.owner), "schema")
    for step in edit.site:
        holder, key = (schema, "items") if step == ITEMS else (schema.get("properties"), step)
        if not is_object(holder) or not is_object(holder.get(key)):
            raise NeedsManualEdit("its place cannot be found in the document")
        schema = _owned(root, holder, key)
    return schema


def _content(root: Any, owner: Owner) -> Any:
    content = object_at(root, "paths", *owner, "requestBody", "content", JSON)
    if not is_object(content.get("schema")):
        raise NeedsManualEdit("the operation's request does not stand within it")
    return content


def _owned(root: Any, holder: Any, key: Any) -> Any:
    """Follows a reference that is the only one, and puts a copy in the place of any other."""
    schemas = component_schemas(root)
    for _ in range(_MOST_REFERENCES):
        schema = holder[key]
        if "$ref" not in schema:
            return schema
        name = component_of(schema["$ref"])
        if name not in schemas:
            break
        if len(schema) == 1 and _references(root)[name] == 1:
            holder, key = schemas, name
        else:
            copied = own_copy(schemas[name], schema.lc.col or 0)
            copied.update({beside: value for beside, value in schema.items() if beside != "$ref"})
            replace(holder, key, copied)
    raise NeedsManualEdit("its reference cannot be followed")
