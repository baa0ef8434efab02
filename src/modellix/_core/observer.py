"""What a client does, told to the `on_event` of its user. What that raises is logged: it must not cost a purchase."""

from __future__ import annotations

import contextlib
import inspect
import logging
import sys
from collections.abc import Generator
from typing import Any

from modellix._core.clock import Clock
from modellix._core.log_fields import fields
from modellix.errors import ConfigurationError, DownloadError, shorten
from modellix.events import Event, Kind, OnEvent

log = logging.getLogger("modellix")


def require_on_event(on_event: Any) -> OnEvent | None:
    """Raises ConfigurationError for what cannot be called, and for a coroutine function, which nobody would await."""
    if on_event is None:
        return None
    if not callable(on_event):
        raise ConfigurationError(f"on_event must be a function of an Event, not {shorten(on_event)}")
    if any(map(inspect.iscoroutinefunction, (on_event, getattr(on_event, "__call__", None)))):  # noqa: B004
        raise ConfigurationError(
            "on_event must be a plain function: nobody awaits it; it may start a task or fill a queue"
        )
    told: OnEvent = on_event
    return told


class Observer:
    """Of one client. Without an `on_event` it does nothing."""

    def __init__(self, on_event: OnEvent | None = None, clock: Clock | None = None) -> None:
        self._on_event = on_event
        self._clock = Clock() if clock is None else clock

    def tell(self, kind: Kind, **what: Any) -> None:
        """The fields are those of an Event."""
        if self._on_event is None:
            return
        handled = sys.exception()
        try:
            self._on_event(Event(kind, **what))
        except Exception as error:
            _forget(error, handled)
            told = fields(task_id=what.get("task_id"), reference=what.get("reference"))
            log.error("on_event raised %s when told of %r", type(error).__name__, kind, exc_info=error, extra=told)

    @contextlib.contextmanager
    def download(self, **what: Any) -> Generator[None]:
        """Around a download."""
        began, outcome = self._clock.now(), "whole"
        try:
            yield
        except DownloadError:
            outcome = "failed"
            raise
        except BaseException:
            outcome = ""
            raise
        finally:
            if outcome:
                self.tell("downloaded", outcome=outcome, seconds=self._clock.now() - began, **what)


def _forget(error: BaseException, handled: BaseException | None) -> None:
    """Not what was handled when it was raised: that may quote the key. Exceptions may stand in a circle."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        if each.__context__ is handled:
            each.__context__ = None
        waiting += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]
