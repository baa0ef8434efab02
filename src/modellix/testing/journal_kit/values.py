"""What is written comes back as it was: times, odd characters, long ids; and options that are in nobody's way."""

from __future__ import annotations

import datetime
from types import MappingProxyType

from modellix._entry import Entry
from modellix._values import LONGEST_TASK_ID
from modellix.journal.protocol import LONGEST_REFERENCE
from modellix.testing.journal_kit.corner import AN_HOUR, Corner, fail, promise, same

_LETTERS = "A a \u00c5 \u212b A\u030a a\u030a ss \u00df \u1e9e fi \ufb01 i I \u0130 \u0131 \u03c2 \u03c3 \u00b5 \u03bc"
_NUMBERS = "1 \u00b9 \u0661 \uff11 7 07 7.0 +7 7e0 0x7 null NULL None true"
_SIGNS = "' '' \" \"\" ` % %% %s %(a)s _ __ * \\ \\\\ \\' ? :a $1 {} -- ; x'41'"
_FORMATS = "\u2800 \u200b \u200d \u00ad \ufe0f \u202e \ufeff \u3164 \U0001f600 \U0001f468\u200d\U0001f469 \ud7a3"
ALIKE = " ".join((_LETTERS, _NUMBERS, _SIGNS, _FORMATS, "\u1112\u1175\u11c2")).split()
"""References and task ids that a journal may take for one another, or for a piece of its own language."""


@promise("Times are aware UTC datetimes, equal to the microsecond, from every method that gives an entry.")
def _(corner: Corner) -> None:
    for microsecond in (0, 1, 123457, 999999):
        sent_at = datetime.datetime(2026, 3, 29, 1, 59, 59, microsecond, datetime.UTC)
        entry = corner.begun(corner.name(), sent_at=sent_at, until=sent_at + AN_HOUR)
        for one in (entry, corner.found(entry), *corner.two.entries(reference=entry.reference)):
            same((one.sent_at, one.until), (sent_at, sent_at + AN_HOUR), "(sent_at, until)")
            _is_utc(one.sent_at, one.until)
    task = corner.accepted()
    corner.one.delivered(task.task_id or "")
    _is_utc(corner.found(task).delivered_at)


def _is_utc(*times: datetime.datetime | None) -> None:
    for time in times:
        if time is None or time.utcoffset() != datetime.timedelta(0):
            fail(f"a time came back as {time!r}")


@promise("References are compared code point by code point: no case, no normal form, no type, no pattern, no quoting.")
def _(corner: Corner) -> None:
    prefix = corner.name()
    for references in ([odd + prefix for odd in ALIKE], [prefix + odd for odd in ALIKE]):
        began = [corner.begun(reference) for reference in references]
        same([corner.found(one).id for one in began], [one.id for one in began], "the ids that find gave")
        for entry in began:
            found = [(one.id, one.reference) for one in corner.two.entries(reference=entry.reference)]
            same(found, [(entry.id, entry.reference)], "what entries(reference=…) gave")


@promise("References of the full length are kept and compared to their last character, astral ones too.")
def _(corner: Corner) -> None:
    prefix = "".join(chr(0x1F600 + ord(character) % 64) for character in corner.name())
    for filler in ("\U0001f980", "x", "\u00e9", "'"):
        most = prefix + filler * (LONGEST_REFERENCE - len(prefix))
        began = [corner.begun(most), corner.begun(most[:-1]), corner.begun(most[:-1] + "y")]
        same([corner.found(one).id for one in began], [one.id for one in began], "the ids that find gave")
        same(corner.found(began[0]).reference, most, "the reference")


@promise(
    "Operations and task ids of any characters and of the full length are kept, and compared code point by code point."
)
def _(corner: Corner) -> None:
    name = corner.name()
    odd = [name + one for one in ALIKE] + [name.ljust(LONGEST_TASK_ID, "\U0001f980"), name.ljust(LONGEST_TASK_ID, "x")]
    entries = [corner.ended("accepted", text, operation=text) for text in odd]
    same([(one.operation, one.task_id) for one in entries], [(text, text) for text in odd], "(operation, task_id)")
    _each_alone(corner, entries)


def _each_alone(corner: Corner, entries: list[Entry]) -> None:
    """What is told of one task is told of no other."""
    for number, entry in enumerate(entries):
        corner.one.ended(entry.task_id or "", f"status {number}")
        corner.one.delivered(entry.task_id or "")
        left = [one.id for one in entries[number + 1 :]]
        known = {one.id for one in entries}
        same(
            [one.id for one in corner.two.undelivered() if one.id in known], left, "undelivered after one was delivered"
        )
    seen = [corner.found(one).status for one in entries]
    same(seen, [f"status {number}" for number in range(len(entries))], "the statuses")


@promise("Options may be any mapping of names to JSON scalars; they are in nobody's way and make no other request.")
def _(corner: Corner) -> None:
    odd = {"n": 1, "x": 1.5, "is": True, "none": None, "text": "'\"%\\\u00e9\U0001f600", "reference": "no", "?": ":a"}
    for options in ({}, odd, MappingProxyType(odd)):
        entry = corner.begun(corner.name(), options=options)
        again = corner.two.begin(corner.intent(entry.reference, options={"n": 2}))
        same((again.granted, again.id), (False, entry.id), "(granted, id) under other options")
