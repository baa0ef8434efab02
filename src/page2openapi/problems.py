"""What could not be read, said with the line of the page."""

from __future__ import annotations

from typing import NamedTuple

LONGEST_QUOTE = 60  # characters of the page that a message repeats


class Problem(NamedTuple):
    """`line` counts from 1; 0 stands for the page as a whole."""

    line: int
    text: str


def quoted(text: str) -> str:
    """Words of the page for a message: short, on one line, printable."""
    short = text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"
    return f"'{printable(short)}'"


def printable(text: str) -> str:
    """The text on one line that a terminal shows as it is."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
