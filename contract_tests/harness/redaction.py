"""Keeping the key out of whatever a live run shows: the terminal, logs, files of results."""

from __future__ import annotations

import json
import logging
import string
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from contract_tests.model.keys import forms_of
from modellix._core.redaction import REDACTED, SHORTEST_SECRET, redact_text

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
        self._forms = sorted({form.translate(_SMALL) for form in spelt})
        self._least = min(SHORTEST_SECRET, len(key) - 2) if len(key) >= SHORTEST_SECRET else len(key)
        # Any piece that is long enough holds one of these whole, and they are quick to look for.
        self._step = (self._least + 1) // 2

    def __call__(self, text: str) -> str:
        """The text without any of it."""
        text = redact_text(text, self._key)
        spans = sorted(self._spans(text.translate(_SMALL))) if self._forms else []
        if not spans:
            return text
        shown, end = [], 0
        for start, stop in spans:
            if start >= end:
                shown += [text[end:start], MARK]
            end = max(end, stop)
        return "".join([*shown, text[end:]])

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where pieces stand, in any order."""
        for form in self._forms:
            for at in range(0, len(form) - self._step + 1, self._step):
                seed = form[at : at + self._step]
                found = text.find(seed)
                while found >= 0:
                    start, stop = _widened(text, form, found, at, self._step)
                    if stop - start >= self._least:
                        yield start, stop
                    found = text.find(seed, found + 1)


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


def _widened(text: str, form: str, found: int, at: int, length: int) -> tuple[int, int]:
    """How far a text is the same as a form around a place where both have the same `length` characters."""
    before = 0
    while before < min(found, at) and text[found - before - 1] == form[at - before - 1]:
        before += 1
    after = length
    while found + after < len(text) and at + after < len(form) and text[found + after] == form[at + after]:
        after += 1
    return found - before, found + after
