"""`claim`, `renew`, `release`: which of several workers takes up a task."""

from __future__ import annotations

import time
from collections.abc import Sequence

from attrs import evolve

from modellix._entry import Entry
from modellix.testing.journal_kit.corner import Corner, fail, ids, promise, same

LONG = 3600.0  # seconds of a lease that outlives the check
SHORT = 0.02  # seconds of one whose end is waited for
PATIENCE = 30.0  # seconds


def _settled(corner: Corner, count: int) -> list[Entry]:
    return [corner.settled() for _ in range(count)]


@promise("claim: a task that was accepted just now is its submitter's, and not claimed; undelivered lists it.")
def _(corner: Corner) -> None:
    fresh = corner.accepted()
    for journal in (corner.one, corner.two):
        same(ids(journal.claim(corner.name(), LONG, None), [fresh]), [], "what was claimed")
    same(ids(corner.two.undelivered(), [fresh]), [fresh.id], "undelivered")


@promise(
    "claim: gives what is accepted, undelivered and leased to nobody, as it stands; a settled task is leased to nobody."
)
def _(corner: Corner) -> None:
    [task], owner = _settled(corner, 1), corner.name()
    same([one for one in corner.two.claim(owner, LONG, None) if one.id == task.id], [task], "what was claimed")


@promise("claim: what another owner has a lease of is not given; its own owner gets it again.")
def _(corner: Corner) -> None:
    own, owner = _settled(corner, 2), corner.name()
    same(sorted(ids(corner.one.claim(owner, LONG, None), own)), [one.id for one in own], "what the owner got")
    same(ids(corner.two.claim(corner.name(), LONG, None), own), [], "what another owner got")
    same(sorted(ids(corner.two.claim(owner, LONG, None), own)), [one.id for one in own], "what the owner got again")


@promise("claim: owners are told apart code point by code point.")
def _(corner: Corner) -> None:
    own, owner = _settled(corner, 1), corner.name()
    corner.one.claim(owner + "a", LONG, None)
    for other in ("A", "a\u0301", "%", ""):
        same(ids(corner.two.claim(owner + other, LONG, None), own), [], f"what the owner …{other!r} got")


@promise("claim: what is open, unknown, refused, never sent or delivered is not given.")
def _(corner: Corner) -> None:
    [task] = _settled(corner, 1)
    corner.one.delivered(task.task_id or "")
    ends = [corner.ended(outcome) for outcome in ("unknown", "refused", "never sent")]
    own = [task, corner.begun(corner.name()), *ends]
    same(ids(corner.two.claim(corner.name(), LONG, None), own), [], "what was claimed")


@promise("claim: a task that ended and is not delivered is given.")
def _(corner: Corner) -> None:
    [task] = _settled(corner, 1)
    corner.one.ended(task.task_id or "", "success")
    claimed = corner.two.claim(corner.name(), LONG, None)
    same([one for one in claimed if one.id == task.id], [evolve(task, status="success")], "what was claimed")


@promise("claim: at most `limit`, and those that were claimed least.")
def _(corner: Corner) -> None:
    own, seen = _settled(corner, 3), list[int]()
    for _ in own:
        owner = corner.name()
        claimed = corner.one.claim(owner, LONG, 1)
        same(len(claimed), 1, "the number claimed with limit 1")
        seen += ids(claimed, own)
        corner.two.release(owner)
    same(sorted(seen), [one.id for one in own], "what was claimed, one by one and given back,")
    same(len(ids(corner.one.claim(corner.name(), LONG, 2), own)), 2, "the number claimed with limit 2")


@promise("claim: of several owners at once, no two get the same task, nobody more than `limit`, and none is left out.")
def _(corner: Corner) -> None:
    for _ in range(3):
        own = _settled(corner, 12)
        owners = [corner.name() for _ in range(6)]
        seen = corner.at_once("claim", [(owner, LONG, 3) for owner in owners])
        same([len(claimed) for claimed in seen if len(claimed) > 3], [], "the numbers claimed with limit 3")
        taken = [one for claimed in seen for one in ids(claimed, own)]
        taken += ids(corner.one.claim(corner.name(), LONG, None), own)  # what those at once passed over
        same(sorted(taken), [one.id for one in own], "what all of them got")


@promise("claim: a lease that is over is given to another owner, and no longer renewed for the first.")
def _(corner: Corner) -> None:
    own, owner, other = _settled(corner, 1), corner.name(), corner.name()
    corner.one.claim(owner, SHORT, None)
    _wait_to_get(corner, own, other)
    same(corner.one.renew(owner, LONG), 0, "the number of leases that the first one renewed")
    same(ids(corner.one.claim(owner, LONG, None), own), [], "what the first one got afterwards")
    same(corner.two.renew(other, LONG), 1, "the number of leases that the other one renewed")


@promise("renew: returns how many leases the owner has, and lets them end that much from now.")
def _(corner: Corner) -> None:
    own, owner = _settled(corner, 2), corner.name()
    same(corner.one.renew(owner, LONG), 0, "the number renewed without a lease")
    corner.one.claim(owner, LONG, None)
    same(corner.two.renew(owner, LONG), 2, "the number renewed of two leases")
    same(corner.two.renew(owner, SHORT), 2, "the number renewed of two leases, for a moment,")
    _wait_to_get(corner, own, corner.name())


@promise("release: gives back all leases of the owner, and no other's.")
def _(corner: Corner) -> None:
    own, first, second, third = _settled(corner, 2), corner.name(), corner.name(), corner.name()
    kept, given = (ids(corner.one.claim(owner, LONG, 1), own) for owner in (first, second))
    corner.two.release(second)
    corner.two.release(corner.name())
    same(corner.one.renew(second, LONG), 0, "the number renewed after release")
    same(ids(corner.one.claim(third, LONG, None), own), given, "what another owner got")
    same((corner.one.renew(first, LONG), len(kept)), (1, 1), "the number that the other owner renewed")


def _wait_to_get(corner: Corner, own: Sequence[Entry], owner: str) -> None:
    """Until the owner has all of them."""
    deadline = time.monotonic() + PATIENCE
    while len(ids(corner.two.claim(owner, LONG, None), own)) < len(own):
        if time.monotonic() > deadline:
            fail(f"a lease of {SHORT:g} seconds was not over after {PATIENCE:g} seconds")
        time.sleep(0.01)
