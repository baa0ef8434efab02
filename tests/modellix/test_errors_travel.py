"""Errors are pickled and copied with all their fields."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from contract_tests.model import good
from modellix import ConstraintError, Violation
from modellix_client.models import GptImage2EditRequest, GptImage2Request
from scripts.mutants.kills import kills, returns
from tests.modellix.conftest import Open, Serve
from tests.support.hostile_server import refused
from tests.support.marks import ON_SOCKETS
from tests.support.sample_errors import a_constraint_error, sample_errors
from tests.support.scripts import answers

pytestmark = ON_SOCKETS


@pytest.mark.parametrize("error", [*sample_errors(), a_constraint_error()], ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "way",
    [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deepcopy"],
)
def test_errors_travel_with_their_fields(error: BaseException, way: Any) -> None:
    error.add_note("seen in the night run")
    copied = way(error)
    assert type(copied) is type(error)
    assert (str(copied), copied.args, vars(copied)) == (str(error), error.args, vars(error))


def by_json(error: BaseException) -> Any:
    """As Celery's result backends do it: the class, and each of its arguments as JSON."""
    return type(error)(*(json.loads(json.dumps(value, allow_nan=False)) for value in error.args))


def broken_requests() -> list[ConstraintError]:
    """What the models refuse: a length, an option, a type, a pattern, a number that JSON does not have."""
    text, edit = good.body(good.GENERATE), good.body(good.EDIT)
    wrong = [
        (GptImage2Request, {**text, good.TEXT: "", good.SIZE: "odd", good.CHOICE: 1}),
        (GptImage2EditRequest, {**edit, good.PICTURES: good.images("ftp://x.example/a")}),
        (GptImage2Request, {**text, "more": float("nan")}),
        (GptImage2Request, {}),
    ]
    return [refusal_of(kind, source) for kind, source in wrong]


def refusal_of(kind: Any, source: dict[str, Any]) -> ConstraintError:
    with pytest.raises(ConstraintError) as caught:
        kind.from_dict(source)
    return caught.value


@kills(
    "A ConstraintError that was kept as JSON has no violations.",
    "modellix_client.violations:_read_told",
    returns("[]"),
)
@pytest.mark.parametrize("number", range(4))
def test_a_refused_request_travels_as_json(number: int) -> None:
    error = broken_requests()[number]
    made = by_json(error)
    assert made.violations
    assert (str(made), made.args, made.violations) == (str(error), error.args, error.violations)
    assert str(error) == "; ".join(map(str, error.violations))


def test_a_refused_request_of_anything_travels_as_json() -> None:
    """Values of all kinds: what JSON does not have becomes text."""
    odd = [float("inf"), 10**400, {"a": 1}, [1, "two", [None]], object, "long " * 1000]
    error = ConstraintError([Violation("seed", "const", each, each) for each in odd])
    made = by_json(error)
    assert (str(made), made.args) == (str(error), error.args)
    assert [one.limit for one in made.violations[3:4]] == [[1, "two", [None]]]


@pytest.mark.parametrize("told", [(), (None,), ("more",), ([1, {"field": "seed"}],)])
def test_a_refusal_that_somebody_else_makes_is_whole(told: tuple[Any, ...]) -> None:
    error = ConstraintError("the request is wrong", *told)
    assert (str(error), error.violations) == ("the request is wrong", [])
    assert str(by_json(error)) == str(error)


def test_errors_from_the_wire_travel_too(serve: Serve, open_client: Open) -> None:
    server = serve(answers(400, refused(400)), answers(500, refused(500)), answers(429, refused(429), "Retry-After: 3"))
    buyer = open_client(server.url)
    for _ in range(3):
        end = buyer.attempt()
        copied = pickle.loads(pickle.dumps(end))
        assert (type(copied), vars(copied)) == (type(end), vars(end))
        made = type(end)(*json.loads(json.dumps(end.args)))
        assert (str(made), made.args) == (str(end), end.args)
        assert (end.args[1]["operation"], end.args[1]["status"]) == ("gpt_image_2", end.status)
    assert len(server.submissions) == 3
