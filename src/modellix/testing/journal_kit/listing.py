"""`find`, `entries`, `unresolved`, `undelivered`, `spent`: what the journal says it holds."""

from __future__ import annotations

import datetime

from modellix._entry import Entry
from modellix.testing.journal_kit.corner import AN_HOUR, Corner, ids, promise, same

A_MICROSECOND = datetime.timedelta(microseconds=1)


def _one_of_each(corner: Corner) -> list[Entry]:
    """An entry of each outcome and an open one, sent one second after another."""
    start, second = corner.long_ago(), datetime.timedelta(seconds=1)
    entries = [
        corner.ended(outcome, corner.name() if outcome == "accepted" else None, sent_at=start + number * second)
        for number, outcome in enumerate(("accepted", "refused", "never sent", "unknown", "accepted"))
    ]
    return [*entries, corner.found(corner.begun(corner.name(), sent_at=start + 5 * second))]


@promise("find: the entry under a reference, None where there is none.")
def _(corner: Corner) -> None:
    entry = corner.accepted()
    same(corner.one.find(entry.reference or ""), entry, "what find gave")
    same(corner.one.find(corner.name()), None, "what find gave for another")


@promise("entries: all of them, as find gives them, oldest first.")
def _(corner: Corner) -> None:
    own = _one_of_each(corner)
    known = {entry.id for entry in own}
    same([entry for entry in corner.two.entries() if entry.id in known], own, "what entries gave")


@promise("entries: reference, outcome and since leave out what does not match, alone and together.")
def _(corner: Corner) -> None:
    own = _one_of_each(corner)
    for outcome in ("accepted", "refused", "never sent", "unknown"):
        matching = [one.id for one in own if one.outcome == outcome]
        same(ids(corner.two.entries(outcome=outcome), own), matching, f"entries(outcome={outcome!r})")
    for entry in own:
        after = [one.id for one in own if one.sent_at > entry.sent_at]
        same(ids(corner.two.entries(since=entry.sent_at + A_MICROSECOND), own), after, "entries(since=a moment later)")
        before = [one.id for one in own if one.sent_at >= entry.sent_at]
        same(ids(corner.two.entries(since=entry.sent_at - A_MICROSECOND), own), before, "entries(since=just before)")
        same([one.id for one in corner.two.entries(reference=entry.reference)], [entry.id], "entries(reference=…)")
    last = own[4]
    same(
        ids(corner.two.entries(outcome="accepted", since=last.sent_at - A_MICROSECOND), own), [last.id], "both filters"
    )
    same(list(corner.two.entries(reference=last.reference, outcome="refused")), [], "filters that exclude each other")


@promise("entries: an iteration that goes on, or is left, keeps nobody from writing.")
def _(corner: Corner) -> None:
    _one_of_each(corner)
    for number, _ in enumerate(corner.one.entries()):
        corner.accepted()
        if number == 2:
            break
    corner.accepted()


@promise("unresolved: what is open or unknown, oldest first, also while its sender is at work.")
def _(corner: Corner) -> None:
    own = [*_one_of_each(corner), corner.ended("unknown", corner.name()), corner.found(corner.begun(corner.name()))]
    seen = [one for one in corner.two.unresolved() if one.id in {entry.id for entry in own}]
    same(seen, [one for one in own if one.outcome in (None, "unknown")], "what unresolved gave")


@promise("undelivered: what is accepted and not delivered, oldest first, whoever holds a lease.")
def _(corner: Corner) -> None:
    own = [corner.settled(), *_one_of_each(corner), corner.accepted(), corner.accepted()]
    corner.one.claim(corner.name(), 60.0, None)
    corner.one.delivered(own[-2].task_id or "")
    seen = [one for one in corner.two.undelivered() if one.id in {entry.id for entry in own}]
    same(seen, [one for one in own if one.outcome == "accepted" and one != own[-2]], "what undelivered gave")


@promise("spent: counts what is open, accepted or unknown, and not what is refused or never sent.")
def _(corner: Corner) -> None:
    for outcome, cost in {"accepted": 1, "unknown": 1, "refused": 0, "never sent": 0}.items():
        before = corner.one.spent()
        entry = corner.begun(corner.name())
        same(corner.two.spent() - before, 1, "what an open one counts")
        corner.one.end(entry, outcome, corner.name() if outcome == "accepted" else None)
        same(corner.two.spent() - before, cost, f"what a submission counts that is {outcome}")


@promise("spent: what is sent again under its reference, and what is delivered, counts once.")
def _(corner: Corner) -> None:
    refusal, before = corner.ended("refused"), corner.one.spent()
    entry, task_id = corner.begun(refusal.reference), corner.name()
    corner.one.end(entry, "accepted", task_id)
    corner.one.ended(task_id, "success")
    corner.one.delivered(task_id)
    same(corner.two.spent() - before, 1, "what it counts")


@promise("spent: since leaves out what was sent before.")
def _(corner: Corner) -> None:
    start = corner.long_ago()
    times = [start - AN_HOUR, start - A_MICROSECOND, start + A_MICROSECOND]
    before = [corner.one.spent(time) for time in times]
    corner.begun(corner.name(), sent_at=start)
    same([corner.two.spent(time) - count for time, count in zip(times, before, strict=True)], [1, 1, 0], "the counts")
