"""`end`, `ended`, `delivered`: what came of a submission and of its task. And `close`."""

from __future__ import annotations

import time
import uuid

from attrs import evolve

from modellix._entry import Entry
from modellix.testing.journal_kit.corner import Corner, fail, ids, promise, same

OUTCOMES = ("accepted", "refused", "never sent", "unknown")


@promise("end: the outcome of the granted attempt is recorded, with its task id.")
def _(corner: Corner) -> None:
    for outcome in OUTCOMES:
        task_id = corner.name() if outcome in ("accepted", "unknown") else None
        begun = corner.begun(corner.name())
        corner.one.end(begun, outcome, task_id)
        same(corner.found(begun), evolve(begun, granted=False, outcome=outcome, task_id=task_id), "what find gave")


@promise("end: of an entry without a reference it is recorded as well.")
def _(corner: Corner) -> None:
    begun, task_id = corner.begun(), corner.name()
    corner.one.end(begun, "accepted", task_id)
    seen = [one for one in corner.two.entries() if one.id == begun.id]
    same(seen, [evolve(begun, granted=False, outcome="accepted", task_id=task_id)], "what entries gave")


@promise("end: told a second time, it changes nothing.")
def _(corner: Corner) -> None:
    begun, task_id = corner.begun(corner.name()), corner.name()
    corner.one.end(begun, "accepted", task_id)
    ended = corner.found(begun)
    corner.one.end(begun, "accepted", task_id)
    same([one for one in corner.two.entries() if one.task_id == task_id], [ended], "what entries gave")


@promise("end: a late end of an older attempt overwrites nothing.")
def _(corner: Corner) -> None:
    for outcome in OUTCOMES:
        for latest in (None, *OUTCOMES):
            first, second = _two_attempts(corner)
            if latest:
                corner.one.end(second, latest, corner.name() if latest == "accepted" else None)
            standing = corner.found(second)
            corner.one.end(first, outcome, corner.name() if outcome in ("accepted", "unknown") else None)
            same(corner.found(second), standing, f"the entry after a late end ({outcome})")


@promise("end: the task id of a late end is kept, as an unresolved entry of its own.")
def _(corner: Corner) -> None:
    first, second = _two_attempts(corner)
    spent, task_id = corner.one.spent(), corner.name()
    corner.one.end(first, "accepted", task_id)
    kept = [one for one in corner.two.unresolved() if one.task_id == task_id]
    same(len(kept), 1, "the number of unresolved entries with the task id")
    same(kept[0].id == second.id, False, "kept in the entry of the next attempt")
    same(corner.one.spent(), spent + 1, "spent afterwards")


@promise("end: a late end without a task id leaves no entry of its own.")
def _(corner: Corner) -> None:
    first, _ = _two_attempts(corner)
    before = len(list(corner.one.entries()))
    corner.one.end(first, "refused", None)
    same(len(list(corner.one.entries())), before, "the number of entries")


def _two_attempts(corner: Corner) -> tuple[Entry, Entry]:
    """Of one entry, the second of them open."""
    first = corner.begun(corner.name(), sent_at=corner.long_ago())
    corner.one.end(first, "never sent", None)
    return first, corner.begun(first.reference)


@promise("end: an entry that is gone is made again.")
def _(corner: Corner) -> None:
    known = corner.begun(corner.name())
    for number, outcome in enumerate(OUTCOMES, start=1):
        task_id = corner.name() if outcome == "accepted" else None
        other = type(known.id)(f"{known.id}{number}000000")  # of whatever kind they are
        gone = evolve(known, id=other, reference=corner.name(), token=uuid.uuid4().hex)
        corner.one.end(gone, outcome, task_id)
        same(
            evolve(corner.found(gone), id=0), evolve(gone, id=0, granted=False, outcome=outcome, task_id=task_id), "it"
        )


@promise("ended: the status is recorded; the task is still not delivered.")
def _(corner: Corner) -> None:
    task = corner.accepted()
    corner.one.ended(task.task_id or "", "success")
    same(corner.found(task), evolve(task, status="success"), "what find gave")
    same(ids(corner.two.undelivered(), [task]), [task.id], "undelivered")


@promise("delivered: the first time counts.")
def _(corner: Corner) -> None:
    task = corner.accepted()
    corner.one.delivered(task.task_id or "")
    first = corner.found(task)
    if first.delivered_at is None:
        fail("delivered_at was None afterwards")
    same(first, evolve(task, delivered_at=first.delivered_at), "what find gave")
    time.sleep(0.02)  # for a clock that stands still between two calls
    corner.two.delivered(task.task_id or "")
    same(corner.found(task), first, "what find gave after the second time")


@promise("ended, delivered: an id that is not known is passed over.")
def _(corner: Corner) -> None:
    before = list(corner.one.entries())
    for task_id in (corner.name(), "", "\U0001f980" * 512):
        corner.one.ended(task_id, "success")
        corner.one.delivered(task_id)
    same(list(corner.two.entries()), before, "the entries")


@promise("close: a journal that is used again opens again, with all that was recorded; the other one goes on.")
def _(corner: Corner) -> None:
    entry = corner.begun(corner.name())
    corner.one.close()
    corner.one.close()
    same(corner.found(entry), evolve(entry, granted=False), "what the other journal's find gave")
    corner.one.end(entry, "accepted", corner.name())
    same(corner.found(entry).outcome, "accepted", "the outcome that was recorded after it")
    same((corner.one.find(entry.reference or ""), corner.one.spent()), (corner.found(entry), corner.two.spent()), "it")
