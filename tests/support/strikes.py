"""Exceptions raised at a chosen line, as a signal handler can raise them at any."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

Strike = tuple[Callable[..., Any], str, int]  # a function, a text in the line of it that is struck, and at which visit


@contextmanager
def striking(error: BaseException, strike: Strike) -> Iterator[list[int]]:
    """Within the block, in this thread, `error` is raised before that line is run; the list then has an item for each
    visit.
    """
    function, text, visit = strike
    lines, first = inspect.getsourcelines(function)
    wanted = {first + number for number, line in enumerate(lines) if text in line}
    assert wanted, text
    code, visits, before = inspect.unwrap(function).__code__, list[int](), sys.gettrace()

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code is not code:
            return None
        if event == "line" and frame.f_lineno in wanted:
            visits.append(frame.f_lineno)
            if len(visits) == visit:
                sys.settrace(None)
                raise error
        return trace

    sys.settrace(trace)
    try:
        yield visits
    finally:
        sys.settrace(before)
