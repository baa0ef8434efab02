"""Slips in the document of models whose pages nobody typed: the client, which was generated before them, objects.

So they are those that a request shows: a request that the client refuses and the document allows, or the reverse.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from contract_tests.model.document import Node, Operation, contract
from contract_tests.model.promises import limits_of
from contract_tests.model.samples import sample
from modellix._openapi import GET_TASK
from modellix.testing.contract import shipped_contract
from scripts.mutants.catalogue import patches
from scripts.mutants.catalogue.generated_functions import BOUNDARIES
from scripts.mutants.catalogue.limits import LimitFault, faults, opened, step_at, steps_of
from scripts.mutants.mutant import Candidate, Mutant

SIDES = ("one less", "one more", "taken", "asked for", "not asked for")


def mutants(operation: Operation) -> Iterator[Mutant]:
    """The slips in the request of one submission."""
    for place, keyword, limit in limits_of(contract(), contract().body_schema(operation)):
        step = step_at(contract(), contract().body_schema(operation), place)
        for fault in faults(place, keyword, limit, step) if place else ():
            side = fault.side or fault.what
            if side in SIDES and _takes_something(operation, fault):
                yield _mutant(operation, f"{place}: {keyword}", f"{keyword}: {side}", fault)


def _takes_something(operation: Operation, fault: LimitFault) -> bool:
    """Whether the limits of a place leave a value: no test is made of those that leave none."""
    holder = {"schema": contract().body_schema(operation)}
    changed = opened(holder, "schema", fault.place, contract().schema)
    fault.change(changed)
    try:
        return contract().validator(changed).is_valid(sample(contract(), changed))
    except LookupError:
        return False


def _mutant(operation: Operation, name: str, sort: str, fault: LimitFault) -> Mutant:
    field = steps_of(name.partition(": ")[0])[0]

    def is_chosen(test: Candidate) -> bool:
        return test.is_called(f"[{operation.name} ")

    return Mutant(
        name=f"{operation.name} {name}, {fault.what}, unlike the client",
        kind="document",
        sentence=fault.sentence,
        apply=partial(_apply, operation, fault),
        expects=(f"[{operation.name} {field} ", f"[{operation.name} without {field} "),
        files=(BOUNDARIES,),
        choices=(is_chosen,),
        sort=sort,
        operation=operation.name,
    )


def _apply(operation: Operation, fault: LimitFault) -> None:
    patches.read(_alone(patches.restated(operation, fault.place, fault.change), operation))
    shipped_contract.cache_clear()


def _alone(root: Node, operation: Operation) -> Node:
    """The document with one submission, whose tests are made in a moment."""
    kept = {operation.path, contract().operation(GET_TASK).path}
    return {**root, "paths": {path: item for path, item in root["paths"].items() if path in kept}}
