# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.

"""What a request breaks: one violation for each limit, and the error that holds them; places and values in messages."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeGuard


@dataclass(frozen=True)
class Violation:
    """One limit that a value breaks.

    `field` is the place in the body, like `prompt` or `images[2]`, and empty for the body as a whole. `keyword` and
    `limit` are as in the schema. `actual` is a length, a count, the name of a type, or the start of the value.
    `advice` says in words what the field takes, where the limit alone would be a puzzle; else it is empty.
    """

    field: str
    keyword: str
    limit: Any
    actual: Any
    advice: str = dataclasses.field(default="", compare=False, repr=False)

    def __str__(self) -> str:
        if self.advice:
            return f"{self.field or 'body'}: {self.advice}; got {shorten(self.actual)}"
        return f"{self.field or 'body'}: {self.keyword} {shorten(self.limit, 200)}, got {shorten(self.actual)}"


class ConstraintError(ValueError):
    """A request breaks limits of the API; nothing was sent. `violations` holds every one of them.

    It is a ValueError and no ModellixError: a request checks itself where it is made and where a field is set, with or
    without a client, and this package imports nothing of `modellix`.

    `args` is plain data, the message and a dict for each violation: `ConstraintError(*error.args)` gives the error
    again, also after a serializer has kept them as JSON. `reference` is for a client that gives its purchases names.
    """

    reference: str | None = None

    def __init__(self, violations: list[Violation] | str, told: object = None) -> None:
        if isinstance(violations, str):
            message, self.violations = violations, _read_told(told)
        else:
            message, self.violations = "; ".join(map(str, violations)), violations
        super().__init__(message, [_tell(one) for one in self.violations])

    def __str__(self) -> str:
        return str(self.args[0])


def _tell(one: Violation) -> dict[str, Any]:
    told = {"field": one.field, "keyword": one.keyword, "limit": _as_json(one.limit), "actual": _as_json(one.actual)}
    return told | ({"advice": one.advice} if one.advice else {})


def _read_told(told: object) -> list[Violation]:
    names = ("field", "keyword", "limit", "actual")
    rows = [row for row in told if is_object(row)] if is_array(told) else []
    known = [row for row in rows if row.keys() >= set(names)]
    return [
        Violation(row["field"], row["keyword"], row["limit"], row["actual"], row.get("advice", "")) for row in known
    ]


def _as_json(value: Any) -> Any:
    """A limit or a value as JSON has it, or its start as text."""
    if isinstance(value, str):
        return value
    if is_array(value):
        return [_as_json(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else excerpt(value)


# Places and values in messages.

Path: TypeAlias = "tuple[Path, str | int] | None"


def field_at(path: Path) -> str:
    steps: list[str] = []
    while path is not None:
        path, step = path
        steps.append(f"[{step}]" if isinstance(step, int) else f".{_printable(step, 60)}")
    return "".join(reversed(steps)).removeprefix(".")


def _printable(text: str, longest: int) -> str:
    short = text if len(text) <= longest else f"{text[:longest]}…"
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in short)


def shorten(value: Any, longest: int = 60) -> str:
    """A value as text of bounded length, whatever its size."""
    if isinstance(value, str):
        return f"'{_printable(value, longest)}'"
    if is_array(value):
        return f"[{_printable(', '.join(shorten(item, longest) for item in value[:longest]), longest)}]"
    if is_object(value):
        return f"an object of {len(value)}"
    if isinstance(value, int) and value.bit_length() > 200:
        return f"an integer of {value.bit_length()} bits"
    return str(value)


def excerpt(value: Any) -> Any:
    """What a violation keeps of a value: itself if it is small and plain, else its start."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, str):
        return _printable(value, 60)
    return value if isinstance(value, int) and value.bit_length() <= 200 else shorten(value)


def is_array(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)
