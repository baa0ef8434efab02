"""JSON values, compared as JSON compares them; descriptions, compared by their words."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from modellix._openapi import is_array, is_object

_ENCODER = json.JSONEncoder(sort_keys=True, default=str)
_LINK = re.compile(r"\[([^\[\]]{1,500})\]\([^()\s]{1,2000}\)")
_MARKS = re.compile(r"[`*\\]|</?[A-Za-z][^<>]{0,100}>")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


def key_of(value: Any) -> str:
    """The same text for the same JSON value: 1 and 1.0 are one, 1 and true are two; the order of keys is nothing."""
    return _ENCODER.encode(_plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if is_object(value):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if is_array(value) else value


def plain_words(text: str) -> str:
    """A description without marks of Markdown and HTML, on one line: a browser shows none of them."""
    return " ".join(_MARKS.sub("", _LINK.sub(r"\1", text)).split())


def digest_of(sentence: str) -> str:
    """The digest of a sentence, as `x-prose` has it; marks, spaces and the full stop do not count."""
    return f"sha256:{hashlib.sha256(plain_words(sentence).rstrip('.').encode()).hexdigest()}"


def digests_in(text: str) -> Iterator[str]:
    """The digests of a description and of every sentence in it."""
    for sentence in {text, *_SENTENCE_END.split(text)}:
        yield digest_of(sentence)
