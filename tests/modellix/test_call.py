"""What the network layer knows of a call: its time, and how it is ended from another thread."""

from __future__ import annotations

import socket

import pytest

from modellix._core.effects import AttemptTrace
from modellix._io.call import Call, current_call, deadline_scope


def test_a_free_call_has_the_time_to_its_deadline() -> None:
    assert Call(deadline=10.0, leaves_by=5.0).left(4.0) == 6.0


def test_a_paid_request_has_half_of_its_time_until_it_leaves_and_then_all() -> None:
    trace = AttemptTrace()
    call = Call(deadline=10.0, leaves_by=5.0, trace=trace)
    assert call.left(4.0) == 1.0
    trace.sent = True
    assert call.left(4.0) == 6.0


@pytest.mark.parametrize(("now", "left"), [(0.0, 2.0), (4.0, 1.0), (5.0, 0.0)])
def test_one_step_of_connecting_has_its_own_limit(now: float, left: float) -> None:
    assert Call(deadline=10.0, leaves_by=5.0, longest_connect=2.0, trace=AttemptTrace()).left(now) == left


def test_the_first_exception_is_held_once_a_paid_request_has_left() -> None:
    trace = AttemptTrace()
    call = Call(trace=trace)
    first, second = KeyboardInterrupt(), KeyboardInterrupt()
    assert not call.hold(first)
    trace.sent = True
    assert call.hold(first)
    assert not call.hold(second)
    assert trace.held is first


def test_a_free_call_holds_no_exception() -> None:
    assert not Call().hold(KeyboardInterrupt())


def test_a_call_that_is_aborted_ends_what_blocks_on_its_connection() -> None:
    near, far = socket.socketpair()
    with near, far:
        call = Call(deadline=100.0)
        call.use(near)
        call.abort()
        assert near.recv(1) == b""
        assert call.left(0.0) == 0.0


def test_a_connection_that_was_let_go_is_not_ended() -> None:
    near, far = socket.socketpair()
    with near, far:
        call = Call()
        call.use(near)
        call.let_go()
        call.abort()
        far.sendall(b"x")
        assert near.recv(1) == b"x"


def test_the_innermost_call_counts_and_leaves_with_its_block() -> None:
    outer, inner = Call(), Call()
    with deadline_scope(outer):
        with deadline_scope(inner):
            assert current_call() is inner
        assert current_call() is outer
    assert current_call() is None
