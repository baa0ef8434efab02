"""Whole runs against faultless APIs of other habits: nobody is blamed, and a run costs no more than it may.

The habits of a row go together in one run. Where a run cannot be concluded, it says so and blames nobody.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from . import habits
from .apis import Api, Twist, refusal
from .runs import DETERMINISTIC, Run, run

pytestmark = pytest.mark.slow

FEW = 6  # submissions, so that a run takes seconds
BUSY = refusal(429, "Rate limit exceeded: wait", Retry_After="0")
DOWN = refusal(503, "Service unavailable: wait", Retry_After="0")


def _more_fields(reply: dict[str, Any]) -> None:
    reply.update(request_id="r-1", took=[0.5, None])
    if isinstance(reply.get("data"), dict):
        reply["data"].update(region="eu", cost=None)


def _without_get_result(reply: dict[str, Any]) -> None:
    if isinstance(reply.get("data"), dict):
        reply["data"].pop("get_result", None)


def _bare_results(reply: dict[str, Any]) -> None:
    if (reply.get("data") or {}).get("result"):
        reply["data"].update(duration=None)
        reply["data"].pop("result_expires_at", None)
        for one in reply["data"]["result"]["resources"]:
            one.update(width=None, height=None)


CONCLUDED: dict[str, Twist] = {
    "replies of other looks": habits.together(
        habits.headers(Set_Cookie="route=7; Path=/; HttpOnly", Vary="Origin", X_RateLimit_Remaining="999"),
        habits.zipped,
        habits.replies(_more_fields),
        habits.replies(_without_get_result),
    ),
    "ids in capitals, with dots, behind a gateway": habits.together(
        habits.pages_of_a_gateway, habits.renamed(lambda own: f"TASK.{habits.digest(own)[:12].upper()}")
    ),
    "long ids, bare results": habits.together(
        habits.renamed(lambda own: habits.digest(own) * 3), habits.replies(_bare_results)
    ),
    "busy now and then": habits.together(habits.every(40, BUSY), habits.every(30, DOWN, "GET")),
    "slow tasks": habits.slow(6),
    "strict readers": habits.refused(habits.is_strict),
}
"""Runs that end well."""

OPEN: dict[str, Twist] = {
    "empty account": habits.refused(lambda body: True, 402),
    "provider that makes nothing": habits.failing(lambda body: True),
    "service that is down": lambda seen, honest: DOWN,
    "firewall before everything": lambda seen, honest: refusal(403, "Forbidden: no"),
    "key that is none": lambda seen, honest: refusal(401, "Authentication failed: no"),
}
"""Runs that cannot be concluded."""


def held(twist: Twist, folder: Path) -> Run:
    api = Api(twist)
    done = run(api, folder, FEW, *DETERMINISTIC)
    assert done.broken == set(), done.output[-5000:]
    assert done.counts["accepted"] == len(api.bought) <= FEW
    return done


@pytest.mark.parametrize("named", CONCLUDED)
def test_habit_is_no_fault(named: str, tmp_path: Path) -> None:
    done = held(CONCLUDED[named], tmp_path)
    assert (done.status, done.open_questions) == (0, []), done.output[-5000:]


@pytest.mark.parametrize("named", OPEN)
def test_what_shows_nothing_blames_nobody(named: str, tmp_path: Path) -> None:
    done = held(OPEN[named], tmp_path)
    assert done.status == 1
    assert re.search(r"^NOT CONCLUDED\b.* Next: \S", done.output, re.MULTILINE), done.output[-5000:]
