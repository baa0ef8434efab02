"""The links of a Markdown list, as `llms.txt` has them: one page for each item, whatever stands behind the link."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

MOST_LINES = 100_000  # that are looked at
_LONGEST_ITEM = 5_000  # characters

_ITEM = re.compile(r"[ \t]*(?:>[ \t]*)*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+|\|[ \t]*)(?P<text>\S.*)")  # also a row
_FENCE = re.compile(r"[ \t]*(?P<mark>`{3,}|~{3,})")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_DEFINITION = re.compile(r" {0,3}\[(?P<label>[^\[\]]{1,500})\]:[ \t]*(?:<(?P<inside>[^<>]*)>|(?P<bare>\S+))")

_TEXT = r"\[(?P<text>(?:[^\[\]\\]|\\.|\[(?:[^\[\]\\]|\\.){0,300}\]){0,1000})\]"
_INLINE = re.compile(_TEXT + r"\([ \t]*(?:<(?P<inside>[^<>]*)>|(?P<bare>(?:[^\s()\\]|\\.|\([^\s()]*\))*))[^()]*")
_REFERENCE = re.compile(_TEXT + r"(?:\[(?P<label>[^\[\]]{0,500})\])?")
_BARE = re.compile(r"<(?P<inside>https?://[^<>\s]+)>|(?P<bare>https?://[^\s<>\[\]\"'`]+)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def links_of(text: str) -> list[str]:
    """The first link of each item of the lists and row of the tables in a text, as it stands there. No others count."""
    lines = _COMMENT.sub("", text.lstrip("\ufeff")).splitlines()[:MOST_LINES]
    named = {_label(match["label"]): _target(match) for line in lines if (match := _DEFINITION.match(line))}
    return [link for item in _items(lines) if (link := _first_link(item, named))]


def _items(lines: list[str]) -> Iterator[str]:
    """The text of each item, with the lines that go on with it. Blocks of code are left out."""
    item, fence = "", ""
    for line in lines:
        mark = _FENCE.match(line)
        if mark and (not fence or mark["mark"].startswith(fence)):
            fence = "" if fence else mark["mark"]
        if fence or mark:
            continue
        match = _ITEM.fullmatch(line)
        if match or not line.strip() or not line[0].isspace():
            yield item
            item = match["text"] if match else ""
        elif item:
            item = f"{item} {line.strip()}"
    yield item


def _first_link(item: str, named: dict[str, str]) -> str:
    item = item[:_LONGEST_ITEM]
    for place in re.finditer(r"[\[<h]", item, re.IGNORECASE):
        at = place.start()
        if item[at - 1 : at] in ("!", "\\"):
            continue
        if match := _INLINE.match(item, at):
            return _target(match)
        if match := _BARE.match(item, at):
            return _target(match).rstrip(".,;:!?)")
        if (match := _REFERENCE.match(item, at)) and (found := named.get(_label(match["label"] or match["text"]))):
            return found
    return ""


def _target(match: re.Match[str]) -> str:
    inside = match["inside"]
    return _ESCAPED.sub(r"\1", html.unescape((match["bare"] if inside is None else inside).strip()))


def _label(text: str) -> str:
    return " ".join(text.split()).casefold()
