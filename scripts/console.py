"""What all commands do before anything else: print to every terminal and pipe, and name a package that is missing."""

from __future__ import annotations

import io
import sys
from collections.abc import Generator
from contextlib import contextmanager


def take_any_output() -> None:
    """Print what cannot be shown as an escape, instead of failing: Windows writes pipes and files in cp1252."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@contextmanager
def imports_for(session: str) -> Generator[None, None, None]:
    """Around the imports of a command: without its packages it says how to have them, and exits 2."""
    try:
        yield
    except ModuleNotFoundError as error:
        print(f"the package {error.name} is not installed: run `nox -s {session}`, which installs it", file=sys.stderr)
        sys.exit(2)
