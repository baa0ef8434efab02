"""The driver of synchronous downloads: carries out what the rules ask for, several files at a time in threads."""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from modellix._core.download import Batch, Destination, begin, chunk_of, whole
from modellix._core.download_effects import (
    DiscardFile,
    DownloadEffect,
    DownloadRules,
    Get,
    Head,
    NetworkFailure,
    Read,
    ReadTaskAgain,
)
from modellix._core.download_session import HEADERS, DownloadSession, Fresh, Manifest
from modellix._core.fetch import Picture
from modellix._http import httpx
from modellix._io.call import deadline_scope, new_call
from modellix._io.failures import download_failure
from modellix._io.files import Files
from modellix._io.proxies import environment_proxy
from modellix._io.public_network import CONNECT_SECONDS, open_transport
from modellix._io.sync_driver import drive
from modellix._io.transports import quiet_scope
from modellix.errors import ModellixError

T = TypeVar("T")
ReadAgain = Callable[[], Fresh]


def download(manifest: Manifest, destination: Destination, read_again: ReadAgain | None) -> list[Path]:
    """Every file of the result, in order. `read_again` reads the task again. Raises DownloadError."""
    session, lock = DownloadSession(manifest, environment_proxy), threading.Lock()
    batch = Batch(session, destination)
    connections = [DownloadConnection(session, read_again, lock) for _ in range(batch.slots)]
    connections[0].run(batch.prepare())
    if len(connections) == 1:
        _work(batch, connections[0])
    else:
        _work_in_threads(batch, connections)
    return connections[0].run(batch.finish())


def read(manifest: Manifest, index: int, read_again: ReadAgain | None) -> bytes:
    """One file, in memory. Raises DownloadError."""
    session = DownloadSession(manifest, environment_proxy)
    picture = Picture(session, session.check(index))
    with DownloadConnection(session, read_again, threading.Lock()) as connection:
        return connection.run(begin(picture, lambda: whole(picture)))


@contextlib.contextmanager
def open_stream(manifest: Manifest, index: int, read_again: ReadAgain | None) -> Generator[Iterator[bytes], None, None]:
    """The bytes of one file. Raises DownloadError, also while they are iterated."""
    session = DownloadSession(manifest, environment_proxy)
    picture = Picture(session, session.check(index))
    with DownloadConnection(session, read_again, threading.Lock()) as connection:
        connection.run(begin(picture, picture.start))
        yield iter(lambda: connection.run(chunk_of(picture)), b"")  # goes on failing once it has failed


def _work(batch: Batch, connection: DownloadConnection) -> None:
    with connection:
        connection.run(batch.work())


def _work_in_threads(batch: Batch, connections: list[DownloadConnection]) -> None:
    """However this ends, no thread is left behind."""
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(len(connections), "modellix-download")
    try:
        for future in [pool.submit(contextvars.copy_context().run, _work, batch, each) for each in connections]:
            future.result()
    except BaseException:
        batch.stop()
        for connection in connections:
            connection.abort()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class DownloadConnection:
    """Carries out the effects of one file after another, over connections of its own."""

    def __init__(self, session: DownloadSession, read_again: ReadAgain | None, lock: threading.Lock) -> None:
        self._session = session
        self._read_again = read_again
        self._lock = lock  # the same for all connections of a session
        self._files = Files()
        self._call = new_call()
        self._transports: dict[tuple[str, str | None], httpx.BaseTransport] = {}
        self._response: httpx.Response | None = None
        self._chunks: Iterator[bytes] | None = None

    def run(self, rules: DownloadRules[T]) -> T:
        """The rules' result, or the exception they end with."""
        try:
            with quiet_scope():
                return drive(rules, self._perform)
        finally:
            self._files.perform(DiscardFile())

    def _perform(self, effect: DownloadEffect) -> object:
        if isinstance(effect, Get | Read):
            return self._ask(effect)
        if isinstance(effect, ReadTaskAgain):
            return self._read_task_again()
        return self._files.perform(effect)

    def _ask(self, effect: Get | Read) -> Head | bytes:
        try:
            return self._get(effect) if isinstance(effect, Get) else self._read(effect)
        except Exception as error:
            if error is not self._call.foreign and (failure := download_failure(error)):
                raise NetworkFailure(failure) from None
            raise

    def _read_task_again(self) -> Fresh | ModellixError | None:
        with self._lock:
            if self._session.fresh is None and self._read_again is not None:
                try:
                    self._session.fresh = self._read_again()
                except ModellixError as error:
                    self._session.fresh = error
            return self._session.fresh

    def _get(self, effect: Get) -> Head:
        self._hang_up()
        request = httpx.Request(
            "GET", effect.url, headers=HEADERS, extensions={"timeout": {"connect": CONNECT_SECONDS}}
        )
        way = (effect.url.scheme, effect.proxy)
        if way not in self._transports:
            self._transports[way] = open_transport(*way, self._session.clock, self._session.url_policy)
        try:
            with self._by(effect.deadline):
                self._response = self._transports[way].handle_request(request)
        except BaseException:  # a handshake that failed within a proxy's tunnel would keep the only connection for good
            self._transports.pop(way).close()
            raise
        assert isinstance(self._response.stream, httpx.SyncByteStream)
        self._chunks = iter(self._response.stream)
        return Head(self._response.status_code, self._response.headers)

    def _read(self, effect: Read) -> bytes:
        if self._chunks is None:
            raise httpx.ReadError("the stream is closed")
        try:
            with self._by(effect.deadline):
                return next((chunk for chunk in self._chunks if chunk), b"")
        except BaseException:
            self._hang_up()  # what is asked for next must not look like the end of a whole file
            raise

    def _by(self, deadline: float) -> contextlib.AbstractContextManager[None]:
        self._call.deadline = deadline
        return deadline_scope(self._call)

    def _hang_up(self) -> None:
        response, self._response, self._chunks = self._response, None, None
        if response is not None:
            response.close()

    def abort(self) -> None:
        """End everything from another thread."""
        self._call.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with quiet_scope():
            self._hang_up()
            for transport in self._transports.values():
                transport.close()
