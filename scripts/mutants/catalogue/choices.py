"""Which tests are run against a mutant of the stand-in, and how such mutants are put together."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from contract_tests.model.document import Operation
from scripts.mutants.mutant import Candidate, Choice, Mutant

API = "contract_tests/api"
SCHEMATHESIS = "contract_tests/api/test_schemathesis.py"
"""Run where nothing else is expected to object: it takes longer than all other tests together."""


def about(
    operation: Operation,
    suffix: str,
    what: str,
    sentence: str,
    apply: Callable[[], object],
    *,
    files: tuple[str, ...] = (API,),
    choices: tuple[Choice, ...] = (),
    equivalent: str = "",
    sort: str = "",
    field: str = "",
) -> Mutant:
    """A fault of the stand-in that breaks the promise of that suffix. Without choices the tests of it are run.

    `sort` is needed where suffix or `what` has names or options of this document.
    """
    promise = f"{operation.name}.{suffix}"
    return Mutant(
        name=f"{promise}: {what}",
        kind="stand-in",
        sentence=sentence,
        apply=apply,
        expects=(promise,),
        files=files,
        choices=choices or tests_of(promise),
        equivalent=equivalent,
        sort=sort or f"{suffix}: {what}",
        operation=operation.name,
        field=field,
    )


@lru_cache
def tests_of(*promises: str) -> tuple[Choice, Choice]:
    """The tests of some promises: first those that always send the same, then those that draw their data."""

    def is_chosen(test: Candidate) -> bool:
        return not (set(promises).isdisjoint(test.promises) or test.id.startswith(SCHEMATHESIS))

    return (lambda test: not test.is_random and is_chosen(test), lambda test: test.is_random and is_chosen(test))
