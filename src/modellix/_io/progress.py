"""A bar for people at a terminal, drawn by rich (extra `[progress]`); elsewhere nothing at all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from modellix.errors import ConfigurationError

Show = Callable[[tuple[int, int, int]], None]  # tasks in all, ended, failed


def _is_terminal() -> bool:
    stream: Any = sys.stderr  # None in a process without one
    return stream is not None and bool(stream.isatty())


@contextmanager
def progress_bar(is_wanted: bool) -> Generator[Show, None, None]:
    """What to call with the counts whenever they change. Raises ConfigurationError at a terminal without rich."""
    if not is_wanted or not _is_terminal():
        yield lambda counts: None
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    except ImportError:
        raise ConfigurationError("progress=True needs rich: pip install 'modellix-client[progress]'") from None
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        bar = progress.add_task("waiting", total=None)

        def show(counts: tuple[int, int, int]) -> None:
            total, ended, failed = counts
            description = f"waiting, {failed} failed" if failed else "waiting"
            progress.update(bar, total=total, completed=ended, description=description)

        yield show
