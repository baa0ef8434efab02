"""Puts the fields of a section into one schema: which field lies inside which, and what each says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from modellix._openapi import Object, array_at, is_array, is_object, types_of
from page2openapi.copied.blocks import Block
from page2openapi.copied.facts import Field, settle
from page2openapi.copied.fitting import only_part
from page2openapi.page import Findings, Problem, quoted

DEEPEST = 15  # levels of children
_FARTHEST = 100  # fields that are looked ahead


@dataclass
class Container:
    """Something that fields lie in: the section itself, or a field with children.

    `schema` is None when the fields inside cannot be placed. `values` are what the samples show for it.
    """

    place: str
    schema: Object | None
    values: list[Any]
    prefix: str | None = None
    opens: str | None = None
    line: int = 0
    dotted: bool = False
    filled: bool = False

    @cached_property
    def keys(self) -> set[str] | None:
        """The names that the samples show inside, or None when they show nothing."""
        objects = [value for value in self.values if is_object(value)]
        return {name for one in objects for name in one} if objects else None


@dataclass
class Fields(Findings):
    """What a section's fields come to."""

    schema: Object
    found: list[Field] = field(default_factory=list[Field])


class Nesting:
    """Places the blocks of one section. `literal` allows dots in names, as in the names of parameters."""

    def __init__(self, blocks: Sequence[Block], place: str, samples: Sequence[Any], *, literal: bool) -> None:
        self._blocks = blocks
        self._literal = literal
        self._root = Container(place, {}, list(samples))
        self._stack = [self._root]
        self._opened = list[Container]()
        self.result = Fields(self._root.schema or {})

    def place_all(self) -> Fields:
        """The fields, each in its place; those without a certain place are among the problems."""
        self.result.schema = self._root.schema = {"type": "object", "properties": {}, "required": []}
        for index, block in enumerate(self._blocks):
            if block.name is None or block.header.doubts:
                self._lose(block)
            else:
                self._place(index, block, block.name)
        _tidy(self.result.schema)
        self._report_unfilled()
        return self.result

    def _report_unfilled(self) -> None:
        for container in self._opened:
            if container.opens == "hide" and not container.filled:
                text = f"the children of {quoted(container.prefix or 'a field')} should follow, but do not"
                self.result.doubt(container.line, text)

    # Fields that cannot be used.

    def _lose(self, block: Block) -> None:
        lines = f"; lines {block.line}-{block.last} are not used" if block.last > block.line else ""
        self.result.problems += [Problem(line, text + lines) for line, text in block.header.doubts]
        toggles = [part.value for part in block.parts if part.what == "toggle"]
        if "hide" in toggles:
            self._open(Container("", None, [], opens="hide", line=block.line))

    def _drop(self, block: Block, reason: str) -> None:
        self.result.doubt(block.line, f"{quoted(block.name or '')} {reason}")
        if any(part.what == "toggle" and part.value == "hide" for part in block.parts):
            self._open(Container("", None, [], opens="hide", line=block.line))

    # Fields with a name.

    def _place(self, index: int, block: Block, name: str) -> None:
        container = self._container_of(index, name)
        if container is None:
            self._drop(block, "cannot be told to be inside the field above or beside it")
            return
        self._close_down_to(container)
        local = _local_name(container, name)
        container.filled = True
        container.dotted = container.dotted or local != name
        if container.schema is None:
            self._drop(block, "lies inside something whose form is not certain")
        elif "." in local and not self._literal and local not in (container.keys or ()):
            self._drop(block, "may lie inside a field that is not on the page")
        elif local in container.schema["properties"]:
            self._drop(block, "is on the page twice; the first is kept")
        else:
            self._add(block, container, local, name)

    def _container_of(self, index: int, name: str) -> Container | None:
        """Where a field lies, or None when nobody can tell."""
        for container in reversed(self._stack[1:]):
            if _local_name(container, name) != name:
                return container
        for depth in range(len(self._stack) - 1, 0, -1):
            inside = self._is_inside(index, depth)
            if inside is None:
                return None
            if inside:
                return self._stack[depth]
        return self._root

    def _is_inside(self, index: int, depth: int) -> bool | None:
        """Whether a field without a dotted name lies in a container; None when nobody can tell."""
        container = self._stack[depth]
        verdict = self._verdict(index, depth)
        if container.opens != "hide":
            return None if verdict and container.opens == "show" else False
        if container.dotted or verdict is False:
            return False
        if verdict or not container.filled:
            return True
        for later in range(index + 1, min(len(self._blocks), index + _FARTHEST)):
            verdict = self._verdict(later, depth)
            if verdict is not None:
                break
        return True if verdict else None

    def _verdict(self, index: int, depth: int) -> bool | None:
        """What the samples say: inside this container (True), outside (False), or nothing."""
        name = self._blocks[index].name
        if name is None:
            return None
        inside = name in (self._stack[depth].keys or ())
        outside = any(name in (outer.keys or ()) for outer in self._stack[:depth])
        return None if inside == outside else inside

    def _add(self, block: Block, container: Container, local: str, name: str) -> None:
        assert container.schema is not None
        problems = self.result.problems
        if not block.header.kind.known:
            row = block.header.type_line
            problems.append(Problem(row.number, f"a type that is not known: {quoted(row.text)}"))
        found = settle(block, name, problems)
        if found is None:
            self._lose(block)
            return
        place = f"{container.place}.{local}"
        self._note_lines(place, found)
        if container is self._root:
            self.result.found.append(found)
        if local == "{key}":
            container.schema["additionalProperties"] = found.schema
        else:
            container.schema["properties"][local] = found.schema
            if found.required:
                container.schema["required"].append(local)
        self._open_children(container, found, place, local, name)

    def _note_lines(self, place: str, found: Field) -> None:
        lines = self.result.lines
        lines[place] = found.line
        for keyword, line in found.lines.items():
            inside = keyword.count("items.")
            at = place + "[]" * inside
            lines.setdefault(at, line)
            lines[f"{at}:{keyword.replace('items.', '')}"] = line
        if "items" in found.schema:
            lines.setdefault(f"{place}[]", found.line)

    def _open_children(self, container: Container, found: Field, place: str, local: str, name: str) -> None:
        values = [value[local] for value in container.values if is_object(value) and local in value]
        values += array_at(found.schema, "examples")
        holder, inside = only_part(found.schema, _holds_fields, create=True)
        for _ in range(inside.count("items.")):
            place, values = f"{place}[]", _items_of(values)
        if found.choice:
            holder = None
        if holder is None and found.opens is None:
            return
        if holder is not None:
            holder.setdefault("properties", {})
            holder.setdefault("required", [])
        self._open(Container(place, holder, values, prefix=name, opens=found.opens, line=found.line))

    def _open(self, container: Container) -> None:
        if len(self._stack) > DEEPEST:
            container.schema = None
            self._stack.pop()
        self._stack.append(container)
        self._opened.append(container)

    def _close_down_to(self, container: Container) -> None:
        while self._stack[-1] is not container:
            self._stack.pop()


def _local_name(container: Container, name: str) -> str:
    """The name without that of its container, as in `data.task_id` and `items[].id`."""
    for mark in (".", "[]."):
        start = f"{container.prefix}{mark}"
        if container.prefix and name.startswith(start) and len(name) > len(start):
            return name[len(start) :]
    return name


def _holds_fields(schema: Object) -> bool:
    names = types_of(schema)
    return "object" in names or not (names or "anyOf" in schema)


def _items_of(values: list[Any]) -> list[Any]:
    return [one for value in values if is_array(value) for one in value[:20]]


def _tidy(schema: Object) -> None:
    """Takes away what was prepared for children that did not come."""
    waiting: list[Any] = [schema]
    while waiting:
        one = waiting.pop()
        if not is_object(one):
            continue
        if one.get("properties") == {} and one is not schema:
            del one["properties"]
        if one.get("required") == []:
            del one["required"]
        if one.get("items") == {}:
            del one["items"]
        waiting += [one.get("items"), one.get("additionalProperties"), *array_at(one, "anyOf")]
        properties = one.get("properties")
        waiting += list(properties.values()) if is_object(properties) else []
