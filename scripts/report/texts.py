"""Texts that others wrote, made fit to be shown: short, without hidden characters, without the key."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from contract_tests.harness.redaction import KeyRedactor

LONGEST = 600  # characters of a body that are shown
LONGEST_REASON = 2000  # characters of the text of a failure
SHORTEST_RUN = 24  # repetitions from which a repeated piece is shown once, with their number
_SUSPECT = re.compile("[^ -~]")  # whatever is not ASCII that can be seen
_RUN = re.compile(rf"(.{{1,12}}?)\1{{{SHORTEST_RUN - 1},}}", re.DOTALL)


class Shower:
    """Makes texts fit to be shown. The key is redacted, however it is written and wherever it was cut off."""

    def __init__(self, key: str = "") -> None:
        self.redacted: Callable[[str], str] = KeyRedactor(key)

    def shown(self, text: str, longest: int = LONGEST) -> str:
        """The beginning of a text as it can be shown anywhere."""
        return _shown(shortened(self.redacted(text), 4 * longest), longest)


@lru_cache(maxsize=10_000)
def _shown(text: str, longest: int) -> str:
    """Remembered, as replies are much alike."""
    return shortened(visible(without_runs(text)), longest)


def shortened(text: str, longest: int) -> str:
    """The text, or its beginning and how long it is."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"


def without_runs(text: str) -> str:
    """The text with pieces that are repeated many times shown once: `a⟨×300⟩`, or `aaa…` where it was cut off."""

    def shown(run: re.Match[str]) -> str:
        is_cut = text.startswith("…", run.end())
        return run[1] * 3 if is_cut else f"{run[1]}⟨×{len(run[0]) // len(run[1])}⟩"

    return _RUN.sub(shown, text)


def visible(text: str) -> str:
    """The text with escapes in place of characters that cannot be seen, or that change how others are read."""
    return _SUSPECT.sub(lambda found: _escaped(found[0]), text)


def _escaped(character: str) -> str:
    """Itself when it can be printed; not so controls, marks of direction, unassigned characters and odd spaces."""
    code = ord(character)
    if character.isprintable() or character in "\n\t":
        return character
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
