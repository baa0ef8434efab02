"""Whole runs against an API with one fault in what it lets in, or in what it takes: that alone is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good

from .apis import KEY, Api, Honest, Seen, Twist, refusal
from .runs import DETERMINISTIC, run

pytestmark = pytest.mark.slow


def with_right_key(seen: Seen) -> Seen:
    return replace(seen, headers={**seen.headers, "authorization": f"Bearer {KEY}"})


def remembers(seen: Seen, honest: Honest) -> Any:
    """A good reply sets a cookie, and that lets in."""
    answer = honest(with_right_key(seen) if "sid=5e55104" in seen.headers.get("cookie", "") else seen)
    given = {"Set-Cookie": "sid=5e55104; Path=/; HttpOnly"} if answer.status == 200 else {}
    return replace(answer, headers={**answer.headers, **given})


def lets_in(name: str, beginning: str = "") -> Twist:
    """A gateway that takes the key from another header."""

    def twist(seen: Seen, honest: Honest) -> Any:
        return honest(with_right_key(seen) if seen.headers.get(name) == f"{beginning}{KEY}" else seen)

    return twist


def refuses(name: str, mark: str, status: int) -> Twist:
    """A gateway that compares a header as it is written."""

    def twist(seen: Seen, honest: Honest) -> Any:
        return refusal(status) if seen.is_submission and mark in seen.headers.get(name, "") else honest(seen)

    return twist


def refuses_large(seen: Seen, honest: Honest) -> Any:
    """No body of 384 kB."""
    return refusal(413) if len(seen.body) > 380_000 else honest(seen)


def stops_paths(seen: Seen, honest: Honest) -> Any:
    """A firewall that takes a prompt for an attack. The plainest body is accepted, so that this is a fault."""
    return refusal(400) if "../" in str(seen.payload.get(good.TEXT)) else honest(seen)


FAULTS: dict[str, tuple[Twist, str, set[str]]] = {
    "a cookie lets in": (remembers, "session", {"auth.session"}),
    "another header": (lets_in("x-goog-api-key"), "key", {"auth.place"}),
    "a bearer in another header": (lets_in("x-forwarded-authorization", "Bearer "), "key", {"auth.place"}),
    "a charset": (refuses("content-type", "charset", 415), "accepted", {"body.valid"}),
    "a charset in capitals": (refuses("content-type", "UTF-8", 400), "accepted", {"body.valid"}),
    "a path in a text": (stops_paths, "accepted", {"body.valid"}),
    "a longest text in escapes": (refuses_large, "accepted", {"body.valid"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_named(fault: str, tmp_path: Path) -> None:
    twist, chosen, promises = FAULTS[fault]
    done = run(Api(twist), tmp_path, 200, *DETERMINISTIC, "-k", chosen)
    assert done.status == 1
    assert {name.partition(".")[2] for name in done.broken} == promises, done.output[-3000:]
