"""Numbers around the limits of a schema. Which limits there are, the table of keywords says."""

from __future__ import annotations

import math
from typing import Any

from contract_tests.model.document import Node
from modellix._keywords import KEYWORDS, Keyword, limits_for
from modellix._openapi import types_of

LIMITS = [KEYWORDS[name] for name in limits_for("number")]
BOUNDS = [limit for limit in LIMITS if limit.bound]

BEYOND_64_BITS = {
    "a number of 65 bits": 1 << 64,
    "a number of 400 digits": 10**399,
}


def numbers_near(flat: Node) -> list[Any]:
    """Small numbers, and those at and around the limits of a schema, the ones inside the range first."""
    limits = [flat[bound.name] for bound in BOUNDS if bound.name in flat]
    step = flat.get("multipleOf", 1)
    halves = (0.5, -0.5, step / 2, -step / 2) if "number" in types_of(flat) else ()
    near = [limit + beside for limit in limits for beside in (0, step, -step, 1, -1, *halves)]
    return list(dict.fromkeys([*near, step, 0, 1, -1]))


def number_range(flat: Node) -> tuple[int | None, int | None]:
    """The smallest and the largest whole number within the limits of a schema; None where there is none."""
    ends = [(bound, _end(bound, flat[bound.name])) for bound in BOUNDS if bound.name in flat]
    lowest = max((end for bound, end in ends if bound.bound == "lower"), default=None)
    return lowest, min((end for bound, end in ends if bound.bound == "upper"), default=None)


def _end(bound: Keyword, limit: float) -> int:
    """The first whole number that a bound allows."""
    end, inwards = (math.ceil(limit), 1) if bound.bound == "lower" else (math.floor(limit), -1)
    return end if bound.allows(limit, end) else end + inwards


def broken_by(flat: Node, number: Any) -> str | None:
    """The keyword that refuses a number."""
    broken = (limit.name for limit in LIMITS if limit.name in flat and not limit.allows(flat[limit.name], number))
    return next(broken, None)


def nearest_limit(flat: Node, number: Any) -> str:
    """The limit that a valid number is about: the one whose fault would show in it."""
    stated = [bound.name for bound in BOUNDS if bound.name in flat]
    return min(stated, key=lambda name: abs(flat[name] - number), default="type")


def whole_number(flat: Node) -> int:
    """The first whole number within the limits of a schema."""
    return next(number for number in numbers_near(flat) if isinstance(number, int) and broken_by(flat, number) is None)
