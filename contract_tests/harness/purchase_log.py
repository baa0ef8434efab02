"""What a live run has bought, line by line on disk, so that Ctrl-C or a crash loses no task id."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

FILE = Path("live-ledger.jsonl")


class PurchaseLog:
    """A file of JSON lines, appended to. It never holds the key, a prompt or a reply's text.

    Each submission is one line `sending` before a byte leaves, and one line with its end: `accepted`, `refused`,
    `unknown` or `never sent`. A `sending` without an end is unknown as well: the run was killed between the two.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._stream: TextIO | None = None

    def write(self, event: str, **facts: Any) -> None:
        """Adds a line, which is with the operating system when this returns."""
        if self._stream is None:
            self._stream = self.file.open("a", encoding="utf-8")
        line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **facts}
        self._stream.write(json.dumps(line) + "\n")
        self._stream.flush()

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
