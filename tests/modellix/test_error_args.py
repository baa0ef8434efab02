"""`args` is a message and a few plain fields; `cls(*args)` makes the error again, as Celery does."""

from __future__ import annotations

import copy
import datetime
import inspect
import json
import pickle
import re
import sys
from typing import Any

import pytest

import modellix
from modellix import errors
from modellix.errors import ModellixError
from scripts.mutants.kills import kills, swap
from tests.support.sample_errors import NOW, SAID, sample_errors

TOLD = {
    "reference",
    "operation",
    "status",
    "code",
    "retry_after",
    "task_id",
    "sent_at",
    "attempts",
    "fingerprint",
    "request_id",
}
each_error = pytest.mark.parametrize("error", sample_errors(), ids=lambda error: type(error).__name__)


def fields_of(kind: type[ModellixError]) -> dict[str, Any]:
    """What the constructor takes besides the message, and the defaults."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(kind.__init__).parameters.items()
        if name not in ("self", "message")
    }


def by_json(error: ModellixError) -> Any:
    """As Celery's result backends do it for JSON, YAML and msgpack: a class by its name, and each of its arguments."""
    kept = json.dumps(
        {
            "exc_type": type(error).__qualname__,
            "exc_message": [json.loads(json.dumps(value, allow_nan=False)) for value in error.args],
            "exc_module": type(error).__module__,
        }
    )
    told = json.loads(kept)
    kind = getattr(sys.modules[told["exc_module"]], told["exc_type"])
    return kind(*told["exc_message"])


def by_pickle(error: ModellixError) -> Any:
    """As Celery's workers do it: as it is, if that can be read again."""
    return pickle.loads(pickle.dumps(error))


def by_nearest_class(error: ModellixError) -> Any:
    """As Celery looks for a class that can be pickled: of the error's own first."""
    return by_pickle(type(error)(*error.args))


def all_kinds() -> set[type[ModellixError]]:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    return {kind for kind in kinds if issubclass(kind, ModellixError)}


# The samples


def test_every_error_has_a_sample_and_is_public() -> None:
    kinds = all_kinds()
    assert {type(error) for error in sample_errors()} == kinds
    for kind in kinds:
        assert kind.__name__ in errors.__all__
        assert getattr(modellix, kind.__name__) is kind
        assert re.search(rf"\b{kind.__name__}\b", str(errors.__doc__))


@each_error
def test_a_sample_has_something_in_every_field(error: ModellixError) -> None:
    assert error.reference
    for name, default in fields_of(type(error)).items():
        assert default is not inspect.Parameter.empty, f"{name} needs a default, for when it is not told"
        assert getattr(error, name) != default


# The pair


@each_error
def test_args_are_a_message_and_scalars(error: ModellixError) -> None:
    message, told = error.args
    assert (type(error.args), message) == (tuple, str(error))
    assert json.loads(json.dumps(error.args, allow_nan=False)) == [message, told]
    assert {type(value) for value in told.values()} <= {str, int, float}


@kills("The number of a task does not come along.", "_error_args:_take", swap("CARRIED", 'set(CARRIED) - {"task_id"}'))
@kills(
    "The time of sending comes back as text.",
    "_error_args:_take",
    swap('~ == "sent_at" and', "False and"),
)
@each_error
@pytest.mark.parametrize("way", [by_json, by_nearest_class])
def test_an_error_made_of_its_args_has_what_they_tell(error: ModellixError, way: Any) -> None:
    made = way(error)
    assert (type(made), str(made), made.args, made.reference) == (type(error), str(error), error.args, "order-1")
    untold = type(error)()
    for name in fields_of(type(error)).keys() | {"retry_after"} & set(dir(error)):
        assert getattr(made, name) == getattr(error if name in TOLD else untold, name), name


@each_error
def test_pickle_keeps_every_field(error: ModellixError) -> None:
    made = by_pickle(error)
    assert (type(made), str(made), vars(made)) == (type(error), str(error), vars(error))


