"""Where a field stands, from a place such as `body.images[]` to its schemas; and what is not written by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from modellix._openapi import Object, is_object, object_at
from page2openapi.apply.patterns import with_written_patterns
from page2openapi.drift.document import StatedOperation
from page2openapi.drift.flatten import FlatSchema
from page2openapi.drift.written import Endless, written_out

ITEMS = "[]"
JSON = "application/json"

Steps = tuple[str, ...]  # names of fields, and ITEMS
Owner = tuple[str, str]  # path and method of an operation


class NeedsManualEdit(Exception):
    """Why a difference is left for a person to write."""


REASONS = {
    "url": "`servers` holds for every operation, and a path names one",
    "method": "clients call it by its method",
    "auth": "`securitySchemes` holds for every operation",
    "type": "another type may need other limits",
    "response": "all submissions share their replies",
    "param": "the client's methods take the fields of a body alone",
    "description": "read the page; while the rule stands, write the new sentence's digest into `x-prose`",
}


def is_inside(where: str, places: Iterable[str]) -> bool:
    """Whether a place is one of these, or lies further inside."""
    return any(where == place or where.startswith((f"{place}.", f"{place}[")) for place in places)


def reason_for(where: str, kind: str) -> str | None:
    """Why a difference cannot be written safely, None when its place and kind alone do not forbid it."""
    if where == "sample_response":
        return REASONS["response"]
    start = where.partition(".")[0].partition("[")[0]
    if start != "body":
        return REASONS.get(start, "not part of the request")
    return REASONS.get(kind)


class Body:
    """The request of an operation, as one of the two sides states it."""

    def __init__(self, operation: StatedOperation) -> None:
        self._flattener = operation.flattener
        self._root = body_schema(operation)

    def at(self, steps: Steps = ()) -> FlatSchema | None:
        """What is said of the value there, None when this side has no such place."""
        schema: Any = self._root
        for step in steps:
            stated = self._flattener.flat(schema)
            schema = stated.items if step == ITEMS else stated.properties.get(step)
        return self._flattener.flat(schema) if is_object(schema) else None

    def rests_on_prose(self, steps: Steps) -> bool:
        """Whether a field, or its items, have limits because of what a sentence of the page said."""
        return any("x-prose" in stated.keywords for stated in (self.at(steps), self.at((*steps, ITEMS))) if stated)

    def schema(self, steps: Steps = ()) -> Object | None:
        """The schema there as it can be written: in full, with patterns that engines read alike.

        Raises NeedsManualEdit where that would have no end.
        """
        stated = self.at(steps)
        try:
            return None if stated is None else with_written_patterns(written_out(stated, self._flattener))
        except Endless:
            raise NeedsManualEdit("its fields are nested without end") from None


def body_schema(operation: StatedOperation) -> Any:
    """The schema of the JSON request, None when there is none."""
    return object_at(operation.body, "content", JSON).get("schema")


def steps_to(where: str, *bodies: Body) -> Steps:
    """The steps behind `body`. Names may hold dots, so that only the schemas can tell. Raises NeedsManualEdit."""
    rest = where.removeprefix("body")
    steps: Steps = ()
    while rest:
        step = ITEMS if rest.startswith(ITEMS) else _name(rest, steps, bodies)
        steps = (*steps, step)
        rest = rest[len(ITEMS) :] if step == ITEMS else rest[len(step) + 1 :]
    return steps


def _name(rest: str, steps: Steps, bodies: tuple[Body, ...]) -> str:
    """The longest name of a field that the place can go on with."""
    schemas = [stated for body in bodies if (stated := body.at(steps)) is not None]
    names = [name for stated in schemas for name in stated.properties if _begins(rest, name)]
    if not names:
        raise NeedsManualEdit("its place cannot be found in the document")
    return max(names, key=len)


def _begins(rest: str, name: str) -> bool:
    return rest.startswith(f".{name}") and rest[len(name) + 1 : len(name) + 2] in ("", ".", "[")
