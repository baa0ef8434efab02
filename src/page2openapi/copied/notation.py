"""The notation of copied pages: headings, chips, labels, names of types and the words around them, all in one place."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from modellix import _openapi
from page2openapi.json_text import json_start, json_value

# Headings of sections, with what each section holds and their usual order.

HEADINGS = {
    "Authorizations": "auth",
    "Headers": "header",
    "Path Parameters": "path",
    "Query Parameters": "query",
    "Cookies": "cookie",
    "Cookie Parameters": "cookie",
    "Body": "body",
    "Response": "response",
}
RANKS = {"auth": 0, "header": 1, "path": 1, "query": 1, "cookie": 1, "body": 2, "response": 3}

# The line of method and path; contents and replies.

METHODS = tuple(method.upper() for method in _openapi.METHODS)
CONTENT_TYPE = re.compile(r"(?:application|multipart|text|image|audio|video|\*)/[\w.*+-]{1,100}")
STATUS = re.compile(r"(?:[1-5]\d\d|[1-5]XX|default)")
STATUS_ROW = re.compile(rf"(?P<status>{STATUS.pattern}) - (?P<content>{CONTENT_TYPE.pattern})")
WHOLE = re.compile(r"The (?:body|response) is of type (?P<type>.{1,300}?)\.?")

# Chips beside a field's type.

LOCATIONS = ("header", "path", "query", "cookie", "body")
FLAGS = ("required", "deprecated", "read-only", "write-only", "nullable")
CHIPS = (*LOCATIONS, *FLAGS)
KEYWORDS_OF_FLAGS = {"deprecated": "deprecated", "read-only": "readOnly", "write-only": "writeOnly"}

# Types. `file` is a string of bytes, `any` has no type.

ATOMS = ("string", "integer", "number", "boolean", "object", "array", "null", "any", "file")
ENUMERATED = ("string", "integer", "number", "boolean")  # as in `enum<string>`

# What opens the children of a field, or shows one form among several.

TOGGLES = {"Show child attributes": "show", "Hide child attributes": "hide"}
TAB = re.compile(r"(?:Option \d+|[^|()<>\[\]]{1,100} · \w[\w<>-]*(?:\[\])*)")

# Words of the site, which no field has.

NOT_NAMES = frozenset(["true", "false", "Copy", "Example", "Examples", "Show", "Hide"])
INTERFACE = frozenset(["Try it", "cURL", "Copy", "Ask AI", "Skip to main content", "Copy page", "Documentation Index"])
FOOTERS = frozenset(
    [
        "Was this page helpful?",
        *("⌘I", "Ctrl+I", "Suggest edits", "Raise issue", "cURL", "Ask a question..."),
        "Responses are generated using AI and may contain mistakes.",
    ]
)
FOOTER_STARTS = ("Powered by ", "curl ")

# Labels: limits, and what opens a list of options or examples. How such a list goes on stands in values.py.

OPENINGS = {"Available options": "options", "Example": "example", "Examples": "examples"}

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
_LIMIT_LABELS = r"(?:(?:Required|Minimum|Maximum) (?:string |array )?length|Required range|Pattern|Allowed value):"
_BEGINNING = re.compile(rf"{_LIMIT_LABELS}|(?:{'|'.join(OPENINGS)}):")
_BROKEN = re.compile(rf"{_LIMIT_LABELS}(?:[^A-Za-z]|\b(?:x|e|elements?|characters?)\b)*")
_OPENING = re.compile(rf"(?P<label>{'|'.join(OPENINGS)}):(?P<rest>.*)")
GLUED_EXAMPLE = re.compile(r"(?P<value>.*\S)\s*\bExamples?:")
_LONGEST_LIMIT = 400  # characters; a pattern may be longer

_LENGTHS = {
    "string ": ("minLength", "maxLength"),
    "array ": ("minItems", "maxItems"),
    None: ("minSize", "maxSize"),
}
_BOUNDS = {
    "<": "exclusiveMaximum",
    "<=": "maximum",
    "≤": "maximum",
    ">": "exclusiveMinimum",
    ">=": "minimum",
    "≥": "minimum",
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
    what, rest = OPENINGS[match["label"]], match["rest"].strip()
    return None if what != "options" and rest and not _is_json(rest) else (what, rest)


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


def _const(text: str) -> list[Limit] | None:
    match = _CONST.fullmatch(text)
    if not match:
        return None
    try:
        return [Limit("const", json_value(match["value"]))]
    except ValueError:
        return None
