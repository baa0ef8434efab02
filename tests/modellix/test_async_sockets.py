"""Sockets of asyncio under httpcore. On real sockets, without time: each wait ends by what the other side does."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpcore
import pytest
import trustme

from modellix._io.async_sockets import AsyncBackend

HOST = "127.0.0.1"


@asynccontextmanager
async def connected(check: Callable[[str, int], None] | None = None) -> AsyncGenerator[tuple[Any, socket.socket]]:
    """A stream, and the other end of it."""
    loop = asyncio.get_running_loop()
    with socket.create_server((HOST, 0)) as server:
        server.setblocking(False)
        stream = await AsyncBackend(check).connect_tcp(HOST, server.getsockname()[1])
        peer, _ = await loop.sock_accept(server)
    peer.setblocking(False)
    with peer:
        yield stream, peer
        await stream.aclose()
        await asyncio.sleep(0)


def run(use: Callable[[Any, socket.socket], Awaitable[None]]) -> None:
    async def main() -> None:
        async with connected() as (stream, peer):
            await use(stream, peer)

    asyncio.run(main())


async def send(peer: socket.socket, data: bytes) -> None:
    await asyncio.get_running_loop().sock_sendall(peer, data)


async def look_around(times: int = 3) -> None:
    """Let the event loop see what has come."""
    for _ in range(times):
        await asyncio.sleep(0)


def test_what_comes_is_read_in_order_and_then_the_end() -> None:
    async def use(stream: Any, peer: socket.socket) -> None:
        await send(peer, b"one")
        assert await stream.read(100) == b"one"
        await send(peer, b"two")
        peer.shutdown(socket.SHUT_WR)
        assert await stream.read(100) == b"two"
        assert await stream.read(100) == b""

    run(use)


def test_much_is_read_whole_and_the_peer_waits_meanwhile() -> None:
    """More than is kept, so reading is paused and goes on."""
    size = 32 * 1024 * 1024

    async def use(stream: Any, peer: socket.socket) -> None:
        sending = asyncio.create_task(send(peer, bytes(size)))
        await look_around(1000)  # without a pause all would come
        assert not sending.done()
        seen = 0
        while seen < size:
            seen += len(await stream.read(1))
        await sending

    run(use)


def test_much_is_written_whole_by_somebody_who_waits_for_the_peer() -> None:
    size = 32 * 1024 * 1024

    async def use(stream: Any, peer: socket.socket) -> None:
        writing = asyncio.create_task(stream.write(bytes(size)))
        loop, seen = asyncio.get_running_loop(), len(await asyncio.get_running_loop().sock_recv(peer, 1))
        assert not writing.done()
        while seen < size:
            seen += len(await loop.sock_recv(peer, 1024 * 1024))
        await writing

    run(use)


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    peer.close()


def test_a_reset_is_an_error_of_the_reader_and_of_the_writer() -> None:
    async def use(stream: Any, peer: socket.socket) -> None:
        reset(peer)
        with pytest.raises(httpcore.ReadError):
            await stream.read(100)
        with pytest.raises(httpcore.WriteError):
            await stream.write(b"lost")

    run(use)


def test_a_writer_who_waits_for_the_peer_learns_of_a_reset() -> None:
    async def use(stream: Any, peer: socket.socket) -> None:
        writing = asyncio.create_task(stream.write(bytes(32 * 1024 * 1024)))
        await asyncio.get_running_loop().sock_recv(peer, 1)
        reset(peer)
        with pytest.raises(httpcore.WriteError):
            await writing

    run(use)


def test_a_closed_stream_takes_nothing() -> None:
    async def use(stream: Any, peer: socket.socket) -> None:
        await stream.aclose()
        with pytest.raises(httpcore.WriteError):
            await stream.write(b"lost")

    run(use)


def test_after_the_peer_has_said_all_something_can_still_be_written() -> None:
    async def use(stream: Any, peer: socket.socket) -> None:
        peer.shutdown(socket.SHUT_WR)
        assert await stream.read(1) == b""
        await stream.write(b"heard")
        assert await asyncio.get_running_loop().sock_recv(peer, 100) == b"heard"

    run(use)


@pytest.mark.parametrize("has_looked", [False, True], ids=["at once", "after the event loop has looked"])
@pytest.mark.parametrize("what", ["bytes", "end", "reset"])
def test_an_idle_connection_tells_that_something_has_come(what: str, has_looked: bool) -> None:
    """By it httpcore knows that a paid request must not be trusted to this connection."""

    async def use(stream: Any, peer: socket.socket) -> None:
        assert not stream.get_extra_info("is_readable")
        if what == "bytes":
            peer.send(b"unasked")
        elif what == "end":
            peer.shutdown(socket.SHUT_WR)
        else:
            reset(peer)
        if has_looked:
            await look_around()
        assert stream.get_extra_info("is_readable")

    run(use)


def test_a_cancelled_reader_leaves_what_comes_for_the_next_one() -> None:
    async def use(stream: Any, peer: socket.socket) -> None:
        reading = asyncio.create_task(stream.read(100))
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])
        await send(peer, b"kept")
        assert await stream.read(100) == b"kept"

    run(use)


def test_a_name_without_an_address_and_a_port_that_nobody_listens_on_are_connect_errors() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
    for host in (HOST, "localhost", "x" * 70 + ".test"):
        with pytest.raises(httpcore.ConnectError):
            asyncio.run(AsyncBackend().connect_tcp(host, port))


class PlainLoop(asyncio.SelectorEventLoop):
    """Knows no races of connections, as uvloop does not, which many servers run on."""

    async def create_connection(  # type: ignore[override]
        self, factory: Any, host: str, port: int, *, local_addr: Any = None
    ) -> Any:
        return await super().create_connection(factory, host, port, local_addr=local_addr)


@pytest.mark.parametrize("loop", [asyncio.SelectorEventLoop, PlainLoop])
@pytest.mark.parametrize("host", [HOST, "localhost"])
def test_any_event_loop_connects_to_addresses_and_to_names(loop: type[asyncio.AbstractEventLoop], host: str) -> None:
    async def connect(port: int) -> None:
        await (await AsyncBackend().connect_tcp(host, port)).aclose()

    with socket.create_server((HOST, 0)) as server, asyncio.Runner(loop_factory=loop) as runner:
        runner.run(connect(server.getsockname()[1]))


def test_an_address_that_does_not_answer_is_left_in_time_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object) -> None:
        await asyncio.get_running_loop().create_future()

    monkeypatch.setattr("modellix._io.async_sockets._connect", never)
    with pytest.raises(httpcore.ConnectTimeout):
        asyncio.run(AsyncBackend().connect_tcp(HOST, 1, timeout=0.01))


def test_a_handshake_that_is_not_answered_ends_in_time() -> None:
    async def use(stream: Any, peer: socket.socket) -> None:
        with pytest.raises(httpcore.ConnectTimeout):
            await stream.start_tls(ssl.create_default_context(), "localhost", timeout=0.01)

    run(use)


def test_an_address_that_the_check_refuses_is_not_asked() -> None:
    class Refused(Exception):
        pass

    def check(address: str, port: int) -> None:
        raise Refused

    async def main() -> None:
        async with connected(check):
            pass

    with pytest.raises(Refused):
        asyncio.run(main())


async def secured(stream: Any, authority: trustme.CA) -> Any:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return await stream.start_tls(context, "localhost")


def test_tls_says_what_it_agreed_on_and_carries_both_ways() -> None:
    authority = trustme.CA()
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(ours)

    async def use(stream: Any, peer: socket.socket) -> None:
        accepting = asyncio.create_task(serve_tls(peer, ours))
        inner = await secured(stream, authority)
        reader, writer = await accepting
        assert inner.get_extra_info("ssl_object").version().startswith("TLS")
        await inner.write(b"there")
        assert await reader.read(100) == b"there"
        writer.write(b"and back")
        assert await inner.read(100) == b"and back"
        writer.close()
        assert await inner.read(100) == b""
        await inner.aclose()

    run(use)


async def serve_tls(peer: socket.socket, context: ssl.SSLContext) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_accepted_socket(lambda: protocol, peer.dup(), ssl=context)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


@pytest.mark.parametrize("said", [b"hello", b""], ids=["no TLS", "gone"])
def test_a_handshake_with_somebody_who_knows_no_tls_is_a_connect_error(said: bytes) -> None:
    async def use(stream: Any, peer: socket.socket) -> None:
        async def answer() -> None:
            await asyncio.get_running_loop().sock_recv(peer, 100)
            await send(peer, said)
            peer.shutdown(socket.SHUT_WR)

        answering = asyncio.create_task(answer())
        with pytest.raises(httpcore.ConnectError):
            await secured(stream, trustme.CA())
        await answering

    run(use)


def test_no_handshake_begins_after_the_peer_has_said_something() -> None:
    async def use(stream: Any, peer: socket.socket) -> None:
        await send(peer, b"too early")
        await look_around()
        with pytest.raises(httpcore.ConnectError):
            await secured(stream, trustme.CA())

    run(use)
