"""Patterns of pages as they are written: so that all engines read them alike, or not at all."""

from __future__ import annotations

import copy

from modellix._openapi import Found, Object, all_inside, is_object
from page2openapi.drift import Difference
from scripts.regenerate.patterns import UnsafePattern, portable, python_pattern


def why_not_written(pattern: str) -> str | None:
    """Why a pattern is left for a hand, None for one that can be written."""
    try:
        python_pattern(portable(pattern))
    except UnsafePattern as error:
        return f"{error}; write one that all read alike"
    return None


def with_written_patterns(schema: Object) -> Object:
    """The schema with its patterns, and those further inside, as they are written; without those left for a hand."""
    written = copy.deepcopy(schema)
    for inner in list(all_inside(Found("", written))):
        pattern = inner.value.get("pattern") if is_object(inner.value) else None
        if isinstance(pattern, str) and why_not_written(pattern):
            del inner.value["pattern"]
        elif isinstance(pattern, str):
            inner.value["pattern"] = portable(pattern)
    return written


def reason_left(difference: Difference) -> str:
    """Why what was written as a whole does not say this."""
    unsafe = (
        why_not_written(difference.new) if difference.kind == "pattern" and isinstance(difference.new, str) else None
    )
    return unsafe or "no command writes this safely"
