"""What was fetched, in a folder that git ignores: a run that was interrupted goes on, and the next one costs little."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modellix._openapi import is_object

FOLDER = Path(__file__).parents[3] / ".docs-cache"


@dataclass(frozen=True)
class Kept:
    """A page as it was got from `url`, at a time in seconds since 1970. `final` is where redirects led."""

    url: str
    content: bytes
    content_type: str
    validators: Mapping[str, str]
    at: float
    final: str = ""


class Cache:
    """One file for each address, and one for what a run leaves to the next. A file that is damaged is no file."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder

    def get(self, address: str) -> Kept | None:
        """What is kept for an address."""
        try:
            head, _, content = self._file(address).read_bytes().partition(b"\n")
            facts = json.loads(head)
            if facts.pop("sha256") == hashlib.sha256(content).hexdigest():
                return Kept(content=content, **facts)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        return None

    def put(self, address: str, kept: Kept) -> None:
        """Keeps a page. Raises OSError."""
        facts: dict[str, Any] = {"url": kept.url, "content_type": kept.content_type, "at": kept.at}
        facts |= {"validators": dict(kept.validators), "final": kept.final}
        facts["sha256"] = hashlib.sha256(kept.content).hexdigest()
        self._write(self._file(address), json.dumps(facts).encode() + b"\n" + kept.content)

    @property
    def state(self) -> dict[str, Any]:
        """What the last run left."""
        try:
            state = json.loads((self._folder / "state.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return state if is_object(state) else {}

    def leave(self, **facts: Any) -> None:
        """Leaves facts to the next run, beside those that are there. Raises OSError."""
        self._write(self._folder / "state.json", json.dumps(self.state | facts).encode())

    def _file(self, address: str) -> Path:
        return self._folder / hashlib.sha256(address.encode()).hexdigest()[:40]

    def _write(self, path: Path, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
