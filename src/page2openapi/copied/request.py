"""What a page shows above its field lists: method, path, the sample request and the sample reply."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from page2openapi.copied.curl import Curl, parse_curl
from page2openapi.copied.lines import Line, next_filled
from page2openapi.copied.notation import HEADINGS, INTERFACE, METHODS
from page2openapi.json_text import LONGEST, json_start, json_value
from page2openapi.page import Findings, quoted

_CURL = re.compile(r"^(?:\$ )?(?=curl\s)", re.MULTILINE)
_URL = re.compile(r"https?://[^\s\"'`<>?#]{1,2000}")
_ADDRESS = re.compile(r"(?P<origin>https?://[^/\s?#\"'<>\\]+)(?P<path>[^?#\s\"'<>\\]*)(?:[?#].*)?", re.DOTALL)
_SEGMENT = re.compile(r"[^\s/\"'<>\\]{1,200}")
_ONE_LINE = re.compile(rf"(?P<method>{'|'.join(METHODS)}) ?(?P<path>/[^\s\"'<>\\]{{0,500}}?)(?: ?Try it)?")
_TEMPLATE = re.compile(r"\{[^{}/]{1,150}\}")
_LONGEST_PATH = 2_000  # characters
_MOST_COMMANDS = 20
_MOST_TRIES = 10


@dataclass
class Request(Findings):
    """What is known of the request, with the lines it was found on."""

    method: str | None = None
    method_line: int = 0
    server: str | None = None
    path: str | None = None
    url_line: int = 0
    title: str | None = None
    headers: dict[str, str] = field(default_factory=dict[str, str])
    has_sample: bool = False
    form: bool = False
    body: Any = None
    has_body: bool = False
    reply: Any = None
    has_reply: bool = False
    reply_line: int = 0
    last_line: int = 0  # the last line of crumbs and samples


@dataclass
class _Crumbs:
    method: str
    line: int
    servers: list[str]
    path: str
    end: int  # the index of the line after them
    whole: bool = True  # false when a piece may be missing


def read_request(before: Sequence[Line], after: Sequence[Line], *, alone: bool) -> Request:
    """Method, address and samples, from the lines above the field lists or, failing that, from those below.

    `alone` says that nothing but these lines is on the page, so that it may be cut off at their end.
    """
    crumbs = _crumbs(before)
    request = Request()
    if crumbs:
        request.method, request.method_line = crumbs.method, crumbs.line
        request.last_line = before[crumbs.end - 1].number
        request.title = _title(before, crumbs.end)
    if not _take_sample(request, crumbs, before, alone=alone):
        _take_sample(request, crumbs, after, alone=alone)
    if not request.path and crumbs:
        _address_without_sample(request, crumbs, [*before, *after])
    return request


def _may_go_on(lines: Sequence[Line], index: int) -> bool:
    """Whether the line right below the path may be a piece of it that lost its slash."""
    text = lines[index].text
    return _SEGMENT.fullmatch(text) is not None and text not in HEADINGS and text not in INTERFACE


# Crumbs.


def _crumbs(lines: Sequence[Line]) -> _Crumbs | None:
    """The method and, below it, the path in pieces or whole."""
    for index, line in enumerate(lines):
        match = _ONE_LINE.fullmatch(line.text) if len(line.text) < 600 else None
        if match:
            return _Crumbs(match["method"], line.number, [], match["path"], index + 1)
        if line.text in METHODS:
            found = _pieces(lines, index)
            if found:
                return found
    return None


def _pieces(lines: Sequence[Line], index: int) -> _Crumbs | None:
    crumbs = _Crumbs(lines[index].text, lines[index].number, [], "", index + 1)
    after = next_filled(lines, crumbs.end)
    if after < len(lines) and lines[after].text.startswith("http"):
        crumbs.servers = [f"http{rest}".rstrip("/") for rest in lines[after].text.split("http")[1:]]
        crumbs.end = after + 1
    after = next_filled(lines, crumbs.end)
    if after < len(lines) and re.fullmatch(r"/[^\s\"'<>\\]{1,500}", lines[after].text):
        crumbs.path, crumbs.end = lines[after].text, after + 1
        return crumbs
    while after < len(lines) and lines[after].text == "/":
        segment = next_filled(lines, after + 1)
        while segment < len(lines) and lines[segment].text == "/":
            segment, crumbs.whole = next_filled(lines, segment + 1), False
        if segment >= len(lines) or not _SEGMENT.fullmatch(lines[segment].text):
            crumbs.path, crumbs.end, crumbs.whole = crumbs.path + "/", after + 1, False
            break
        crumbs.path, crumbs.end = f"{crumbs.path}/{lines[segment].text}", segment + 1
        after = next_filled(lines, crumbs.end)
    return crumbs if crumbs.path else None


def _title(lines: Sequence[Line], index: int) -> str | None:
    """The only line between the crumbs and the sample request."""
    found = list[str]()
    for line in lines[index:]:
        if line.text.startswith("curl "):
            return found[0] if len(found) == 1 and len(found[0]) <= 150 else None
        if line.text and line.text not in INTERFACE:
            found.append(line.text)
        if len(found) > 1:
            break
    return None


# The sample request, and the reply below it.


def _take_sample(request: Request, crumbs: _Crumbs | None, lines: Sequence[Line], *, alone: bool) -> bool:
    text = "\n".join(line.text for line in lines)
    commands = [parse_curl(text, match.end()) for match in _starts(text)]
    usable = [command for command in commands if command.url]
    if not usable:
        return False
    fitting = [command for command in usable if crumbs and _join(crumbs.path, command.url or "")]
    command = (fitting or usable)[0]
    if alone and not fitting and text[command.end :].strip() == "":
        request.doubt(_line_at(lines, text, command.end), "the sample request may be cut off")
        return False
    _take_command(request, crumbs, command, _line_at(lines, text, command.end))
    request.last_line = max(request.last_line, _line_at(lines, text, command.end))
    _take_reply(request, lines, text, command.end)
    return True


def _starts(text: str) -> list[re.Match[str]]:
    found = list[re.Match[str]]()
    for match in _CURL.finditer(text):
        found.append(match)
        if len(found) == _MOST_COMMANDS:
            break
    return found


def _line_at(lines: Sequence[Line], text: str, offset: int) -> int:
    index = text.count("\n", 0, offset)
    return lines[min(index, len(lines) - 1)].number if lines else 0


def _take_command(request: Request, crumbs: _Crumbs | None, command: Curl, line: int) -> None:
    method = command.method or ("GET" if command.data is None and not command.form else "POST")
    if request.method is None and method in METHODS:
        request.method, request.method_line = method, line
    elif method != request.method:
        request.warn(line, f"the sample request says {quoted(method)}, the page {request.method}")
    request.has_sample, request.headers, request.form = True, command.headers, command.form
    _take_address(request, crumbs, command.url or "", line)
    if command.data is not None:
        _take_data(request, command.data, line)


def _take_data(request: Request, data: str, line: int) -> None:
    try:
        request.body = json_value(data.strip())
        request.has_body = True
    except ValueError:
        request.warn(line, "the body of the sample request is not JSON")


def _take_address(request: Request, crumbs: _Crumbs | None, url: str, line: int) -> None:
    match = _ADDRESS.fullmatch(url)
    if match is None or not _is_path(match["path"]):
        request.doubt(line, f"an address that cannot be read: {quoted(url)}")
        return
    request.url_line = line
    joined = _join(crumbs.path, url) if crumbs else None
    if joined:
        request.server, request.path = joined
        return
    request.server, request.path = match["origin"], match["path"] or "/"
    if crumbs:
        text = f"the path {quoted(crumbs.path)} is not the end of the address in the sample request, which is used"
        request.doubt(crumbs.line, text)


def _is_path(path: str) -> bool:
    """Whether braces, if any, stand around names, as a document wants them."""
    return len(path) <= _LONGEST_PATH and not {"{", "}"} & set(_TEMPLATE.sub("", path))


def _join(path: str, url: str) -> tuple[str, str] | None:
    """Server and path, when the path is the end of an address; names in braces stand for any segment."""
    match = _ADDRESS.fullmatch(url)
    if match is None:
        return None
    mine, theirs = path.strip("/").split("/"), match["path"].strip("/").split("/")
    rest, tail = theirs[: -len(mine)], theirs[-len(mine) :]
    if path.strip("/") == "":
        return (match["origin"] + match["path"].rstrip("/"), "/") if match["path"].endswith("/") else None
    same = len(tail) == len(mine) and all(
        a == b or (a[0], a[-1]) == ("{", "}") for a, b in zip(mine, tail, strict=True)
    )
    return ("/".join([match["origin"], *rest]), path) if same else None


def _address_without_sample(request: Request, crumbs: _Crumbs, lines: Sequence[Line]) -> None:
    if (
        not _is_path(crumbs.path)
        or not crumbs.whole
        or next_filled(lines, crumbs.end) >= len(lines)
        or _may_go_on(lines, crumbs.end)
    ):
        request.doubt(crumbs.line, f"a path that may be cut off: {quoted(crumbs.path)}")
        return
    request.path, request.url_line = crumbs.path, crumbs.line
    if crumbs.servers:
        request.server = crumbs.servers[0]
        return
    text = "\n".join(line.text for line in lines[:5_000])[:LONGEST]
    joined = [found for match in _URL.finditer(text) if (found := _join(crumbs.path, match.group().rstrip("/.,;)")))]
    if joined and len(set(joined)) == 1:
        request.server = joined[0][0]
    else:
        request.doubt(crumbs.line, "no address: only the path is on the page")


def _take_reply(request: Request, lines: Sequence[Line], text: str, end: int) -> None:
    """The first JSON below the command."""
    tries = 0
    while tries < _MOST_TRIES:
        while end < len(text) and text[end] in "\n ":
            end += 1
        if end >= len(text):
            return
        if text[end] in "{[":
            tries += 1
            request.reply_line = _line_at(lines, text, end)
            try:
                request.reply, length = json_start(text[end : end + LONGEST])
                request.has_reply = True
                request.last_line = _line_at(lines, text, end + length)
            except ValueError:
                request.warn(request.reply_line, "a sample reply that is not JSON")
            else:
                return
        end = text.find("\n", end)
        end = len(text) if end < 0 else end
