"""The labelled lines below a description: lengths, ranges, pattern, single allowed value, and what opens a list."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from page2openapi.json_text import json_start, json_value

_NUMBER = r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?"
_COUNT = r"\d{1,30}"
_LENGTH = re.compile(
    rf"(?P<which>Required|Minimum|Maximum) (?P<what>string |array )?length:\s*"
    rf"(?P<low>{_COUNT})(?: ?[-–] ?(?P<high>{_COUNT}))?(?: (?:elements?|characters?))?"
)
_RANGE = re.compile(
    rf"Required range:\s*(?:(?P<low>{_NUMBER})\s*(?P<low_sign><=?|≤)\s*)?x"
    rf"(?:\s*(?P<sign><=?|>=?|≤|≥)\s*(?P<bound>{_NUMBER}))?"
)
_PATTERN = re.compile(r"Pattern:\s*(?P<pattern>\S.*)")
_CONST = re.compile(r"Allowed value:\s*(?P<value>\S.*)")
_OPENING = re.compile(r"(?P<label>Available options|Examples?):(?P<rest>.*)")
_BEGINNING = re.compile(
    r"(?:Required|Minimum|Maximum) (?:string |array )?length:"
    r"|Required range:|Pattern:|Allowed value:|Available options:|Examples?:"
)
_BROKEN = re.compile(
    r"(?:(?:Required|Minimum|Maximum) (?:string |array )?length|Required range|Pattern|Allowed value):"
    r"(?:[^A-Za-z]|\b(?:x|e|elements?|characters?)\b)*"
)
_LONGEST_LIMIT = 400  # characters; a pattern may be longer

_LENGTHS = {
    "string ": ("minLength", "maxLength"),
    "array ": ("minItems", "maxItems"),
    None: ("minSize", "maxSize"),
}


class Limit(NamedTuple):
    """A keyword of JSON Schema with its value. `minSize` and `maxSize` are lengths of a string or a list."""

    keyword: str
    value: Any


def is_label(text: str) -> bool:
    """Whether a line starts as a label does."""
    return _BEGINNING.match(text) is not None


def is_broken_limit(text: str) -> bool:
    """Whether a line is a limit that lost something, rather than a sentence that begins like one."""
    return parse_limits(text) is None and _BROKEN.fullmatch(text[:_LONGEST_LIMIT]) is not None


def parse_limits(text: str) -> list[Limit] | None:
    """The limits that a line states, or None when it states none."""
    pattern = _PATTERN.fullmatch(text)
    if pattern:
        return [Limit("pattern", pattern["pattern"].strip())]
    if len(text) > _LONGEST_LIMIT:
        return None
    return _length(text) or _range(text) or _const(text)


def parse_opening(text: str) -> tuple[str, str] | None:
    """What a line such as `Example:` opens, and the rest of that line. A sentence may begin with that word, too."""
    match = _OPENING.fullmatch(text)
    if not match:
        return None
    label, rest = match["label"], match["rest"].strip()
    return None if label.startswith("Example") and rest and not _is_json(rest) else (label, rest)


def _is_json(text: str) -> bool:
    """Whether a text is one JSON value or several."""
    try:
        while text:
            text = text[json_start(text)[1] :].lstrip(" ,")
    except ValueError:
        return False
    return True


def number(text: str) -> int | float:
    """A number as written: an integer stays one. Raises ValueError for what JSON cannot hold."""
    value: int | float = json_value(re.sub(r"^(-?)\.", r"\g<1>0.", text))
    return value


def _length(text: str) -> list[Limit] | None:
    match = _LENGTH.fullmatch(text)
    if not match:
        return None
    least, most = _LENGTHS[match["what"]]
    low = int(match["low"])
    if match["which"] == "Required":
        return [Limit(least, low), Limit(most, int(match["high"] or low))]
    return None if match["high"] else [Limit(least if match["which"] == "Minimum" else most, low)]


def _range(text: str) -> list[Limit] | None:
    match = _RANGE.fullmatch(text)
    if not match or not (match["low"] or match["sign"]):
        return None
    found = list[Limit]()
    try:
        if match["low"]:
            found.append(Limit("exclusiveMinimum" if match["low_sign"] == "<" else "minimum", number(match["low"])))
        if match["sign"]:
            found.append(Limit(_BOUNDS[match["sign"]], number(match["bound"])))
    except ValueError:
        return None
    both = match["low"] and match["sign"] and match["sign"][0] in ">≥"
    return None if both else found


_BOUNDS = {
    "<": "exclusiveMaximum",
    "<=": "maximum",
    "≤": "maximum",
    ">": "exclusiveMinimum",
    ">=": "minimum",
    "≥": "minimum",
}


def _const(text: str) -> list[Limit] | None:
    match = _CONST.fullmatch(text)
    if not match:
        return None
    try:
        return [Limit("const", json_value(match["value"]))]
    except ValueError:
        return None
