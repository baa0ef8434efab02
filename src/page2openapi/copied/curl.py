"""A `curl` command as it stands on a page: method, address, headers and body, in any of its usual shapes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

LONGEST = 200_000  # characters of a command

_TOKEN = re.compile(
    r"""(?P<space>(?:\\\s+|[^\S\n])+)|(?P<newline>\n)|(?P<single>'[^']*')|(?P<double>"(?:[^"\\]|\\.)*")"""
    r"""|(?P<escaped>\\.)|(?P<heredoc><<-?\s*['"]?(?P<tag>\w{1,40})['"]?)|(?P<plain>[^\s'"\\<]+|<)""",
    re.DOTALL,
)
_ESCAPED = re.compile(r'\\(["\\$`\n])')
_DATA = frozenset(["--data", "-d", "--data-raw", "--data-binary", "--data-ascii", "--json"])
_FORM = frozenset(["--form", "-F", "--form-string"])
_WITH_VALUE = _DATA | _FORM | {"--request", "-X", "--url", "--header", "-H", "--user", "-u", "--output", "-o"}


@dataclass
class Curl:
    """What the command says. `end` is the index of the character after it; `data` is None when nothing is sent."""

    end: int
    method: str | None = None
    url: str | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    data: str | None = None
    form: bool = False


def parse_curl(text: str, start: int) -> Curl:
    """The command that begins with `curl` at `start`."""
    words, heredoc, end = _words(text[: start + LONGEST], start)
    command = Curl(end)
    options = iter(words[1:])
    for word in options:
        name, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if name.startswith("-X") and len(name) > 2:
            name, equals, value = "-X", "=", name[2:]
        if name in _WITH_VALUE:
            _set(command, name, value if equals else next(options, ""))
        elif not word.startswith("-") and command.url is None and re.match(r"https?://", word):
            command.url = word
    if heredoc is not None:
        command.data = heredoc
    return command


def _set(command: Curl, name: str, value: str) -> None:
    if name in ("--request", "-X"):
        command.method = value.upper()
    elif name == "--url":
        command.url = value
    elif name in ("--header", "-H"):
        key, _, content = value.partition(":")
        command.headers[key.strip().lower()] = content.strip()
    elif name in _DATA:
        command.data = value
    elif name in _FORM:
        command.form = True


def _words(text: str, start: int) -> tuple[list[str], str | None, int]:
    """The words of the command, the text of its here-document, and where it ends."""
    words, open_word, heredoc = list[str](), False, None
    while match := _TOKEN.match(text, start):
        kind = match.lastgroup if match.lastgroup != "tag" else "heredoc"
        if kind == "newline" or (open_word and _begins_reply(text, match, words)):
            break
        start = match.end()
        if kind == "heredoc":
            heredoc, start = _heredoc(text, match)
            break
        if kind == "space":
            open_word = False
            continue
        if not open_word:
            words.append("")
        words[-1] += _plain(kind or "", match.group())
        open_word = True
    return words, heredoc, start


def _begins_reply(text: str, match: re.Match[str], words: list[str]) -> bool:
    """A bracket right behind a closing quote begins the reply that was copied without a line end."""
    return match.start() > 0 and text[match.start() - 1] in "'\"" and text[match.start()] in "{[" and len(words) > 1


def _plain(kind: str, token: str) -> str:
    if kind == "single":
        return token[1:-1]
    if kind == "double":
        return _ESCAPED.sub(r"\1", token[1:-1])
    return token[1:] if kind == "escaped" else token


def _heredoc(text: str, match: re.Match[str]) -> tuple[str | None, int]:
    tag = re.compile(rf"(?<=\s){re.escape(match['tag'])}(?=\s|$)")
    end = tag.search(text, match.end())
    return (text[match.end() : end.start()], end.end()) if end else (None, len(text))
