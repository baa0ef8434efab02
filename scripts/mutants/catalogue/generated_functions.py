"""Faults of the generated client in the plain functions for each operation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from contract_tests.model.document import Document, Operation
from modellix._openapi import operations
from modellix_client import checks, schemas, wire
from modellix_client.submissions import SUBMISSIONS
from scripts.mutants.edits import edit, swap
from scripts.mutants.mutant import Candidate, Mutant
from scripts.regenerate.method_names import folder, module, with_names

CHECKER: Any = checks
"""The module of the checks, private names and all."""
WIRE: Any = wire
"""The module of the wire form, private names and all."""

BOUNDARIES = "contract_tests/client/test_boundaries.py"
PROPERTIES = "contract_tests/client/test_properties.py"
FUNCTIONS = "contract_tests/client/test_functions.py"


def mutants(document: Document) -> Iterator[Mutant]:
    """The faults of every operation."""
    named = {one.name: one for one in operations(with_names(document.root))}
    for operation in document.operations:
        known = named[operation.operation_id]
        yield from _functions(document, operation, f"modellix_client.api.{folder(known)}.{module(known)}")


def mutant(
    name: str,
    sentence: str,
    apply: Callable[[], object],
    expects: Iterable[str],
    *,
    sort: str,
    operation: Operation | None = None,
    field: str = "",
    files: tuple[str, ...] = (BOUNDARIES, PROPERTIES),
    equivalent: str = "",
) -> Mutant:
    """A fault of the client. Those tests of the files are run that are expected to object."""
    expected = tuple(expects)
    whole = {one for one in expected if one[0] + one[-1] == "[]"}  # thousands, in a large document
    parts = [one for one in expected if one not in whole]

    def is_chosen(test: Candidate) -> bool:
        return not whole.isdisjoint(test.parameters) or any(map(test.is_called, parts))

    return Mutant(
        f"generated client, {name}",
        "generated client",
        sentence,
        apply,
        expected,
        files,
        (is_chosen,),
        equivalent=equivalent,
        sort=sort,
        operation=operation.name if operation else "",
        field=field,
    )


def model_name(operation: Operation) -> str:
    """The request model of a submission."""
    return SUBMISSIONS[operation.operation_id].request


def _functions(document: Document, operation: Operation, where: str) -> Iterator[Mutant]:
    """The functions in `modellix_client.api`, which the client over it does not use."""
    method, error = operation.method.lower(), max(document.replies(operation))
    sent, read = f"sends_the_documented_request[{operation.name}]", f"reads_every_documented_reply[{operation.name}]"
    changes = [
        ("another method", "_get_kwargs", (f'"method": "{method}"', '"method": "patch"'), sent),
        ("another address", "_get_kwargs", (f'"url": "{operation.path}"', f'"url": "{operation.path}/1"'), sent),
        (
            "an error not read",
            "_parse_response",
            (f"status_code == {error}:", "status_code == 600:"),
            read,
        ),
    ]
    if operation in document.submissions:
        check = f'check_json("{schemas.MODELS[model_name(operation)][0]}", body)'
        broken = f"sends_nothing_that_was_broken_in_place[{operation.name}]"
        changes.append(("body not checked", "_get_kwargs", (check, "body.to_dict()"), broken))
    for what, function, exchange, test in changes:
        name = f"{operation.name} as a plain function: {what}"
        sentence = f"The plain function of {operation.name} has {what}."
        apply = partial(edit, f"{where}:{function}", swap(*exchange))
        expects = [f"{FUNCTIONS}::test_function_{test}"]
        sort = f"plain function: {what}"
        yield mutant(name, sentence, apply, expects, sort=sort, operation=operation, files=(FUNCTIONS,))
