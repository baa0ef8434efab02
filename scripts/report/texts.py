"""Texts that others wrote, made fit to be shown: short, without hidden characters, without the key."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

LONGEST = 600  # characters of a body that are shown
LONGEST_REASON = 2000  # characters of the text of a failure
SHORTEST_BEGINNING = 4  # characters of a secret at the end of a text that was cut off
SHORTEST_RUN = 24  # repetitions from which a repeated piece is shown once, with their number
_SUSPECT = re.compile("[^ -~]")  # whatever is not ASCII that can be seen
_RUN = re.compile(rf"(.{{1,12}}?)\1{{{SHORTEST_RUN - 1},}}", re.DOTALL)


class Shower:
    """Makes texts fit to be shown. `secrets` are blotted out, however they are written, and where they were cut off."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        written = {form for secret in secrets if secret for form in _forms(secret)}
        beginnings = {f"{form[:end]}…" for form in written for end in range(SHORTEST_BEGINNING, len(form))}
        longest_first = sorted(written | beginnings, key=len, reverse=True)
        self._secret = re.compile("|".join(map(re.escape, longest_first))) if written else None

    def shown(self, text: str, longest: int = LONGEST) -> str:
        """The beginning of a text as it can be shown anywhere."""
        return _shown(shortened(self.blotted(text), 4 * longest), longest)

    def blotted(self, text: str) -> str:
        """The text without the secrets."""
        return self._secret.sub("[key]", text) if self._secret else text


@lru_cache(maxsize=10_000)
def _shown(text: str, longest: int) -> str:
    """Remembered, as replies are much alike."""
    return shortened(visible(without_runs(text)), longest)


def _forms(secret: str) -> set[str]:
    """The secret, and its spellings in JSON and in addresses; without its ends too, as near misses of it are sent."""
    core = secret[1:-1] if len(secret) >= 8 else secret
    plain = {secret, core, secret.swapcase(), core.swapcase()}
    return plain | {json.dumps(one)[1:-1] for one in plain} | {quote(one, safe="") for one in plain}


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
