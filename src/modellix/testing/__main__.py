"""`python -m modellix.testing`: the stand-in as a server, until Ctrl-C or SIGTERM."""

import argparse
import signal
import socket
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from types import FrameType

from modellix.testing.control import controlled
from modellix.testing.core import StandIn


def main(arguments: list[str] | None = None) -> int:
    """Exit 0 after a signal, 1 when the port cannot be had, 2 for an option that makes no sense."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        stand_in = StandIn(api_key=options.api_key, reads=options.reads, rate=options.rate)
    except ValueError as error:
        parser.error(str(error))
    with ExitStack() as stack:
        signals = stack.enter_context(_signals_to_stop())
        try:
            origin = stack.enter_context(stand_in.serve(options.port))
        except OSError as error:
            print(f"cannot listen on port {options.port}: {error.strerror}", file=sys.stderr)
            return 1
        print(f"listening on {origin}", flush=True)
        if options.control:
            print(f"control at {stack.enter_context(controlled(stand_in))}", flush=True)
        signals.recv(1)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m modellix.testing", description="Serves the stand-in API on loopback.")
    parser.add_argument("--port", type=port_number, default=0, help="0, the default, takes a free one")
    parser.add_argument("--api-key", default="test-key", help="the only key accepted (default: %(default)s)")
    parser.add_argument("--reads", type=int, default=3, help="the read that finds a task done (default: %(default)s)")
    parser.add_argument("--rate", type=int, help="the most requests within a second; beyond it comes 429")
    control_help = "print a second URL, with a random token, to script the stand-in and to count what it got"
    parser.add_argument("--control", action="store_true", help=control_help)
    return parser


def port_number(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError(text)
    return port


def _ignore(number: int, frame: FrameType | None) -> None:
    """A handler of Python's is what makes a signal write its byte."""


@contextmanager
def _signals_to_stop() -> Generator[socket.socket, None, None]:
    """Brings a byte for each. A sleep would miss a signal that comes just before it, or that another thread gets."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    with reader, writer:
        signal.set_wakeup_fd(writer.fileno())
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _ignore)
        try:
            yield reader
        finally:
            signal.set_wakeup_fd(-1)


if __name__ == "__main__":
    sys.exit(main())
