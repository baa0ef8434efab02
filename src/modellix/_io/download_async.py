"""The driver of asynchronous downloads: carries out what the rules ask for, several files at a time in tasks."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
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
from modellix._io.async_driver import drive
from modellix._io.failures import download_failure
from modellix._io.files import Files
from modellix._io.loops import in_thread, running_loop
from modellix._io.proxies import environment_proxy
from modellix._io.public_network import CONNECT_SECONDS, open_async_transport
from modellix._io.transports import quiet_scope
from modellix.errors import ConfigurationError, ModellixError

T = TypeVar("T")
ReadAgain = Callable[[], Awaitable[Fresh]]


async def download(manifest: Manifest, destination: Destination, read_again: ReadAgain | None) -> list[Path]:
    """Every file of the result, in order. `read_again` reads the task again. Raises DownloadError."""
    running_loop()
    session, lock = DownloadSession(manifest, environment_proxy), asyncio.Lock()
    batch = Batch(session, destination)
    connections = [DownloadConnection(session, read_again, lock) for _ in range(batch.slots)]
    await connections[0].run(batch.prepare())
    workers = [asyncio.create_task(_work(batch, connection)) for connection in connections]
    try:
        await asyncio.gather(*workers)
    finally:
        batch.stop()
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
    return await connections[0].run(batch.finish())


async def read(manifest: Manifest, index: int, read_again: ReadAgain | None) -> bytes:
    """One file, in memory. Raises DownloadError."""
    running_loop()
    session = DownloadSession(manifest, environment_proxy)
    picture = Picture(session, session.check(index))
    async with DownloadConnection(session, read_again, asyncio.Lock()) as connection:
        return await connection.run(begin(picture, lambda: whole(picture)))


@contextlib.asynccontextmanager
async def open_stream(
    manifest: Manifest, index: int, read_again: ReadAgain | None
) -> AsyncGenerator[AsyncIterator[bytes], None]:
    """The bytes of one file. Raises DownloadError, also while they are iterated."""
    running_loop()
    session = DownloadSession(manifest, environment_proxy)
    picture = Picture(session, session.check(index))
    async with DownloadConnection(session, read_again, asyncio.Lock()) as connection:
        await connection.run(begin(picture, picture.start))
        yield _Chunks(picture, connection)


async def _work(batch: Batch, connection: DownloadConnection) -> None:
    async with connection:
        await connection.run(batch.work())


class DownloadConnection:
    """Carries out the effects of one file after another, over connections of its own."""

    def __init__(self, session: DownloadSession, read_again: ReadAgain | None, lock: asyncio.Lock) -> None:
        self._session = session
        self._read_again = read_again
        self._lock = lock  # the same for all connections of a session
        self._files = Files()
        self._transports: dict[tuple[str, str | None], httpx.AsyncBaseTransport] = {}
        self._is_connected = False
        self._response: httpx.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None

    async def run(self, rules: DownloadRules[T]) -> T:
        """The rules' result, or the exception they end with."""
        try:
            with quiet_scope():
                return await drive(rules, self._perform)
        except BaseException:
            await self._discard()
            raise

    async def _discard(self) -> None:
        try:
            await in_thread(functools.partial(self._files.perform, DiscardFile()))
        except (ConfigurationError, RuntimeError):  # there is no event loop any more to wait in
            self._files.close()

    async def _perform(self, effect: DownloadEffect) -> object:
        if isinstance(effect, Get | Read):
            return await self._ask(effect)
        if isinstance(effect, ReadTaskAgain):
            return await self._read_task_again()
        return await in_thread(functools.partial(self._files.perform, effect))

    async def _ask(self, effect: Get | Read) -> Head | bytes:
        self._is_connected = isinstance(effect, Read)
        try:
            async with asyncio.timeout(effect.deadline - self._session.clock.now()):
                return await (self._get(effect) if isinstance(effect, Get) else self._read())
        except TimeoutError as error:
            late = httpx.ReadTimeout if self._is_connected else httpx.ConnectTimeout
            raise NetworkFailure(late("too slow")) from error
        except Exception as error:
            if failure := download_failure(error):
                raise NetworkFailure(failure) from None
            raise

    async def _read_task_again(self) -> Fresh | ModellixError | None:
        async with self._lock:
            if self._session.fresh is None and self._read_again is not None:
                try:
                    self._session.fresh = await self._read_again()
                except ModellixError as error:
                    self._session.fresh = error
            return self._session.fresh

    async def _get(self, effect: Get) -> Head:
        await self._hang_up()
        extensions = {"timeout": {"connect": CONNECT_SECONDS}, "trace": self._trace}
        request = httpx.Request("GET", effect.url, headers=HEADERS, extensions=extensions)
        way = (effect.url.scheme, effect.proxy)
        if way not in self._transports:
            opening = functools.partial(open_async_transport, *way, self._session.url_policy)
            self._transports[way] = await in_thread(opening)  # it reads certificates
        try:
            self._response = await self._transports[way].handle_async_request(request)
        except BaseException:  # a handshake that failed within a proxy's tunnel would keep the only connection for good
            await self._transports.pop(way).aclose()
            raise
        assert isinstance(self._response.stream, httpx.AsyncByteStream)
        self._chunks = aiter(self._response.stream)
        return Head(self._response.status_code, self._response.headers)

    async def _trace(self, event: str, info: object) -> None:
        self._is_connected |= event == "http11.send_request_headers.started"

    async def _read(self) -> bytes:
        if self._chunks is None:
            raise httpx.ReadError("the stream is closed")
        try:
            while not (chunk := await anext(self._chunks, None)) and chunk is not None:
                pass
            return chunk or b""
        except BaseException:
            await self._hang_up()  # what is asked for next must not look like the end of a whole file
            raise

    async def _hang_up(self) -> None:
        response, chunks, self._response, self._chunks = self._response, self._chunks, None, None
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()
        if response is not None:
            await response.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with quiet_scope():
            await self._hang_up()
            for transport in self._transports.values():
                await transport.aclose()


class _Chunks(AsyncIterator[bytes]):
    """The bytes of one picture, as they arrive."""

    def __init__(self, picture: Picture, connection: DownloadConnection) -> None:
        self._picture = picture
        self._connection = connection

    async def __anext__(self) -> bytes:
        chunk = await self._connection.run(chunk_of(self._picture))
        if not chunk:
            raise StopAsyncIteration
        return chunk
