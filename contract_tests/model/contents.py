"""Texts that a careless service stumbles over, and ways to spell one JSON value: all of them are valid."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

MOST_DIGITS = 4000  # of a number that Python reads
MAY_BE_STOPPED: dict[str, str] = {}
"""Of these texts, those that moderation or a firewall may take for an attack, with the reason. Valid all the same."""


def _stopped_as(reason: str, text: str) -> str:
    MAY_BE_STOPPED[text] = reason
    return text


LONGEST_SPELLING = "in escapes alone"

# Text beyond 16 bits stands where SPELLINGS, which go round beside these, write it as a pair of escapes.
CONTENTS = (
    "It's a \"quoted\" text, with 'both' kinds",
    "back\\slash, sla/sh, `ticks` and $dollars",
    "東京の夜、水彩画 \N{ARTIST PALETTE}",
    _stopped_as("templates", "{{braces}} {0} ${name} [list] (all of it) {{7*7}} ${jndi:ldap://127.0.0.1/} <%= 7*7 %>"),
    "right to left: \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u202eand back\u202c",
    "e\u0301te\u0301 and été, \u00a0unbreakable, \ufeffmarked, for private use \ue000, unknown \ufffd",
    "emoji \N{ARTIST PALETTE}, a family \N{WOMAN}\u200d\N{GIRL}, a flag \U0001f1eb\U0001f1f7",
    "100% of %20 and %s, #1 at @home, me@example.com; a=b&c=d",
    _stopped_as("markup", "<b>bold</b> &amp; <script>alert(1)</script> <img src=x onerror=alert(1)> javascript:a()"),
    "two\nlines\r\nand\ta tab, \N{ARTIST PALETTE}",
    _stopped_as("SQL", "'; DROP TABLE tasks; -- ' OR '1'='1' UNION SELECT * FROM users; {\"$ne\": null}"),
    _stopped_as(
        "addresses", "see https://example.com:8443/a.png?b=c#d http://169.254.169.254/latest/ file:///etc/hosts"
    ),
    "control \x01\x1f\x7f, null \0, separators \u2028\u2029, none \ufffe",
    " a space on both sides ",
    "1234567890",
    "null",
    '{"text": "true"}',
    "=?!.,;:-_*+~^|",
    "true",
    _stopped_as("paths", "../../etc/passwd ..\\..\\windows\\win.ini %2e%2e%2f %00 /.git/config ~/.ssh/id_rsa"),
    _stopped_as("commands", "$(id) `id` | cat /etc/hosts; ls -la && rm -rf / <?php echo 1; ?>"),
    ".",
    "b" * 256,
    "word" * 1024,
    "The same again.\n" * 625,
)
"""Some hold much that the same kind of firewall looks for. No more of them than there are pairs of options: each one
costs.
"""


def json_text(value: Any) -> bytes:
    """A JSON value as it is sent."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def json_value(text: str, odd: list[str] | None = None) -> Any:
    """The value of a text that is JSON to the letter. JSONDecodeError else; ValueError for a key that stands twice.

    `odd` collects the numbers that many readers cannot hold; the value then has the largest ones that they can.
    """
    hooks: dict[str, Any] = (
        {"parse_int": partial(_int, odd), "parse_float": partial(_float, odd)} if odd is not None else {}
    )
    return json.loads(text, object_pairs_hook=_unique, parse_constant=_refused, **hooks)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refused(word: str) -> None:
    raise json.JSONDecodeError("no JSON", word, 0)  # NaN and infinities


def _int(odd: list[str], digits: str) -> int:
    odd += [digits] if len(digits) > MOST_DIGITS else []
    return int(digits[:MOST_DIGITS])


def _float(odd: list[str], digits: str) -> float:
    odd += [digits] if math.isinf(float(digits)) else []
    return max(-sys.float_info.max, min(float(digits), sys.float_info.max))


def _reversed(value: Any) -> bytes:
    pairs = list(value.items())[::-1] if isinstance(value, dict) else value
    return json_text(dict(pairs) if isinstance(value, dict) else value)


def _escaped(value: Any) -> bytes:
    """Every character of a key as an escape, slashes too; text beyond ASCII as pairs of escapes."""
    text = json.dumps(value).replace("/", "\\/")
    for name in value if isinstance(value, dict) else ():
        text = text.replace(f'"{name}":', f"{_in_escapes(name)}:", 1)
    return text.encode()


def _all_escaped(value: Any) -> bytes:
    """Every character of every text as an escape: no other spelling without blanks is longer."""
    return _in_escapes(value).encode()


def _in_escapes(value: Any) -> str:
    if isinstance(value, str):
        units = value.encode("utf-16-be", "surrogatepass").hex()
        return f'"{re.sub("....", _as_escape, units)}"'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_in_escapes(name)}: {_in_escapes(one)}" for name, one in value.items()) + "}"
    return f"[{', '.join(map(_in_escapes, value))}]" if isinstance(value, list) else json.dumps(value)


def _as_escape(unit: re.Match[str]) -> str:
    return f"\\u{unit[0]}"


SPELLINGS: dict[str, Callable[[Any], bytes]] = {
    "plain": json_text,
    "indented": lambda value: json.dumps(value, ensure_ascii=False, indent=2).encode(),
    "in ASCII": lambda value: json.dumps(value).encode(),
    "between blanks": lambda value: b" \r\n\t" + json_text(value) + b"\n",
    "without blanks": lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(),
    "in another order": _reversed,
    "with escapes": _escaped,
    LONGEST_SPELLING: _all_escaped,
}
