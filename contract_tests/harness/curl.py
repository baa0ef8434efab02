"""A request as one line for a shell, to be tried by hand: with a variable in the place of the key.

What is made of the key is written as bash makes it of that variable, where it can; a body that is long, or that a line
cannot hold, stands in a file.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from contract_tests.model.keys import variants_of

FILE = "BODY"  # in the line, until there is one
LONGEST = 500  # characters of a body that the line holds

_EXPRESSIONS = {
    "key": "$MODELLIX_API_KEY",
    "short": "${MODELLIX_API_KEY%?}",
    "late": "${MODELLIX_API_KEY#?}",
    "small": "${MODELLIX_API_KEY,,}",
    "capital": "${MODELLIX_API_KEY^^}",
}
_OF_HTTPX = re.compile(
    r"(host|connection|content-length): .*|accept: \*/\*|accept-encoding: gzip.*|user-agent: python-httpx/.*"
)
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "'": "\\'", "\\": "\\\\"}
_ESCAPED = str.maketrans(_ESCAPES)


@dataclass(frozen=True)
class Command:
    """The line. Where it names FILE, `body` has to stand in one of that name."""

    line: str
    body: bytes | None = None


def command_of(request: httpx.Request, api_key: str, redact: Callable[[str], str]) -> Command:
    """The command that sends a request. `redact` takes out of it what bash cannot make of the key."""
    shell = _Shell(api_key, redact)
    url = str(request.url)
    words = ["curl", "-i"]
    words += ["--globoff"] if re.search(r"[][{}]", url) else []
    words += ["--path-as-is"] if "/." in request.url.path else []
    words += ["-X", request.method] if request.method != "GET" else []
    words.append(shell.quoted(url))
    for name, value in request.headers.multi_items():
        if not _OF_HTTPX.fullmatch(f"{name}: {value}"):
            words += ["-H", shell.quoted(f"{name.title()}: {value}" if value else f"{name.title()};")]
    is_without_accept = "user-agent" in request.headers and "accept" not in request.headers
    words += ["-H", "Accept:"] if is_without_accept else []  # curl would add one
    body = request.content
    if not body:
        return Command(" ".join([*words, *(["--data-raw", "''"] if request.method != "GET" else [])]))
    text = _as_text(body)
    if text is None or len(text.replace(api_key, "")) > LONGEST:
        shown = redact(body.decode("latin-1")).encode("latin-1")
        return Command(" ".join([*words, "--data-binary", f"@{FILE}"]), shown)
    return Command(" ".join([*words, "--data-raw", shell.quoted(text)]))


def _as_text(body: bytes) -> str | None:
    """A body that a line can hold, if it is not too long."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return None
    is_plain = all(one.isprintable() or one in _ESCAPES for one in text)
    return text if is_plain else None


def _quoted(text: str) -> str:
    """A piece of text as one word, in the quotes of C where it has line breaks."""
    if text.isprintable():
        return shlex.quote(text) if text else ""
    return f"$'{text.translate(_ESCAPED)}'"


class _Shell:
    """Quotes for bash, with expressions where the key or a near miss of it stands."""

    def __init__(self, api_key: str, redact: Callable[[str], str]) -> None:
        known = variants_of(api_key)
        self._expressions = {known[name]: expression for name, expression in reversed(_EXPRESSIONS.items())}
        longest_first = sorted(self._expressions, key=lambda one: (one != api_key, -len(one)))
        self._pattern = re.compile(f"({'|'.join(map(re.escape, longest_first))})")
        self._redact = redact

    def quoted(self, text: str) -> str:
        pieces = self._pattern.split(text)  # every second one is a form of the key
        plain, forms = [self._redact(piece) for piece in pieces[::2]], pieces[1::2]
        if not forms:
            return _quoted(plain[0]) or "''"
        quoted = [_quoted(piece) for piece in plain]
        between = [f'"{self._expressions[form]}"' for form in forms]
        return "".join(part for pair in zip(quoted, [*between, ""], strict=True) for part in pair)
