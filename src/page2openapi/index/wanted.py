"""`openapi/not-wanted.txt`: the pages of models that were seen and are not wanted, one address a line, sorted."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from page2openapi.index.addresses import address_of
from page2openapi.outputs import replace_text
from page2openapi.site import read_url

_HEAD = """\
# Pages of models that were seen and are not wanted here, one address a line, sorted.
# `nox -s docs -- index --accept` adds those that are new; `apply --new PATTERN` takes out those that it adds.
"""


def read_not_wanted(path: Path) -> set[str]:
    """The addresses of the list; none when there is no file. Raises OSError or UnicodeDecodeError."""
    return {_address(line) for line in _lines(path) if _address(line)}


def add_not_wanted(path: Path, addresses: Iterable[str]) -> None:
    """Adds addresses. Each stands once and in order; comments stay above the address that they stood above."""
    _write(path, (_lines(path) or _HEAD.splitlines()) + sorted(set(addresses) - read_not_wanted(path)))


def take_out(path: Path, addresses: Iterable[str]) -> None:
    """Takes addresses out of the list, if they are there."""
    gone, lines = set(addresses), _lines(path)
    left = [line for line in lines if _address(line) not in gone]
    if left != lines:
        _write(path, left)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8-sig").splitlines()
    except FileNotFoundError:
        return []


def _address(line: str) -> str:
    text = line.partition(" #")[0].strip()
    if not text or text.startswith("#"):
        return ""
    url = read_url(text)
    return address_of(url) if url else text


def _write(path: Path, lines: list[str]) -> None:
    """Sorts the addresses, each with the comments right above it; what stands above the first of all stays on top."""
    head = next((at for at, line in enumerate(lines) if _address(line)), len(lines))
    groups, group = dict[str, list[str]](), list[str]()
    for line in lines[head:]:
        group.append(line)
        if address := _address(line):
            groups.setdefault(address, group)
            group = []
    body = [line for address in sorted(groups) for line in groups[address]]
    text = "".join(f"{line}\n" for line in [*lines[:head], *body, *group])
    if not path.exists() or path.read_text("utf-8") != text:
        replace_text(path, text)
