"""Writes edits into a document. A schema that others use too is copied first, so that it changes for one alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from modellix._openapi import is_object, object_at
from page2openapi.apply.edits import Edit, carry_out
from page2openapi.apply.places import ITEMS, JSON, component_of
from page2openapi.apply.refusing import ByHand
from page2openapi.apply.sharing import Owner, Uses, schema_of
from page2openapi.apply.yaml_edit import own_copy, remove, replace


class Slot(NamedTuple):
    """A place in the document: `holder[key]` is a schema."""

    holder: Any
    key: Any

    @property
    def schema(self) -> Any:
        """What stands there."""
        return self.holder[self.key]


class Writer:
    """Writes into `root`, a document as ruamel.yaml has it."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._schemas = object_at(root, "components", "schemas")
        self._uses = Uses(root)
        self._done = 0  # edits

    def write(self, edits: Iterable[Edit]) -> bool:
        """Carries out all that can be, and returns whether anything was.

        What cannot be carried out shows when pages and document are compared again.
        """
        different = {(one.owner, one.site, one.key): one for one in edits}.values()
        edits = sorted(different, key=lambda one: one.kind == "field removed")  # Something stays to hold comments.
        before = self._uses.used()
        for edit in edits:
            with contextlib.suppress(ByHand):
                carry_out(edit, self._own(edit))
                self._done += 1
        if not self._done:
            return False
        for name in before - Uses(self._root).used():
            remove(self._schemas, name)
        return True

    def _own(self, edit: Edit) -> Any:
        """The schema at the site of the edit, made this operation's own where others use it too."""
        slot = _request(self._root, edit.owner)
        for step in edit.site:
            slot = _step(self._owned(slot), step)
        return self._owned(slot).schema

    def _owned(self, slot: Slot) -> Slot:
        """Follows a reference that nobody else has, and puts a copy in the place of any other."""
        for _ in range(20):
            if "$ref" not in slot.schema:
                return slot
            component = component_of(slot.schema["$ref"])
            if component not in self._schemas:
                break
            if self._is_alone(slot):
                slot = Slot(self._schemas, component)
            else:
                self._copy_in(slot, component)
        raise ByHand("its reference cannot be followed")

    def _is_alone(self, slot: Slot) -> bool:
        """Whether a reference has nothing beside it and is the only way to its component."""
        component = component_of(slot.schema["$ref"])
        return len(slot.schema) == 1 and len(self._uses.spots(component)) == 1

    def _copy_in(self, slot: Slot, component: str) -> None:
        beside = {key: value for key, value in slot.schema.items() if key != "$ref"}
        copied = own_copy(self._schemas[component], slot.schema.lc.col or 0)
        for key, value in beside.items():
            copied[key] = value
        replace(slot.holder, slot.key, copied)
        self._uses = Uses(self._root)


def _request(root: Any, owner: Owner) -> Slot:
    path, method = owner
    operation = object_at(root, "paths", path, method)
    if not is_object(schema_of(operation)):
        raise ByHand("the operation's request does not stand within it")
    return Slot(operation["requestBody"]["content"][JSON], "schema")


def _step(slot: Slot, step: str) -> Slot:
    owner, key = (slot.schema, "items") if step == ITEMS else (slot.schema.get("properties"), step)
    if not is_object(owner) or not is_object(owner.get(key)):
        raise ByHand("its place cannot be found in the document")
    return Slot(owner, key)
