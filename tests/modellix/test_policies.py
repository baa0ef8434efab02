"""A pause that the service asks for replaces ours, in every form in which it can be asked for."""

from __future__ import annotations

import datetime

import httpx
import pytest

from modellix import RetryPolicy
from modellix.policies import asked_pause
from scripts.mutants.kills import always, kills, swap
from tests.modellix.conftest import OpenSide
from tests.support.clients import end_of, kind_of
from tests.support.marks import VIRTUAL
from tests.support.virtual_service import refuses

pytestmark = VIRTUAL

NOW = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)
EPOCH = int(NOW.timestamp())

HEADERS: dict[str, tuple[dict[str, str], float | None]] = {
    "seconds": ({"Retry-After": "7"}, 7.0),
    "a fraction": ({"Retry-After": "0.25"}, 0.25),
    "no time at all": ({"Retry-After": "0"}, 0.0),
    "white space around it": ({"Retry-After": " 7 "}, 7.0),
    "less than nothing": ({"Retry-After": "-5"}, 0.0),
    "an HTTP date": ({"Retry-After": "Thu, 01 Jan 2026 12:00:30 GMT"}, 30.0),
    "an HTTP date of old": ({"Retry-After": "Thursday, 01-Jan-26 12:00:30 GMT"}, 30.0),
    "a date as C writes it": ({"Retry-After": "Thu Jan  1 12:00:30 2026"}, 30.0),
    "a date elsewhere": ({"Retry-After": "Thu, 01 Jan 2026 14:00:30 +0200"}, 30.0),
    "a date gone by": ({"Retry-After": "Thu, 01 Jan 2026 11:00:00 GMT"}, 0.0),
    "words": ({"Retry-After": "soon"}, None),
    "nothing": ({"Retry-After": ""}, None),
    "no number": ({"Retry-After": "nan"}, None),
    "for ever": ({"Retry-After": "inf"}, None),
    "a date beyond all calendars": ({"Retry-After": "Thu, 01 Jan 99999 12:00:30 GMT"}, None),
    "reset from now": ({"X-RateLimit-Reset": "12"}, 12.0),
    "reset from now, a fraction": ({"X-RateLimit-Reset": "1.5"}, 1.5),
    "reset at an epoch": ({"X-RateLimit-Reset": str(EPOCH + 9)}, 9.0),
    "reset at an epoch, a fraction": ({"X-RateLimit-Reset": f"{EPOCH + 9}.5"}, 9.5),
    "reset gone by": ({"X-RateLimit-Reset": str(EPOCH - 9)}, 0.0),
    "reset in words": ({"X-RateLimit-Reset": "tomorrow"}, None),
    "both": ({"Retry-After": "3", "X-RateLimit-Reset": "12"}, 3.0),
    "one unreadable, one not": ({"Retry-After": "soon", "X-RateLimit-Reset": "12"}, 12.0),
    "neither": ({"X-RateLimit-Remaining": "0"}, None),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_ask_for_a_pause(name: str) -> None:
    headers, pause = HEADERS[name]
    assert asked_pause(httpx.Headers(headers), NOW) == pause


@kills("The pause that the service asks for is not made.", "_core.read_task:_Reading._pause", swap(", self.asked", ""))
@kills(
    "The pause asked for is cut to whole seconds.", "policies:_retry_after", swap(", seconds", ", float(int(seconds))")
)
@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("asked", ["0", "0.2", "2", "9.75"])
def test_the_asked_pause_is_made(status: int, asked: str, open_side: OpenSide) -> None:
    side = open_side().script("task-1", refuses(status, retry_after=asked), "success")
    side.read()
    assert side.service.pauses() == pytest.approx([float(asked)])


@kills(
    "A pause that is asked for as a date is not made.",
    "policies:_retry_after",
    swap("~ = parsedate_to_datetime(~)", "raise ValueError"),
)
@kills(
    "The other header that asks for a pause is not read.",
    "policies:asked_pause",
    swap('~.get("x-ratelimit-reset")', "None"),
)
@kills(
    "A time in X-RateLimit-Reset is taken for a number of seconds.",
    "policies:_rate_limit_reset",
    swap("~ >= _EPOCH_FROM", "False"),
)
def test_dates_are_read_by_the_clock_of_the_client(open_side: OpenSide) -> None:
    side = open_side()
    date = (side.clock.utc() + datetime.timedelta(seconds=8)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    epoch = str(int(side.clock.utc().timestamp()) + 20)  # 12 s after the first pause
    side.script("task-1", refuses(503, retry_after=date), refuses(429, x_ratelimit_reset=epoch), "success")
    side.read()
    assert side.service.pauses() == pytest.approx([8.0, 12.0])


@kills("A pause above the longest is made, however long it is.", "policies:RetryPolicy.pause", always("longest_pause"))
@pytest.mark.parametrize("header", ["retry_after", "x_ratelimit_reset"])
@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_above_the_longest_ends_the_call(header: str, status: int, open_side: OpenSide) -> None:
    side = open_side(timeout=1000.0).script("task-1", refuses(status, **{header: "60.5"}), "success")
    assert end_of(side.read).status == status
    assert len(side.service.reads) == 1
    assert side.clock.elapsed == 0


def test_a_pause_as_long_as_the_longest_is_made(open_side: OpenSide) -> None:
    side = open_side(timeout=1000.0).script("task-1", refuses(503, retry_after="60"), "success")
    side.read()
    assert side.clock.elapsed == pytest.approx(60.0)


@pytest.mark.parametrize("asked", ["29.999", "30", "31"])
def test_a_pause_to_the_deadline_ends_the_call_unless_a_moment_is_left(asked: str, open_side: OpenSide) -> None:
    side = open_side(timeout=30.0).script("task-1", refuses(503, retry_after=asked), "success")
    end = end_of(side.read)
    assert kind_of(end) == ("Task" if float(asked) < 30 else "ServerError")


def test_the_error_says_how_long_the_service_asked_for(open_side: OpenSide) -> None:
    side = open_side(retry=RetryPolicy(reads=0)).script("task-1", refuses(429, retry_after="2.5"))
    assert end_of(side.read).retry_after == 2.5
    side.script("task-2", 429)
    assert end_of(side.read, "task-2").retry_after is None


def test_a_pause_asked_for_once_is_not_made_twice(open_side: OpenSide) -> None:
    side = open_side().script("task-1", refuses(503, retry_after="9"), 503, "success")
    side.read()
    first, second = side.service.pauses()
    assert first == pytest.approx(9.0)
    assert 1.5 <= second <= 2.0
