"""From a difference to an edit of one schema, and the edit itself."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal

from modellix._keywords import KEYWORDS
from modellix._openapi import (
    array_at,
    component_of,
    component_schemas,
    is_array,
    is_object,
    object_at,
    objects_in,
    reference,
)
from page2openapi.apply.patterns import why_not_written
from page2openapi.apply.places import ITEMS, JSON, Body, NeedsManualEdit, Owner, Steps, reason_for, steps_to
from page2openapi.apply.yaml_edit import fresh, insert_after, is_flow, own_copy, remove, replace
from page2openapi.drift import Difference
from page2openapi.drift.written import SETTABLE
from page2openapi.json_text import key_of
from scripts.regenerate.patterns import portable

Kind = Literal["keyword", "options", "nullable", "required", "field added", "field removed"]

_MOST_REFERENCES = 20  # that lead from one to the next
_CHOICES = ("allOf", "anyOf", "oneOf")


@dataclass(frozen=True)
class Edit:
    """What is to be written into the schema at `site` of an operation's request. `value` None takes `name` away."""

    owner: Owner
    site: Steps
    kind: Kind
    name: str = ""  # of the keyword, or of the field
    value: Any = None
    in_front: tuple[str, ...] = ()  # fields that the page has above a new one

    @property
    def key(self) -> str:
        """The same for edits that come to the same."""
        return key_of([self.kind, self.name, self.value])


def edit_for(difference: Difference, owner: Owner, page: Body, contract: Body) -> Edit:
    """The edit that makes the contract say what the page says. Raises NeedsManualEdit for what is not safe to write."""
    reason = reason_for(difference.where, difference.kind)
    if reason is not None:
        raise NeedsManualEdit(reason)
    kind, steps = difference.kind, steps_to(difference.where, page, contract)
    if kind in ("field added", "field removed", "required"):
        return _about_field(kind, owner, steps, page)
    stated = page.at(steps)
    if stated is None:
        raise NeedsManualEdit("the page does not have it")
    if kind.startswith("enum "):
        return Edit(owner, steps, "options", "enum", None if stated.options is None else list(stated.options))
    if kind == "nullable":
        return Edit(owner, steps, "nullable", "type", stated.nullable)
    if kind in SETTABLE:
        return Edit(owner, steps, "keyword", kind, _written(kind, stated.keywords.get(kind)))
    raise NeedsManualEdit("no command writes this")


def _written(keyword: str, value: Any) -> Any:
    if keyword != "pattern" or value is None:
        return value
    if unsafe := why_not_written(value):
        raise NeedsManualEdit(unsafe)
    return portable(value)


def _about_field(kind: str, owner: Owner, steps: Steps, page: Body) -> Edit:
    if not steps or steps[-1] == ITEMS:
        raise NeedsManualEdit("it is not a field")
    site, name = steps[:-1], steps[-1]
    around = page.at(site)
    if around is None:
        raise NeedsManualEdit("the page does not have it")
    if kind == "required":
        return Edit(owner, site, "required", name, name in around.required)
    if kind == "field removed":
        return Edit(owner, site, "field removed", name)
    names = list(around.properties)
    value = {"schema": page.schema(steps), "required": name in around.required}
    return Edit(owner, site, "field added", name, value, tuple(names[: names.index(name)]))


def _carry_out(edit: Edit, schema: Any) -> None:
    """Edits a schema of the document. Raises NeedsManualEdit, with the schema as it was, if its shape forbids that."""
    if any(choice in schema for choice in _CHOICES):
        raise NeedsManualEdit("the contract has several forms of it")
    if edit.kind == "keyword":
        _set(schema, edit.name, edit.value)
    elif edit.kind == "options":
        _set_options(schema, edit.value)
    elif edit.kind == "nullable":
        _set_nullable(schema, nullable=edit.value)
    elif edit.kind == "required":
        _set_required(schema, edit.name, required=edit.value)
    elif edit.kind == "field added":
        _add_field(schema, edit)
    else:
        _remove_field(schema, edit.name)


def _set(schema: Any, keyword: str, value: Any) -> None:
    if value is None:
        if keyword in schema:
            remove(schema, keyword)
    elif keyword in schema:
        replace(schema, keyword, fresh(value))
    else:
        order = list(takewhile(lambda name: name != keyword, KEYWORDS))
        insert_after(schema, ["$ref", "x-source", *order], keyword, fresh(value))


def _set_options(schema: Any, options: list[Any] | None) -> None:
    if "const" in schema:
        raise NeedsManualEdit("the contract has one fixed value")
    if options is not None and "null" in array_at(schema, "type"):
        options = [*options, None]
    _set_list(schema, "enum", options)