def test_the_time_of_sending_is_an_aware_time_again() -> None:
    [unknown] = [error for error in sample_errors() if isinstance(error, errors.SubmissionOutcomeUnknown)]
    assert unknown.args[1]["sent_at"] == NOW.isoformat()
    made = by_json(unknown)
    assert (made.sent_at, made.sent_at.utcoffset()) == (NOW, datetime.timedelta())


@kills(
    "The arguments of an error tell what the service said.",
    "_error_args:_tell",
    swap("for name in CARRIED", "for name in vars(error)"),
)
@each_error
def test_no_text_of_the_service_stands_in_args(error: ModellixError) -> None:
    assert SAID not in json.dumps(error.args)
    assert error.args[1].keys() <= TOLD


@kills(
    "The reference of a submission is not told.",
    "_error_args:_tell",
    swap("CARRIED", "CARRIED[1:]"),
)
@each_error
def test_args_are_those_of_now(error: ModellixError) -> None:
    error = copy.copy(error)
    error.reference = "order-2"
    assert error.args[1]["reference"] == by_json(error).reference == "order-2"
    error.reference = None
    assert "reference" not in error.args[1]
    assert by_json(error).reference is None


def test_a_pause_that_is_set_later_is_told() -> None:
    error = errors.RateLimitError("limited", status=429)
    assert "retry_after" not in error.args[1]
    error.retry_after = 0.5
    assert by_json(error).retry_after == 0.5


def test_only_these_fields_are_taken() -> None:
    """What a store of results holds may have been written by somebody else, or by a newer version."""
    kind: Any = errors.APIError
    made = kind("no", {"status": 400, "body": "text", "args": [], "__class__": 1, "newer": 1})
    assert (type(made), str(made), made.status, made.body, vars(made).get("newer")) == (
        errors.APIError, "no", 400, b"", None,
    )  # fmt: skip


@each_error
def test_a_message_alone_makes_an_error_too(error: ModellixError) -> None:
    made = type(error)("no")
    assert (str(made), made.args, made.reference) == ("no", ("no", made.args[1]), None)
    assert {name: getattr(made, name) for name in fields_of(type(error))} == {
        name: getattr(type(error)(), name) for name in fields_of(type(error))
    }


def test_what_did_not_travel_is_empty() -> None:
    failed, late = map(by_json, (errors.TaskFailed("a", raw={"b": 1}), errors.WaitTimeout("a", pending=["task-1"])))
    assert (failed.raw, failed.error, late.finished, late.pending, late.last_seen) == ({}, None, [], [], {})
    assert failed.raw is not errors.TaskFailed("b").raw


def test_a_late_wait_made_again_is_no_error_of_the_system() -> None:
    """TimeoutError would take two arguments for a number and a text."""
    made = by_json(errors.WaitTimeout("late", pending=["task-1"]))
    assert (made.errno, made.strerror, isinstance(made, TimeoutError)) == (None, None, True)


# How it looks, and what people do with errors


@each_error
def test_an_error_shows_its_message_alone(error: ModellixError) -> None:
    message = error.args[0]
    assert (str(error), repr(error)) == (message, f"{type(error).__name__}({message!r})")


def test_a_message_can_be_replaced() -> None:
    error = errors.NeverSentError("no", operation="gpt_image_2", attempts=1)
    error.args = (f"{error.args[0]}, said the shop", *error.args[1:])
    assert (str(error), by_json(error).operation) == ("no, said the shop", "gpt_image_2")


class ShopError(errors.NeverSentError):
    """A class of a user's own."""

    shop = "corner"


def test_a_class_of_a_users_own_travels() -> None:
    error = ShopError("no", operation="gpt_image_2", attempts=1)
    error.shop = "market"
    assert (by_json(error).operation, by_json(error).shop) == ("gpt_image_2", "corner")
    assert (by_pickle(error).attempts, by_pickle(error).shop) == (1, "market")
