"""What commands print reaches every terminal and every pipe."""

from __future__ import annotations

import io
import sys


def take_any_output() -> None:
    """Print what cannot be shown as an escape, instead of failing: Windows writes pipes and files in cp1252."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
