"""Counts of characters, of elements and of an object's fields around the limits of a schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from contract_tests.model.document import Node
from modellix._keywords import bounds_for

Kind = Literal["string", "array", "object"]


def count_limits(flat: Node, kind: Kind) -> tuple[int, int | None]:
    """The least and the largest number of characters, elements or fields; None where there is none."""
    lower, upper = bounds_for(kind)
    return flat.get(lower, 0), flat.get(upper)


def small_count(flat: Node, kind: Kind) -> int:
    """One, or as near to it as the limits allow."""
    lower, upper = count_limits(flat, kind)
    return max(lower, 1 if upper is None else min(1, upper))


def counts_near(flat: Node, kind: Kind, steps: tuple[int, ...]) -> Iterator[tuple[int, str, bool]]:
    """Counts at and around both limits and far above, with the limit that each is about, and whether it is allowed."""
    lower, upper = count_limits(flat, kind)
    for count in [*_around(lower, upper), *_beyond(lower, upper, steps)]:
        is_valid = lower <= count and (upper is None or count <= upper)
        yield count, _nearer_limit(count, lower, upper, bounds_for(kind)), is_valid


def _around(lower: int, upper: int | None) -> list[int]:
    """0, 1, 2, and the counts at and beside both limits."""
    near = {0, 1, 2, lower - 1, lower, lower + 1}
    if upper is not None:
        near |= {upper - 1, upper, upper + 1}
    return sorted(count for count in near if count >= 0)


def _beyond(lower: int, upper: int | None, steps: tuple[int, ...]) -> list[int]:
    """Counts far above a limit: twice as many, round ones, what a counter of few bits takes for an allowed count."""
    if upper is None:
        return []
    far = {2 * upper, *_round(upper), *(step + max(1, lower) for step in steps)}
    return sorted(count for count in far if count > upper + 1)


def _round(count: int) -> Iterator[int]:
    """The next number with zeros behind its first digit, the next power of ten and that of two."""
    power = 10 ** (len(str(count)) - 1)
    yield from ((count // power + 1) * power, 10 * power, 1 << count.bit_length())


def _nearer_limit(count: int, lower: int, upper: int | None, keywords: tuple[str, str]) -> str:
    """The limit that a count is about: the lower one, if there is any, up to half way to the upper one."""
    is_low = count < lower or (lower > 0 and (upper is None or count - lower <= upper - count))
    return keywords[0] if is_low else keywords[1]
