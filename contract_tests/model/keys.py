"""The right key, and the wrong ones that a careless service takes for it."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256

_TO_WIDE = 0xFEE0  # from a character of ASCII to the same as wide as a Chinese one


def variants_of(key: str) -> dict[str, str]:
    """The key and its near misses. One that happens to be the key itself gets a character more."""
    return dict(_variants(key))


@cache
def _variants(key: str) -> dict[str, str]:
    half = len(key) // 2
    other = "x" if key[half] != "x" else "y"
    near = {
        "short": key[:-1],
        "late": key[1:],
        "cased": key.swapcase(),
        "small": key.lower(),
        "capital": key.upper(),
        "ending": key[:-1] + ("x" if key[-1] != "x" else "y"),
        "middle": key[:half] + other + key[half + 1 :],
        "masked": "x" * len(key),
        "beginning": key[: max(8, half)] + "x" * 8,
        "last": "x" * 8 + key[-max(4, half) :],
        "like": key[:half] + "%",
        "glob": key[:half] + "*",
        "blanked": key[:half].ljust(len(key), "_"),
        "separated": key.translate(str.maketrans("-_", "_-")),
        "escaped": f"%{ord(key[0]):02x}{key[1:]}",
        "wide": chr(ord(key[0]) + _TO_WIDE) + key[1:],
        "hash": sha256(key.encode()).hexdigest(),
        **_turned(key),
    }
    return {"key": key, **{name: text if text != key else f"{text}0" for name, text in near.items()}}


def forms_of(key: str) -> list[str]:
    """The key, and what it is turned into: whoever sees one of these knows the key, or almost."""
    return [key, *_turned(key).values()]


def _turned(key: str) -> dict[str, str]:
    return {
        "reversed": key[::-1],
        "letters": re.sub(r"[^A-Za-z0-9]", "", key),
        "base64": b64encode(key.encode()).decode(),
        "basic": b64encode(f":{key}".encode()).decode(),
        "user": b64encode(f"{key}:".encode()).decode(),
    }
