"""Whether the stand-in can be reached: in process, and on the ports where it is served."""

from collections.abc import Generator
from contextlib import contextmanager
from threading import RLock

from modellix._fork import PerProcess
from modellix.testing.replies import Handle
from modellix.testing.server import Listener


class Doors:
    """Open until somebody shuts them, and again when the last one who did has left. Safe in several threads."""

    def __init__(self) -> None:
        self._lock = PerProcess(RLock)
        self._listeners = PerProcess(list[Listener])  # a parent's are not a child's to close
        self._shut = 0  # by so many

    @property
    def are_shut(self) -> bool:
        """Is nobody listening now?"""
        return self._shut > 0

    @contextmanager
    def shut(self) -> Generator[None, None, None]:
        """Nobody listens while the block lasts."""
        self._change(+1)
        try:
            yield
        finally:
            self._change(-1)

    @contextmanager
    def serve(self, handle: Handle, port: int) -> Generator[str, None, None]:
        """Serves on loopback while the block lasts and gives the URL. OSError when the port is taken."""
        with Listener(handle, port) as listener:
            with self._lock():
                self._listeners().append(listener)
                if self.are_shut:
                    listener.pause()
            try:
                yield listener.url
            finally:
                with self._lock():
                    self._listeners().remove(listener)

    def _change(self, by: int) -> None:
        with self._lock():
            was_shut, self._shut = self.are_shut, self._shut + by
            if was_shut == self.are_shut:
                return
            for listener in self._listeners():
                if self.are_shut:
                    listener.pause()
                else:
                    listener.resume()
