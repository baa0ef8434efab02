"""`settle`: what was found out by hand."""

from __future__ import annotations

from attrs import evolve

from modellix._entry import Entry
from modellix.errors import ModellixError
from modellix.testing.journal_kit.corner import Corner, fail, ids, promise, same


@promise("settle: with a task id, an unresolved entry is accepted, and to be delivered.")
def _(corner: Corner) -> None:
    for entry in (
        corner.found(corner.begun(corner.name(), sent_at=corner.long_ago())),
        corner.ended("unknown", sent_at=corner.long_ago()),
    ):
        task_id = corner.name()
        corner.two.settle(entry, task_id=task_id)
        same(corner.found(entry), evolve(entry, outcome="accepted", task_id=task_id), "what find gave")
        same(ids(corner.one.undelivered(), [entry]), [entry.id], "undelivered")


@promise("settle: with bought=False, an unresolved entry is refused, so that its reference is free.")
def _(corner: Corner) -> None:
    for entry in (
        corner.found(corner.begun(corner.name(), sent_at=corner.long_ago())),
        corner.ended("unknown", sent_at=corner.long_ago()),
    ):
        corner.two.settle(entry, bought=False)
        same(corner.found(entry), evolve(entry, outcome="refused", task_id=None), "what find gave")
        again = corner.one.begin(corner.intent(entry.reference))
        same((again.granted, again.id, again.attempt), (True, entry.id, 2), "(granted, id, attempt) of the next begin")


@promise("settle: the entry that keeps the task id of a late end can be settled.")
def _(corner: Corner) -> None:
    first, task_id = corner.begun(corner.name(), sent_at=corner.long_ago()), corner.name()
    corner.one.end(first, "never sent", None)
    corner.begun(first.reference)
    corner.one.end(first, "accepted", task_id)
    for kept in [one for one in corner.two.unresolved() if one.task_id == task_id]:
        corner.two.settle(kept, task_id=task_id)
        seen = [one.outcome for one in corner.one.entries() if one.id == kept.id]
        same(seen, ["accepted"], "its outcome")


@promise("settle: before the entry's until it raises an error and changes nothing.")
def _(corner: Corner) -> None:
    for entry in (corner.found(corner.begun(corner.name())), corner.ended("unknown")):
        _is_refused(corner, entry, entry)


@promise("settle: an entry that is not unresolved raises an error and is not changed.")
def _(corner: Corner) -> None:
    for outcome in ("accepted", "refused", "never sent"):
        entry = corner.ended(outcome, corner.name() if outcome == "accepted" else None, sent_at=corner.long_ago())
        _is_refused(corner, entry, entry)


@promise("settle: what ended since the entry was read is not overwritten.")
def _(corner: Corner) -> None:
    begun = corner.begun(corner.name(), sent_at=corner.long_ago())
    corner.one.end(begun, "accepted", corner.name())
    _is_refused(corner, begun, corner.found(begun))


def _is_refused(corner: Corner, entry: Entry, standing: Entry) -> None:
    """Both ways to settle it raise an error, ValueError in ours, and the entry stands as it did."""
    for task_id in (corner.name(), None):
        try:
            corner.two.settle(entry, task_id=task_id, bought=task_id is not None)
        except (ValueError, ModellixError):
            same(corner.found(entry), standing, "the entry afterwards")
        else:
            fail(f"settle of an entry that is {standing.outcome or 'open'} raised no error")
