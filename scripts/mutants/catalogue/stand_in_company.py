"""Faults of the stand-in that show in some company alone: a limit is off, or tighter, beside some other field."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from contract_tests.model.body_expectations import takes_any_text
from contract_tests.model.document import Document, Node, Operation
from contract_tests.model.promises import limits_of
from contract_tests.model.samples import joint_limits
from modellix.testing.contract import Contract
from scripts.mutants.catalogue import patches
from scripts.mutants.catalogue.choices import about
from scripts.mutants.catalogue.limits import LimitFault, faults, steps_of
from scripts.mutants.mutant import Mutant

OFF = ("gone", "not asked for")
"""Of the faults of a limit, those by which there is none."""

UPPER = ("maxLength", "maxItems")

Condition = tuple[str, Callable[[Node], bool]]
"""In words, and of a body."""


def mutants(document: Document, operation: Operation) -> Iterator[Mutant]:
    """For every limit and every other field one fault; of what that field may be, the limits take turns."""
    schema = document.schema(document.body_schema(operation))
    if joint_limits(schema):  # there every case is sent as it is
        return
    required = schema.get("required", [])
    yield from _tighter(document, operation, required)
    for turn, (place, keyword, fault) in enumerate(_limits_off(document, operation)):
        for name, other in document.fields(operation).items():
            conditions = list(_conditions(name, other, name in required))
            if conditions and name != steps_of(place)[0]:
                what, is_met = conditions[turn % len(conditions)]
                yield about(
                    operation,
                    f"{place}.{keyword}",
                    f"off where {what}",
                    f"Nothing is said of the {keyword} of {place} where {what}.",
                    partial(_off, operation, fault, is_met),
                    sort=f"{keyword}: off beside something",
                    field=steps_of(place)[0],
                )


def _tighter(document: Document, operation: Operation, required: list[str]) -> Iterator[Mutant]:
    """Upper bounds that are tighter, and fields that are asked for, beside the last option of a field."""
    fields = document.fields(operation)
    long = {name: schema for name, schema in fields.items() if takes_any_text(schema) or "items" in schema}
    bounds = [(name, key, schema[key]) for name, schema in long.items() for key in UPPER if key in schema]
    bounds += [(name, "optional", None) for name in fields if name not in required]
    options = {name: [*_conditions(name, schema, True)] for name, schema in fields.items() if "enum" in schema}
    others = [(bound, one) for bound in bounds for name in options if name != bound[0] for one in options[name]]
    for (name, keyword, limit), (what, is_met) in others:
        fault = next(one for one in faults(name, keyword, limit) if one.what in ("one less", "asked for"))
        yield about(
            operation,
            "body.valid",
            f"{name} {'shorter' if limit else fault.what} where {what}",
            f"{fault.sentence} So it is where {what}.",
            partial(_off, operation, fault, is_met),
            sort=f"{keyword}: tighter beside something",
            field=name,
        )


def _limits_off(document: Document, operation: Operation) -> Iterator[tuple[str, str, LimitFault]]:
    """With the place and the keyword. The type of options is no limit of its own."""
    limits = list(limits_of(document, document.body_schema(operation)))
    with_options = {place for place, keyword, _ in limits if keyword == "enum"}
    for place, keyword, limit in limits:
        if place and not (keyword == "type" and place in with_options):
            yield from ((place, keyword, fault) for fault in faults(place, keyword, limit) if fault.what in OFF)


def _conditions(name: str, schema: Node, is_required: bool) -> Iterator[Condition]:
    if "enum" in schema:
        last = schema["enum"][-1]
        yield f"{name} is {last}", lambda body: body.get(name) == last
    for keyword in UPPER:
        if keyword in schema:
            yield f"{name} is at its longest", partial(_is_long, name, schema[keyword])
    if not is_required:
        yield f"{name} is left out", lambda body: name not in body


def _is_long(name: str, length: int, body: Node) -> bool:
    value = body.get(name)
    return len(value if isinstance(value, str) else patches.list_of(value)) == length


def _off(operation: Operation, fault: LimitFault, is_met: Callable[[Node], bool]) -> None:
    """Has bodies of that kind judged by a document with the fault."""
    changed = Contract(patches.restated(operation, fault.place, fault.change), lazily=True)
    other = changed.operation(operation.operation_id)

    def checked(check: Callable[..., Any], stand_in: object, asked: object, request: Any) -> Any:
        try:
            body = patches.object_of(json.loads(request.body))
        except ValueError:
            return check(stand_in, asked, request)
        return check(stand_in, other if is_met(body) else asked, request)

    patches.calls(operation, "modellix.testing.core:StandIn._check", checked)
