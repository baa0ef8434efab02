"""What a test sent, read off its id: a name without the operation, and the side of the limit that it is on."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from contract_tests.model.cases import all_cases
from scripts.report.shapes import SIDES, Side


class Subject(NamedTuple):
    name: str
    side: Side | None


def subject_of(test: str, operation: str) -> Subject:
    """The subject of the test with an id such as `api/test_refused.py::test_refused[gpt-image-2 without prompt]`."""
    function, _, parameters = test.rpartition("::")[2].partition("[")
    parameters = parameters.removesuffix("]")
    if parameters in _known():
        return _known()[parameters]
    side = _side_in(function, parameters)
    if side is not None:
        return Subject(_without_end(parameters).removeprefix(operation).strip() or parameters, side)
    sentence = function.removeprefix("test_").replace("_", " ")
    rest = parameters.replace(operation, "").strip("- ")
    return Subject(f"{sentence}, {rest}" if rest else sentence, None)


@lru_cache(maxsize=1)
def _known() -> dict[str, Subject]:
    """The derived cases of the document, by what stands in brackets in the ids of their tests."""
    subjects: dict[str, Subject] = {}
    for case in all_cases():
        subject = Subject(_of(case.sentence, case.operation.name), "accepted" if case.is_valid else "refused")
        subjects[_escaped(case.sentence)] = subjects[_escaped(_without_end(case.sentence))] = subject
    return subjects


def _of(sentence: str, operation: str) -> str:
    return _without_end(sentence).removeprefix(operation).strip()


def _without_end(sentence: str) -> str:
    return sentence.removesuffix(" is accepted").removesuffix(" is refused")


def _side_in(function: str, parameters: str) -> Side | None:
    """The side that the test's own name tells: of wrong keys, bodies that are not JSON, and cases that are no more."""
    for side in SIDES:
        if function == f"test_{side}" or parameters.endswith(f" is {side}"):
            return side
    return None


def _escaped(sentence: str) -> str:
    """As pytest writes it into an id."""
    return sentence.encode("unicode_escape").decode("ascii")
