"""How an error gets through a serializer that keeps its class and `args` as JSON, and later calls `cls(*args)`.

`args` is the message and a dict of some fields, as they are at that moment, as JSON scalars. Whoever calls the class
with such a pair gets the error with these fields; the rest have the defaults of its constructor.
"""

from __future__ import annotations

import datetime
from typing import Any, TypeVar, cast

CARRIED = (
    "reference", "operation", "status", "code", "retry_after", "task_id", "sent_at", "attempts", "fingerprint",
    "request_id",
)  # fmt: skip
"""Ids, numbers and times, and no text of the service, which may repeat a prompt."""

_STORED = vars(BaseException)["args"]  # holds the message alone
_Error = TypeVar("_Error")


class FromArgs(type):
    """The metaclass of errors that `cls(*error.args)` makes again. All but the message must have a default."""

    def __call__(cls: type[_Error], *args: Any, **named: Any) -> _Error:
        is_told = len(args) == 2 and isinstance(args[1], dict)
        error: _Error = type.__call__(cls, *(args[:1] if is_told else args), **named)
        if is_told:
            _take(error, *args[1:])
        return error


def _take(error: object, told: dict[str, Any]) -> None:
    for name in CARRIED:
        if name in told:
            is_time = name == "sent_at" and isinstance(told[name], str)
            setattr(error, name, datetime.datetime.fromisoformat(told[name]) if is_time else told[name])


def message_of(error: BaseException) -> str:
    """The message alone."""
    return str(*_STORED.__get__(error))


def _set_message(error: BaseException, args: tuple[Any, ...]) -> None:
    _STORED.__set__(error, args[:1])


def _tell(error: BaseException) -> tuple[str, dict[str, Any]]:
    fields = ((name, getattr(error, name, None)) for name in CARRIED)
    plain = ((name, value.isoformat() if isinstance(value, datetime.datetime) else value) for name, value in fields)
    return message_of(error), {name: value for name, value in plain if isinstance(value, str | int | float)}


ARGS = cast("Any", property(_tell, _set_message))
