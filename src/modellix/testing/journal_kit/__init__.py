"""The kit that any journal must pass: each sentence that `Journal` promises, checked on a journal of yours."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from modellix.errors import shorten
from modellix.testing.journal_kit import beginning, ending, leasing, listing, settling, values
from modellix.testing.journal_kit.calls import Hung, Opener, in_threads
from modellix.testing.journal_kit.corner import PROMISES, Corner, told

__all__ = ["check_journal"]

SUBJECTS = (beginning, values, ending, listing, settling, leasing)
"""Their checks are in PROMISES, in this order."""


def check_journal(factory: Callable[[], Any], *, limited: Callable[[int], Any] | None = None) -> None:
    """Raises AssertionError with every promise of `Journal` that yours breaks, and with what was seen.

    `factory()` opens a journal, sync or async, and may be a coroutine function. Each call opens one of the same store:
    what one of them records the others read, as if they were of two processes. Nobody else may use the store meanwhile.
    The kit leaves some hundred entries in it, and can check the same store again.
    `limited(most)` opens one of the same store that allows that many submissions over all that the store ever held.
    Without it the limit is not checked. Nor are the ten minutes for which a fresh task is its submitter's: that would
    take ten minutes. All else takes seconds, and two minutes for a journal that hangs.
    """
    opener = Opener()
    try:
        broken = _broken(opener, factory, limited)
    finally:
        opener.close()
    if broken:
        lines = "".join(f"\n- {sentence}\n  {seen}" for sentence, seen in broken)
        raise AssertionError(f"{len(broken)} of {len(PROMISES)} promises of a journal are broken:{lines}")


def _broken(opener: Opener, factory: Callable[[], Any], limited: Callable[[int], Any] | None) -> list[tuple[str, str]]:
    """The sentences that are broken, and what was seen."""
    one, two = opener.open(factory), opener.open(factory)
    corner = Corner(one, two, None if limited is None else lambda most: opener.open(partial(limited, most)))
    broken = list[tuple[str, str]]()
    for sentence, check in PROMISES:
        error = _error(partial(check, corner)) or _error(corner.tidy)
        if isinstance(error, Hung):  # what it holds may keep all else from an answer
            return [*broken, (sentence, f"{error}; nothing after it was checked")]
        if error is not None:
            broken.append((sentence, shorten(told(error), 600)))
    corner.close()
    return broken


def _error(call: Callable[[], None]) -> Exception | None:
    """What the call raised. It runs in a thread, as a journal may hang."""
    try:
        return cast("Exception | None", in_threads([call])[0])
    except Hung as error:
        return error
