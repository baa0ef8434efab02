"""`openapi/pages.yaml`: what was last got from the site, as digests. It holds no text of any page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from page2openapi.outputs import as_yaml, replace_text
from scripts.regenerate.yaml_lines import NotYaml, parse_yaml

_HEAD = """\
# The pages as they were when `python -m scripts.docs check` last found them changed; written by that command.
# `sha256` is the digest of the page's Markdown, `date` the day on which that digest was first seen, in UTC.
"""


class BadDigests(Exception):
    """Why the file of digests cannot be used."""


@dataclass(frozen=True)
class Digest:
    """A page's content at a date. `date` is YYYY-MM-DD."""

    url: str
    date: str
    sha256: str


def digest_of(content: bytes) -> str:
    """The digest as the file has it."""
    return hashlib.sha256(content).hexdigest()


def read_digests(path: Path) -> dict[str, Digest]:
    """The kept digests by URL; none when there is no file. Raises BadDigests."""
    try:
        rows: Any = parse_yaml(path.read_text("utf-8")).value or []
    except FileNotFoundError:
        return {}
    except (OSError, NotYaml, ValueError) as error:
        raise BadDigests(f"{path}: cannot be read: {str(error).splitlines()[0]}") from None
    try:
        return {row["url"]: Digest(**row) for row in rows}
    except (TypeError, KeyError):
        raise BadDigests(f"{path}: not a list of url, date and sha256; delete the file to begin anew") from None


def write_digests(path: Path, digests: Iterable[Digest]) -> None:
    """Writes the file, unless it says the same already. Raises OSError."""
    text = _HEAD + as_yaml([{"url": one.url, "date": one.date, "sha256": one.sha256} for one in digests])
    if not path.exists() or path.read_text("utf-8") != text:
        replace_text(path, text)
