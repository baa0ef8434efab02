"""Where a promise stands in the OpenAPI document: the line of the limit, or of what says most about it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from contract_tests.model.document import Document, Operation
from contract_tests.model.promises import OF_LIMITS, TEMPLATES
from modellix._openapi import GET_TASK, BadReference, Found, at, inner_schemas, is_object, reference
from scripts.report.reading import Unreadable

BODY = ("requestBody", "content", "application/json", "schema")
REPLY = ("responses", "200", "content", "application/json", "schema", "properties")
READING = (f"{GET_TASK}:", *REPLY, "data", "properties")  # in the operation that reads a task

STEPS: dict[str, tuple[str, ...]] = {
    "body": ("requestBody",),
    "refusal": ("responses", "400"),
    "refusal.category": ("responses", "400", "x-categories"),
    "auth": ("security",),
    "reply": ("responses", "200"),
    "reply.status": (*REPLY, "data", "properties", "status"),
    "reply.task_id": (*REPLY, "data", "properties", "task_id"),
    "reply.unique": (*REPLY, "data", "properties", "task_id"),
    "reply.model_id": (*REPLY, "data", "properties", "model_id"),
    "reply.get_result": (*REPLY, "data", "properties", "get_result"),
    "task": (f"{GET_TASK}:", "responses", "200"),
    "task.identity": (*READING, "task_id"),
    "task.states": (*READING, "status", "enum"),
    "task.order": (*READING, "status"),
    "task.ends": (*READING, "status"),
    "task.failed": (*READING, "status"),
    "task.result": (*READING, "result"),
    "task.urls": (*READING, "result", "properties", "resources", "items", "properties", "url"),
    "task.expiry": (*READING, "result_expires_at"),
    "retention": (*READING, "result_expires_at"),
    "task_id": ("responses", "404"),
    "failure.402": ("responses", "402"),
    "failure.429": ("responses", "429"),
    "failure.500": ("responses", "500"),
    "failure.503": ("responses", "503"),
}
"""The way from an operation to what a promise is about, by the beginning of its name."""

ALIASES: dict[str, tuple[tuple[str, ...], ...]] = {
    "optional": ((),),
    "counting": (("maxLength",), ("minLength",)),
    "result": (("enum",),),
}
"""Where a promise about a field is found when no keyword has its name: the ways to try, one after the other."""


class Lines:
    """The lines of one document, counted from 1. `Unreadable` when the file is no YAML."""

    def __init__(self, file: Path, document: Document) -> None:
        self._document = document
        try:
            self._root: Any = YAML().load(file)  # pyright: ignore[reportUnknownMemberType]  # it has no types
        except (OSError, YAMLError) as error:
            raise Unreadable(f"{file}: {str(error).splitlines()[0]}") from None

    def of_operation(self, operation: Operation) -> int:
        return self._follow(_place_of(operation))[0]

    def of(self, operation: Operation, suffix: str) -> int:
        """The line of a promise, whose name `suffix` is without the operation's."""
        if suffix in {template.suffix for template in TEMPLATES}:
            return self._follow(self._steps_of_template(operation, suffix))[0]
        place, _, keyword = suffix.rpartition(".")
        return self._of_limit([*_place_of(operation), *BODY], _steps_of_field(place), keyword)

    def _steps_of_template(self, operation: Operation, suffix: str) -> list[str]:
        known = max((name for name in STEPS if f"{suffix}.".startswith(f"{name}.")), key=len, default=None)
        steps = STEPS[known] if known else ()
        if steps and steps[0] == f"{GET_TASK}:":
            return [*_place_of(self._document.operation(GET_TASK)), *steps[1:]]
        return [*_place_of(operation), *steps]

    def _of_limit(self, body: list[str], field: list[str], keyword: str) -> int:
        if keyword == "required" and field:
            return self._follow([*body, *field[:-2], "required"])[0]
        tried = [
            self._follow([*body, *field, *way])
            for way in (ALIASES.get(keyword, ((keyword,),)) if keyword in OF_LIMITS else ((),))
        ]
        return max(tried, key=lambda found: found[1])[0]

    def _follow(self, steps: Sequence[str]) -> tuple[int, int]:
        """The line where the steps lead, or where they end before, and how many could be taken."""
        node, line = self._root, 1
        for taken, step in enumerate(steps):
            holder = next((one for one in self._holders(node) if step in one), None)
            if holder is None:
                return line, taken
            line = holder.lc.key(step)[0] + 1
            node = holder[step]
        return line, len(steps)

    def _holders(self, node: Any, depth: int = 0) -> Iterator[Any]:
        """The object, those that it refers to, and those that it is joined from."""
        if not is_object(node) or depth > 20:
            return
        yield node
        ref = reference(node)
        if ref is not None:
            with contextlib.suppress(BadReference):
                yield from self._holders(at(self._root, ref), depth + 1)
        for part in inner_schemas(Found("#", node), in_place=True):
            yield from self._holders(part.value, depth + 1)


def _place_of(operation: Operation) -> list[str]:
    return ["paths", operation.path, operation.method.lower()]


def _steps_of_field(place: str) -> list[str]:
    """`images[].url` is below `properties`, then `items`, then `properties` again; `body` is the schema itself."""
    steps: list[str] = []
    for name, elements in re.findall(r"([^.\[\]]+)((?:\[\])*)", "" if place == "body" else place):
        steps += ["properties", name, *["items"] * (len(elements) // 2)]
    return steps
