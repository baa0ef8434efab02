"""A stand-in that nobody can reach for a while: no connection is made, so nothing is bought and that is known."""

from __future__ import annotations

import socket
import threading
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from modellix import NeverSentError
from modellix.testing import StandIn
from tests.support.carried import CARRIERS, carried
from tests.support.clients import FACES, QUICK, Face, kind_of
from tests.support.timing import LONG, wait_until

TASK = "/api/v1/tasks/x"
EVERY_WAY = [(carrier, kind) for carrier in CARRIERS for kind in FACES]


def client() -> httpx.Client:
    return httpx.Client(trust_env=False, verify=False)


@pytest.mark.parametrize(("carrier", "kind"), EVERY_WAY)
def test_nothing_is_sent_while_it_lasts(carrier: str, kind: str) -> None:
    with carried(carrier, kind, timeout=LONG) as way:
        first = way.face.submit()  # a connection is kept
        with way.stand_in.refusing():
            end = way.face.attempt()
            assert isinstance(end, NeverSentError)
            assert isinstance(end.__cause__, httpx.ConnectError)
            assert end.attempts == 1 + QUICK.connects
        assert way.bought() == [first.id]
        assert len(way.stand_in.requests) == 1
        second = way.face.submit()
        assert way.bought() == [first.id, second.id]


@pytest.mark.parametrize(("carrier", "kind"), EVERY_WAY)
def test_a_wait_goes_on_afterwards(carrier: str, kind: str) -> None:
    with carried(carrier, kind) as way:
        task = way.face.submit()
        with way.stand_in.refusing():
            assert kind_of(_wait(way.face, task)) == "WaitTimeout"
        assert kind_of(way.face.wait(task)) == "TaskResult"
        assert way.bought() == [task.id]


def _wait(face: Face, task: Any) -> Any:
    try:
        return face.wait(task, timeout=0.3)
    except Exception as error:
        return error


def test_blocks_overlap(stand_in: StandIn) -> None:
    with stand_in.mock(pass_through=True), stand_in.serve() as url, client() as asking:

        def is_refused() -> list[bool]:
            found = []
            for origin in (url, "https://api.modellix.ai"):
                try:
                    asking.get(origin)
                    found.append(False)
                except httpx.ConnectError:
                    found.append(True)
            return found

        first, second = ExitStack(), ExitStack()
        first.enter_context(stand_in.refusing())
        second.enter_context(stand_in.refusing())
        first.close()
        assert is_refused() == [True, True]
        second.close()
        assert is_refused() == [False, False]


def test_the_port_is_kept(stand_in: StandIn) -> None:
    with stand_in.serve() as url, client() as asking:
        port = httpx.URL(url).port or 0
        for _ in range(3):
            with stand_in.refusing():
                with pytest.raises(OSError, match="in use"), socket.socket() as other:
                    other.bind(("127.0.0.1", port))
                with pytest.raises(httpx.ConnectError):
                    asking.get(url)
            assert asking.get(url).status_code == 404
    with pytest.raises(httpx.ConnectError), client() as asking:
        asking.get(url)


def test_a_server_that_starts_meanwhile_refuses_too(stand_in: StandIn) -> None:
    with ExitStack() as stack, client() as asking:
        with stand_in.refusing():
            url = stack.enter_context(stand_in.serve())
            with pytest.raises(httpx.ConnectError):
                asking.get(url)
        assert asking.get(url).status_code == 404


def test_a_server_may_end_meanwhile(stand_in: StandIn) -> None:
    with stand_in.serve() as url, stand_in.refusing():
        pass
    served = stand_in.serve()
    other = served.__enter__()
    with stand_in.refusing():
        served.__exit__(None, None, None)
    with client() as asking:
        for each in (url, other):
            with pytest.raises(httpx.ConnectError):
                asking.get(each)


def test_requests_under_way_are_answered(stand_in: StandIn) -> None:
    answers: list[httpx.Response] = []
    stand_in.delay_next(0.3)
    with stand_in.serve() as url, client() as asking:
        thread = threading.Thread(target=lambda: answers.append(asking.get(url + TASK)))
        thread.start()
        wait_until(lambda: stand_in.requests)
        with stand_in.refusing():
            thread.join(LONG)
            assert [each.status_code for each in answers] == [401]
            with pytest.raises(httpx.ConnectError):
                asking.get(url)


def test_a_hang_that_began_before_ends_with_the_server(stand_in: StandIn) -> None:
    ends: list[str] = []

    def ask(url: str) -> None:
        with httpx.Client(trust_env=False, verify=False, timeout=None) as asking:
            try:
                asking.get(url + TASK)
            except httpx.RemoteProtocolError as error:
                ends.append(type(error).__name__)

    stand_in.hang_next()
    with stand_in.serve() as url:
        thread = threading.Thread(target=ask, args=(url,))
        thread.start()
        wait_until(lambda: stand_in.requests)
        with stand_in.refusing():
            pass
        assert ends == []
    thread.join(LONG)
    assert ends == ["RemoteProtocolError"]