def _set_list(schema: Any, keyword: str, values: list[Any] | None) -> None:
    """Sets a list; the items that stay are written as they were, and so is the list."""
    old = schema.get(keyword)
    if values is None or not is_array(old):
        _set(schema, keyword, values)
        return
    kept = {key_of(one): one for one in old}
    new: Any = fresh([kept.get(key_of(one), one) for one in values])
    for index, one in enumerate(values):
        new[index] = kept.get(key_of(one), new[index])
    if not is_flow(old):
        new.fa.set_block_style()
    replace(schema, keyword, new)


def _set_nullable(schema: Any, *, nullable: bool) -> None:
    kind = schema.get("type")
    types = [one for one in (kind if is_array(kind) else [kind]) if one not in (None, "null")]
    if not types or "const" in schema:
        raise NeedsManualEdit("the contract does not say its type")
    new = [*types, "null"] if nullable else types
    replace(schema, "type", fresh(new if len(new) > 1 else new[0]))
    if "enum" in schema:
        options = [one for one in schema["enum"] if one is not None]
        _set_list(schema, "enum", [*options, None] if nullable else options)


def _set_required(schema: Any, name: str, *, required: bool) -> None:
    now = [one for one in array_at(schema, "required") if one != name]
    if required:
        order = list(object_at(schema, "properties"))
        above = order[: order.index(name)] if name in order else now
        now.insert(max((now.index(one) + 1 for one in above if one in now), default=0), name)
    if now != array_at(schema, "required"):
        _set_list(schema, "required", now or None)


def _add_field(schema: Any, edit: Edit) -> None:
    if "properties" not in schema:
        raise NeedsManualEdit("the contract does not list its fields")
    column = (schema.lc.col or 0) + 4
    insert_after(schema["properties"], edit.in_front, edit.name, fresh(edit.value["schema"], column))
    if edit.value["required"]:
        _set_required(schema, edit.name, required=True)


def _remove_field(schema: Any, name: str) -> None:
    if name not in object_at(schema, "properties"):
        raise NeedsManualEdit("the contract has it elsewhere")
    if len(schema["properties"]) == 1:
        raise NeedsManualEdit("it is the only field")
    remove(schema["properties"], name)
    _set_required(schema, name, required=False)


# A schema that others refer to, too, is copied first: it changes for one alone.


def write(root: Any, edits: Iterable[Edit]) -> bool:
    """Carries out all that can be in a document as ruamel.yaml has it. Returns whether anything was.

    What cannot be carried out shows when pages and document are compared again. Schemas that nothing refers to any
    more are taken out.
    """
    different = {(one.owner, one.site, one.key): one for one in edits}.values()
    edits = sorted(different, key=lambda one: one.kind == "field removed")  # Something stays to hold comments.
    owning, done = _Owning(root), False
    for edit in edits:
        with contextlib.suppress(NeedsManualEdit):
            _carry_out(edit, owning.schema_of(edit))
            done = True
    if done:
        owning.drop_unused()
    return done


def _references(root: Any) -> Counter[str]:
    """How often each component schema is referred to."""
    return Counter(name for found in objects_in(root) if (name := component_of(reference(found.value))))


class _Owning:
    """Makes the schemas of an operation its own."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._schemas = component_schemas(root)
        self._before = _references(root)
        self._references = Counter(self._before)

    def schema_of(self, edit: Edit) -> Any:
        """The schema at the site of an edit, which no other operation uses."""
        content = object_at(self._root, "paths", *edit.owner, "requestBody", "content", JSON)
        if not is_object(content.get("schema")):
            raise NeedsManualEdit("the operation's request does not stand within it")
        schema = self._owned(content, "schema")
        for step in edit.site:
            holder, key = (schema, "items") if step == ITEMS else (schema.get("properties"), step)
            if not is_object(holder) or not is_object(holder.get(key)):
                raise NeedsManualEdit("its place cannot be found in the document")
            schema = self._owned(holder, key)
        return schema

    def _owned(self, holder: Any, key: Any) -> Any:
        """Follows a reference that is the only one, and puts a copy in the place of any other."""
        for _ in range(_MOST_REFERENCES):
            schema = holder[key]
            if "$ref" not in schema:
                return schema
            name = component_of(schema["$ref"])
            if name not in self._schemas:
                break
            if len(schema) == 1 and self._references[name] == 1:
                holder, key = self._schemas, name
            else:
                self._copy_in(holder, key, name)
        raise NeedsManualEdit("its reference cannot be followed")

    def _copy_in(self, holder: Any, key: Any, name: str) -> None:
        schema = holder[key]
        copied = own_copy(self._schemas[name], schema.lc.col or 0)
        copied.update({beside: value for beside, value in schema.items() if beside != "$ref"})
        replace(holder, key, copied)
        self._references.update(_references(copied))
        self._references[name] -= 1

    def drop_unused(self) -> None:
        """Takes out the schemas that something referred to and nothing does any more."""
        while unused := [name for name in set(self._before) - set(_references(self._root)) if name in self._schemas]:
            for name in unused:
                remove(self._schemas, name)
