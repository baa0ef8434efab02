"""Which files of a folder stand under which reference: it is listed once, before the first row. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from modellix._core.download import stem_of
from modellix._core.image_format import KINDS
from modellix.errors import ConfigurationError, shorten

_SUFFIXES = "|".join(re.escape(kind.suffix) for kind in KINDS)
_PICTURE = re.compile(rf"(.+-)([0-9]+)(?:{_SUFFIXES})", re.IGNORECASE | re.DOTALL)


class Folder:
    """Empty until `take`. Names are compared without regard to case, as some file systems do."""

    def __init__(self, path: Any) -> None:
        try:
            self.path = Path(path)
        except TypeError:
            raise ConfigurationError(f"folder must be a path, not {shorten(path)}") from None
        self._names: dict[str, dict[int, tuple[str, bool]]] = {}

    def take(self, names: Iterable[tuple[str, bool]]) -> None:
        """The names in the folder, each with whether it is a file that holds something."""
        for name, is_whole in names:
            if found := _PICTURE.fullmatch(name):
                self._names.setdefault(found[1].lower(), {})[int(found[2])] = name, is_whole

    def any(self, reference: str) -> Path | None:
        """Something that has a name which the reference's files would get."""
        files = self._files(reference)
        return self.path / files[min(files)][0] if files else None

    def whole(self, reference: str) -> list[Path]:
        """The reference's files in order; none when there is a gap."""
        files = self._files(reference)
        rows = [files[number] for number in range(len(files)) if number in files]
        is_all = len(rows) == len(files) and all(is_whole for _, is_whole in rows)
        return [self.path / name for name, _ in rows] if is_all else []

    def _files(self, reference: str) -> dict[int, tuple[str, bool]]:
        return self._names.get(stem_of(reference, 0)[:-1], {})
