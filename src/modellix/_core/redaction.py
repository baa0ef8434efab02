"""Redacting the API key in whatever a service sends back, so that no error, log or pickle can carry it."""

from __future__ import annotations

import html
import re
from functools import lru_cache

SHORTEST_SECRET = 8  # characters; redacting a shorter key would hide ordinary words, and protect nothing
REDACTED = b"[key]"


@lru_cache(maxsize=32)
def _spellings(secret: str) -> re.Pattern[bytes]:
    """The key as it is, and as JSON, HTML or a URL would spell it."""
    return re.compile(b"".join(map(_spellings_of, secret)))


def _spellings_of(character: str) -> bytes:
    code = ord(character)
    ways = {character, f"\\{character}", f"\\u{code:04x}", f"\\u{code:04X}", f"%{code:02x}", f"%{code:02X}"}
    ways |= {html.escape(character), f"&#{code};", f"&#x{code:x};", f"&#x{code:X};", f"&#x{code:02x};"}
    return b"(?:" + b"|".join(re.escape(way.encode()) for way in sorted(ways, key=len, reverse=True)) + b")"


def redact(text: bytes, secret: str) -> bytes:
    """The bytes without the key."""
    if len(secret) < SHORTEST_SECRET:
        return text
    return _spellings(secret).sub(REDACTED, text)


def redact_text(text: str, secret: str) -> str:
    """The text without the key."""
    return redact(text.encode("utf-8", "surrogatepass"), secret).decode("utf-8", "surrogatepass")


def cause_for(error: Exception, secret: str) -> Exception | None:
    """The exception as a cause of ours, unless its text (h11 quotes what it could not read) holds the key."""
    each: BaseException | None = error
    seen: set[int] = set()  # respx, for one, makes circles
    while each is not None and id(each) not in seen:
        text = repr(each)
        if redact_text(text, secret) != text:
            return None
        seen.add(id(each))
        each = each.__cause__ or each.__context__
    return error
