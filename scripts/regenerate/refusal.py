"""How a document is turned down: one line that names the place and the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

_T = TypeVar("_T")
LONGEST_LINE = 600  # characters


class Refusal(Exception):
    """`place` is a JSON pointer into the document, `line L, column C`, or empty; `reason` says what is wrong there."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(place, reason)
        self.place = place
        self.reason = reason


def every(check: Callable[[_T], None], things: Iterable[_T]) -> Iterator[Refusal]:
    """What a check refuses, of each thing the first."""
    for one in things:
        try:
            check(one)
        except Refusal as refusal:
            yield refusal


def raise_first(found: Iterator[Refusal]) -> bool:
    """Raises the first, or returns that nothing is refused any more."""
    for refusal in found:
        raise refusal
    return False


def printable(text: str) -> str:
    """The text on one line that a terminal shows as it is."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def one_line(text: str) -> str:
    """The words on one printable line of bounded length."""
    shown = printable(" ".join(text.split()))
    return shown if len(shown) <= LONGEST_LINE else f"{shown[:LONGEST_LINE]}…"
