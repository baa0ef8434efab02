"""Keeping the key out of whatever a live run shows: the terminal, logs, files of results."""

from __future__ import annotations

import json
import logging
import string
from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from contract_tests.model.keys import forms_of
from modellix._core.redaction import REDACTED, SHORTEST_SECRET, redact_text

LEAST_PIECE = 12  # characters of a key that no other word has
NO_SECRET = 4  # characters of a key that cannot be told from other words
MARK = REDACTED.decode()
_SMALL = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)  # unlike str.lower, keeps every place


class KeyRedactor:
    """Puts a mark in the place of the key, of its near misses, and of every piece of them that can be recognized.

    The whole key is found as the client finds it, in any spelling. Pieces are found too, because what is shown may be
    cut short anywhere; their letters may be in another case, and escaped as in JSON or in an address. The client cannot
    do that: a piece may stand in the id of a task, which has to stay as it is.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        plain = forms_of(key) if len(key) >= NO_SECRET else []
        spelt = {spelling for form in plain for spelling in (form, json.dumps(form)[1:-1], quote(form, safe=""))}
        forms = {form.translate(_SMALL) for form in spelt}
        self._least = min(SHORTEST_SECRET, len(key) - 2) if len(key) >= SHORTEST_SECRET else len(key)
        self._pieces = {piece for form in forms for piece in _windows(form, self._least)}
        # Any piece holds one of these whole, at a place in the text that `_step` divides. They are quick to look for.
        self._step = (self._least + 1) // 2
        self._seeds = {seed for piece in self._pieces for seed in _windows(piece, self._step)}

    def __call__(self, text: str) -> str:
        """The text without any of it."""
        text = redact_text(text, self._key)
        spans = self._spans(text.translate(_SMALL)) if self._pieces else ()
        shown, end = [], 0
        for start, stop in spans:
            if start >= end:
                shown += [text[end:start], MARK]
            end = stop
        return "".join([*shown, text[end:]])

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where pieces of the least length stand, in order; longer ones are several. Long keys take no longer."""
        first = 0  # place that was not looked at yet
        for at in range(0, len(text) - self._step + 1, self._step):
            if text[at : at + self._step] in self._seeds:
                for start in range(max(first, at + self._step - self._least), at + 1):
                    if text[start : start + self._least] in self._pieces:
                        yield start, start + self._least
                first = at + 1


class KeyFinder:
    """Tells whether the key, or the greater part of it, stands in a text: as it is, escaped, turned round or encoded.

    A piece that is shorter may stand there by chance, or be shown as a hint at which key it is. A key that is as short
    as a word is not looked for.
    """

    def __init__(self, key: str) -> None:
        more = [b64encode(f"Bearer {key}".encode()).decode(), key.encode().hex()]
        plain = [*forms_of(key), *more] if len(key) >= SHORTEST_SECRET else []
        spelt = {spelling for form in plain for spelling in (form, json.dumps(form)[1:-1], quote(form, safe=""))}
        forms = {form.translate(_SMALL) for form in spelt if len(form) >= SHORTEST_SECRET}
        self._pieces = [piece for form in forms for piece in _pieces_of(form)]

    def __call__(self, text: str) -> bool:
        small = text.translate(_SMALL)
        return any(piece in small for piece in self._pieces)


def _pieces_of(form: str) -> set[str]:
    """A few pieces, one of which is in every piece of 3/4 of the whole, and none in much less than half of it."""
    if len(form) < 2 * LEAST_PIECE:
        return {form}
    half = (len(form) + 1) // 2
    return {form[at : at + half] for at in (0, len(form) // 4, len(form) - half)}


class RedactedStream:
    """A text stream that what is written passes through."""

    def __init__(self, stream: Any, redact: Callable[[str], str]) -> None:
        self._stream = stream
        self._redact = redact

    def write(self, text: str) -> int:
        self._stream.write(self._redact(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def redact_logs(redact: Callable[[str], str]) -> Callable[[], None]:
    """Lets every record of every logger pass through; returns what ends that."""
    usual = logging.getLogRecordFactory()

    def make(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = usual(*args, **kwargs)
        record.msg, record.args = redact(record.getMessage()), ()
        return record

    logging.setLogRecordFactory(make)
    return lambda: logging.setLogRecordFactory(usual)


def _windows(text: str, length: int) -> Iterator[str]:
    """Every piece of this length."""
    return (text[start : start + length] for start in range(len(text) - length + 1))
