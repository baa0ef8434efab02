"""Laws: what holds for any drawn value, tried on the examples of the profile and on every find of earlier searches.

A find is the smallest example that broke a law. `nox -s fuzz` keeps it in `finds.json`, and from then on every run
tries it first, by the name of its law.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

FINDS = Path(__file__).with_name("finds.json")


def hold(name: str, law: Callable[[Any], None], values: st.SearchStrategy[Any]) -> None:
    """Tries a law on drawn values, and on what was found under this name. Raises what the law raises.

    With a profile that does not shrink, a broken law is left at once: what was sent once is not sent again.
    """
    attempt = _Attempt(law)
    test = given(value=values)(attempt.run)
    for value in finds().get(name, []):
        test = example(value=value)(test)
    try:
        test()
    except Exception:
        if settings.get_current_profile_name() == "fuzz" and attempt.failed:
            keep(name, attempt.failure)
        raise


def finds() -> dict[str, list[Any]]:
    """Every find so far, by the name of its law."""
    known: dict[str, list[Any]] = json.loads(FINDS.read_text("utf-8")) if FINDS.exists() else {}
    return known


def keep(name: str, value: Any) -> None:
    """Writes a find down, once."""
    known = finds()
    if value not in known.setdefault(name, []):
        known[name].append(value)
        FINDS.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def shrinks() -> bool:
    """Whether the current profile looks for a smaller example of a failure, by trying more."""
    return any(phase.name == "shrink" for phase in settings().phases)


class _Attempt:
    """Remembers the last value that broke the law, which after shrinking is the smallest."""

    def __init__(self, law: Callable[[Any], None]) -> None:
        self._law = law
        self.failed: BaseException | None = None
        self.failure: Any = None

    def run(self, value: Any) -> None:
        if self.failed is not None and not shrinks():
            raise self.failed
        try:
            self._law(value)
        except Exception as error:
            self.failed, self.failure = error, value
            raise
