"""A script that makes no sense is refused when it is asked for, with the argument's name, and leaves nothing behind."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from modellix.testing import StandIn
from modellix.testing.scripting import Scripting
from tests.testing.conftest import KEY, Send

NEEDED: dict[str, tuple[Any, ...]] = {"answer_next": (503,), "delay_next": (0,), "script_next": ("success",)}
METHODS = [name for name in vars(Scripting) if name.endswith("_next")]
TAKES = {name: list(inspect.signature(getattr(StandIn(), name)).parameters) for name in METHODS}
WRONG: dict[str, list[Any]] = {
    "count": [0, -1, 1.5, True, "3", None],
    "to": ["read", "", 3, ["reads"]],
    "when": ["x", 3, {"prompt": "x"}],
    "status": [None, [503]],
    "headers": [{"Retry-After": 7}, {1: "x"}, "Retry-After: 7", [("a", "b")]],
    "body": [object(), {"a": {1, 2}}],
    "after": ["head", None, 1, ["body"]],
    "seconds": [-1, float("nan"), float("inf"), "1", None, True],
}


def wrong() -> list[tuple[str, str, Any]]:
    return [
        (method, argument, value)
        for method in METHODS
        for argument in sorted({*TAKES[method], "to"})
        for value in WRONG.get(argument, [])
    ]


def refuses(argument: str, ask: Callable[[], object]) -> None:
    with pytest.raises((TypeError, ValueError), match=rf"^{argument}\b"):
        ask()


@pytest.mark.parametrize(("method", "argument", "value"), wrong())
def test_it_is_refused(stand_in: StandIn, send: Send, method: str, argument: str, value: Any) -> None:
    given = () if argument == TAKES[method][0] else NEEDED.get(method, ())
    refuses(argument, lambda: getattr(stand_in, method)(*given, **{argument: value}))
    assert send("GET", "/tasks/x").status == 404


@pytest.mark.parametrize("status", [9999, 600, 199, 100, 0, -1, True, 503.0, "503"])
def test_what_is_no_status_is_refused(stand_in: StandIn, status: Any) -> None:
    refuses("status", lambda: stand_in.answer_next(status))


@pytest.mark.parametrize("statuses", [(["pending", "success"],), ("pending", 3), (None,)])
def test_statuses_are_texts(stand_in: StandIn, statuses: Any) -> None:
    refuses("statuses", lambda: stand_in.script_next(*statuses))


def test_a_task_tells_what_json_can_hold(stand_in: StandIn) -> None:
    refuses("error", lambda: stand_in.fail_next(error=object()))
    refuses("error", lambda: stand_in.script_next("failed", error={"seen": {1}}))


def test_whose_results_expire_is_a_function(stand_in: StandIn) -> None:
    when: Any = {"prompt": "x"}
    refuses("when", lambda: stand_in.expire_results(when=when))


@pytest.mark.parametrize("argument", ["reads", "rate"])
@pytest.mark.parametrize("value", [0, -1, 1.5, True, "3"])
def test_the_stand_in_itself_is_as_strict(argument: str, value: Any) -> None:
    refuses(argument, lambda: StandIn(**{argument: value}))


def test_what_makes_sense_is_taken(stand_in: StandIn, send: Send) -> None:
    stand_in.answer_next(200, httpx.Headers({"Retry-After": "7"}), body=b"\xff", count=2)
    stand_in.answer_next(599, {}, body=None, to=None, when=None)
    stand_in.delay_next(0.0)
    answers = [send("GET", "/tasks/x", headers=KEY) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 599, 404]
