"""Regular expressions that Python and the engines of validators read alike.

JSON Schema speaks of ECMA-262, and three engines read a pattern here: Python's `re` in the client, Rust's in the
stand-in, and whatever the service has. They agree on literals, escapes of single characters, classes of these,
groups, alternatives, anchors and counted repeats. They differ on `\\w`, `\\d`, `\\s`, `\\b` (other scripts), on `.`
(line ends), on lookbehind, names, flags and back references, so those are refused. `portable` writes the first of
these out, for documents that are made from pages.
"""

from __future__ import annotations

import re

_ESCAPE = r"\\(?:x[0-9A-Fa-f]{2}|u(?![Dd][89A-Fa-f])[0-9A-Fa-f]{4}|[nrtfv^$\\.*+?()\[\]{}|/])"
_IN_CLASS = rf"(?:{_ESCAPE}|\\-|[^\\\[\]])"
_TOKENS = re.compile(
    rf"(?P<escape>{_ESCAPE})"
    rf"|(?P<class>\[(?!\^\])\^?{_IN_CLASS}+\])"
    r"|(?P<open>\((?:\?[:=!])?)"
    r"|(?P<close>\))"
    r"|(?P<end>\$)"
    r"|(?P<start>\^)"
    r"|(?P<bar>\|)"
    r"|(?P<repeat>(?:[*+?]|\{[0-9]{1,4}(?:,(?:[0-9]{1,4})?)?\})\??)"
    r"|(?P<literal>[^\\\[\](){}.*+?^$|])"
)
_CLASS_PART = re.compile(rf"(?P<range>{_IN_CLASS}-{_IN_CLASS})|{_IN_CLASS}", re.DOTALL)
_DOUBLED_IN_CLASS = ("&&", "--", "~~", "||")  # set operations in some engines
_CANNOT_REPEAT = (None, "open", "bar", "start", "end", "repeat", "lookahead")


_SPACES = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_SHORTHANDS = {"d": "0-9", "w": "A-Za-z0-9_", "s": _SPACES}  # as ECMA-262 has them
_WRITTEN_OUT = {
    ".": r"[^\n\r\u2028\u2029]",
    **{rf"\{letter}": f"[{inside}]" for letter, inside in _SHORTHANDS.items()},
    **{rf"\{letter.upper()}": f"[^{inside}]" for letter, inside in _SHORTHANDS.items()},
}
_UNIT = re.compile(r"\[\^?(?:\\.|[^\\\]])*\]|\\.|.", re.DOTALL)  # a class, an escape, or a character
_NEAR_HYPHEN = re.compile(r"\\[dws]-.|.-\\[dws]", re.DOTALL)  # in a class, where a range would come about


# Of patterns that ask for an address, which is said in words: in docstrings, and in what the client says of a value.
ASKS_FOR_URL = r"\^?(?:\(\?[a-z]+\))?[\^(?:]*https?\b"
ALSO_HTTP = r"http(?!s)|https\?"


class UnsafePattern(ValueError):
    """A pattern that engines may read differently; the message says which part."""


def python_pattern(pattern: str) -> str:
    """The pattern for Python's `re.search`, where `$` would match before a last line feed too. Raises UnsafePattern."""
    translated = "".join("\\Z" if kind == "end" else text for kind, text in _tokens(pattern))
    try:
        re.compile(translated)
    except (re.error, OverflowError, RecursionError) as error:
        raise UnsafePattern(f"Python cannot read it: {error}") from None
    return translated


def portable(pattern: str) -> str:
    """The same with `.`, `\\d`, `\\w`, `\\s` and their opposites as classes of the characters that ECMA-262 means.

    An opposite within a class stays, and so does whatever else engines read differently.
    """
    return _UNIT.sub(lambda unit: _portable_unit(unit.group()), pattern)


def _portable_unit(unit: str) -> str:
    if len(unit) < 2 or unit[0] != "[" or _NEAR_HYPHEN.search(unit[1:-1].removeprefix("^")):
        return _WRITTEN_OUT.get(unit, unit)
    return re.sub(r"\\(.)", lambda escape: _SHORTHANDS.get(escape[1], escape[0]), unit, flags=re.DOTALL)


def _tokens(pattern: str) -> list[tuple[str, str]]:
    """Kind and text of each part."""
    found: list[tuple[str, str]] = []
    lookaheads: list[bool] = []
    before: str | None = None
    at = 0
    while at < len(pattern):
        match = _TOKENS.match(pattern, at)
        if match is None:
            raise UnsafePattern(f"engines may differ on {pattern[at : at + 8]!r}")
        kind, text = str(match.lastgroup), match.group()
        _check_part(kind, text, before)
        if kind == "open":
            lookaheads.append(text in ("(?=", "(?!"))
        found.append((kind, text))
        before = "lookahead" if kind == "close" and lookaheads and lookaheads.pop() else kind
        at = match.end()
    return found


def _check_part(kind: str, text: str, before: str | None) -> None:
    if kind == "repeat" and before in _CANNOT_REPEAT:
        raise UnsafePattern(f"nothing that may be repeated stands before {text!r}")
    if kind == "close" and before in ("open", "bar"):
        raise UnsafePattern("a group or alternative without anything in it")
    if kind == "class" and not _is_plain_class(text[1:-1].removeprefix("^")):
        raise UnsafePattern(f"engines may differ on the class {text!r}")


def _is_plain_class(inner: str) -> bool:
    """Whether each hyphen makes a range, or is the first or the last character, and nothing is a set operation."""
    if any(doubled in inner for doubled in _DOUBLED_IN_CLASS):
        return False
    parts = list(_CLASS_PART.finditer(inner.removeprefix("-").removesuffix("-")))
    return not any(part.group() == "-" or part.group().startswith("--") for part in parts)
