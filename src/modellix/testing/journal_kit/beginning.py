"""`begin`: who may send, and that two never may."""

from __future__ import annotations

from attrs import evolve

from modellix._entry import Entry, Intent
from modellix.errors import BudgetExceeded
from modellix.testing.journal_kit.calls import at_once
from modellix.testing.journal_kit.corner import CALLERS, Corner, fail, granted, promise, same, told

ROUNDS = 5  # of callers at once
OTHER: dict[str, str] = {"operation": "kit-other", "fingerprint": "2:" + "1" * 64}


@promise("begin: without a reference each call is granted a new entry, of attempt 1 and without an end.")
def _(corner: Corner) -> None:
    intent = corner.intent()
    first, second = (granted(journal.begin(intent), intent) for journal in (corner.one, corner.two))
    same(first.id == second.id, False, "one id for both")
    _is_fresh(first, attempt=1)
    same([one.id for one in corner.two.entries() if one.id == first.id], [first.id], "its place in entries")


@promise("begin: a reference that nobody used is granted, and recorded when begin returns.")
def _(corner: Corner) -> None:
    entry = corner.begun(corner.name())
    _is_fresh(entry, attempt=1)
    same(corner.found(entry), evolve(entry, granted=False), "what find gave")


@promise("begin: under a reference that is open, accepted or unknown nobody is granted, and nothing is changed.")
def _(corner: Corner) -> None:
    for standing in _standing(corner):
        spent = corner.one.spent()
        for journal, request in ((corner.one, {}), (corner.one, OTHER), (corner.two, OTHER)):
            seen = journal.begin(corner.intent(standing.reference, **request))
            same(seen, standing, f"what begin gave ({standing.outcome or 'open'})")
        same(corner.found(standing), standing, f"what find gave afterwards ({standing.outcome or 'open'})")
        same(corner.one.spent(), spent, "spent afterwards")


def _standing(corner: Corner) -> list[Entry]:
    """Each entry under which nobody may send: its sender at work, gone, or done."""
    delivered = corner.accepted()
    corner.one.delivered(delivered.task_id or "")
    return [
        corner.found(corner.begun(corner.name())),
        corner.found(corner.begun(corner.name(), sent_at=corner.long_ago())),
        corner.accepted(),
        corner.found(delivered),
        corner.ended("unknown"),
        corner.ended("unknown", corner.name(), sent_at=corner.long_ago()),
    ]


@promise("begin: after refused and never sent ones, the next attempt of the same entry is granted, for any request.")
def _(corner: Corner) -> None:
    entry = corner.begun(corner.name(), sent_at=corner.long_ago())
    for attempt, outcome in enumerate(("refused", "never sent", "refused"), start=2):
        corner.one.end(entry, outcome, None)
        intent = corner.intent(entry.reference, operation="kit-other", fingerprint=f"2:{attempt:064}")
        following = granted(corner.two.begin(intent), intent)
        same(following.id, entry.id, f"id of attempt {attempt}")
        _is_fresh(following, attempt)
        same(corner.found(following), evolve(following, granted=False), f"what find gave after attempt {attempt}")
        entry = following


def _is_fresh(entry: Entry, attempt: int) -> None:
    seen = (entry.attempt, entry.outcome, entry.task_id, entry.status, entry.delivered_at)
    same(seen, (attempt, None, None, None, None), "(attempt, outcome, task_id, status, delivered_at)")


@promise("begin: of many callers of one reference at once, exactly one is granted; the others get its entry.")
def _(corner: Corner) -> None:
    for _ in range(ROUNDS):
        _one_of_many(corner, corner.intent(corner.name()), attempt=1)


@promise("begin: of many callers at once after a refusal, exactly one is granted the next attempt.")
def _(corner: Corner) -> None:
    for outcome in ("refused", "never sent"):
        entry = corner.ended(outcome)
        _one_of_many(corner, corner.intent(entry.reference), attempt=2)


def _one_of_many(corner: Corner, intent: Intent, attempt: int) -> None:
    seen = corner.at_once("begin", [(intent,)] * CALLERS)
    same(sum(one.granted for one in seen), 1, f"the number that was granted, of {CALLERS} at once,")
    same({one.attempt for one in seen}, {attempt}, "the attempt that they got")
    same(len({one.id for one in seen}), 1, "the number of entries that they got")
    same(len(list(corner.two.entries(reference=intent.reference))), 1, "the number of entries under one reference")


@promise("begin: many callers at once, of their own references or of none, are all granted, each its own entry.")
def _(corner: Corner) -> None:
    for references in ([corner.name() for _ in range(CALLERS)], [None] * CALLERS):
        seen = corner.at_once("begin", [(corner.intent(one),) for one in references])
        same(sum(one.granted for one in seen), CALLERS, f"the number that was granted, of {CALLERS} at once,")
        same(len({one.id for one in seen}), CALLERS, "the number of entries that they got")


@promise("begin: with a limit, exactly as many are granted, whoever calls at once; the others get BudgetExceeded.")
def _(corner: Corner) -> None:
    if corner.limited is None:
        return
    most = corner.one.spent() + 3
    journals = [corner.limited(most), corner.limited(most)]
    intents = [(corner.intent(corner.name() if number % 3 else None),) for number in range(CALLERS)]
    seen = at_once(journals, "begin", intents)
    for one in seen:
        if isinstance(one, BaseException) and not isinstance(one, BudgetExceeded):
            fail(f"begin raised {told(one)}")
    same(sum(isinstance(one, Entry) and one.granted for one in seen), 3, "the number that was granted, with 3 left,")
    same(corner.two.spent(), most, "spent afterwards")
    for journal in journals:
        journal.close()


@promise("begin: BudgetExceeded comes only where the call would be granted, and records nothing.")
def _(corner: Corner) -> None:
    if corner.limited is None:
        return
    accepted, refusal = corner.accepted(), corner.ended("refused")
    journal = corner.limited(corner.one.spent())
    same(journal.begin(corner.intent(accepted.reference)), accepted, "what begin gave with nothing left")
    for reference in (corner.name(), refusal.reference, None):
        try:
            journal.begin(corner.intent(reference))
        except BudgetExceeded:
            continue
        fail("begin raised no BudgetExceeded with nothing left")
    same(corner.found(refusal), refusal, "the refused entry afterwards")
    journal.close()
