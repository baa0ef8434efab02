"""`python -m modellix.journal list|unresolved|settle PATH_OR_URL`: what a journal holds, and what to do about it.

Reading creates nothing, and waits for nobody who writes. Exit 0: done, and nothing is unresolved; 1: `unresolved` found
something; 2: it could not be done, and standard error says why.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import shlex
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modellix._entry import Entry
from modellix.errors import ConfigurationError, JournalError, shorten

if TYPE_CHECKING:
    from modellix.journal.protocol import Journal

OUTCOMES = {
    "open": None,
    "accepted": "accepted",
    "refused": "refused",
    "never-sent": "never sent",
    "unknown": "unknown",
}
BOUGHT = (None, "accepted", "unknown")  # for certain, or maybe
_READ_IT = "Read it with client.task(…).refresh(); if the service knows it, it was bought"

COLUMNS: dict[str, tuple[int, Callable[[Entry], object]]] = {
    "ID": (8, lambda entry: entry.id),
    "SENT (UTC)": (19, lambda entry: _time(entry.sent_at)),
    "REFERENCE": (22, lambda entry: entry.reference or "-"),
    "OPERATION": (15, lambda entry: entry.operation),
    "TRY": (3, lambda entry: entry.attempt),
    "OUTCOME": (10, lambda entry: entry.outcome or "open"),
    "TASK": (18, lambda entry: entry.task_id or "-"),
    "STATUS": (8, lambda entry: entry.status or "-"),
    "DELIVERED": (9, lambda entry: "yes" if entry.delivered_at else "no" if entry.outcome == "accepted" else "-"),
}
"""Each with its width, 120 columns together, and what it shows."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status. Argparse raises SystemExit for what it cannot read."""
    options = _parser().parse_args(arguments)
    if (reconfigure := getattr(sys.stdout, "reconfigure", None)) is not None:
        reconfigure(errors="backslashreplace")  # a terminal may not know every character
    try:
        with closing(_open(options.journal)) as journal:
            status = int(options.run(journal, options))
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(options.run is _unresolved)  # never that nothing is
    except (JournalError, ConfigurationError, ValueError, OSError) as error:  # also of a full disk
        print(f"python -m modellix.journal: {error}", file=sys.stderr)
        return 2
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m modellix.journal",
        description="Shows what a journal of submissions holds, and settles what nobody knows the end of.",
        epilog="Exit 0: done, and nothing is unresolved. 1: `unresolved` found something. 2: it could not be done.",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="list | unresolved | settle")
    listing = _command(commands, "list", _list, "all submissions, oldest first, and their totals")
    listing.add_argument("--reference", help="only the submission under it")
    listing.add_argument("--outcome", choices=OUTCOMES, help="only those that ended so, or are open")
    listing.add_argument("--since", type=_moment, help="only those sent then or later: 2026-11-29T08:30, UTC")
    listing.add_argument("--undelivered", action="store_true", help="only what was accepted and is not delivered")
    unresolved = _command(commands, "unresolved", _unresolved, "what may have been bought, and what to do next")
    unresolved.add_argument("--overdue", action="store_true", help="without those whose sender may still be at work")
    for one in (listing, unresolved):
        one.add_argument("--json", action="store_true", help="one object a line, and nothing else")
    settle = _command(commands, "settle", _settle, "write down how an unresolved submission ended")
    settle.add_argument("entry", type=int, metavar="ENTRY_ID", help="the number that `unresolved` shows")
    end = settle.add_mutually_exclusive_group(required=True)
    end.add_argument("--task-id", help="it was bought, as this task")
    end.add_argument(
        "--not-bought",
        nargs="?",
        const="",
        metavar="TASK_ID",
        help="it was not; its reference is free again. An entry that holds a task id wants that id here, as your word "
        "that this task was not bought either",
    )
    return parser


def _command(
    commands: Any, name: str, run: Callable[[Journal, argparse.Namespace], int], told: str
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=told, description=f"{told[0].upper()}{told[1:]}.")
    parser.add_argument("journal", metavar="PATH_OR_URL", help="of a SqliteJournal, or of a SqlJournal")
    parser.set_defaults(run=run)
    return parser


def _moment(text: str) -> datetime.datetime:
    """A time without a zone is UTC."""
    try:
        moment = datetime.datetime.fromisoformat(text)
        return moment.replace(tzinfo=datetime.UTC) if moment.tzinfo is None else moment.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{shorten(text)} is no time like 2026-11-29T08:30") from None


def _open(place: str) -> Journal:
    """Raises JournalError, also for what is not there: reading creates nothing."""
    return _open_url(place) if "://" in place else _open_file(place)


def _open_file(path: str) -> Journal:
    from modellix.journal.sqlite import SqliteJournal

    try:
        size = Path(path).stat().st_size
    except (OSError, ValueError) as error:
        raise JournalError(f"there is no journal at {shorten(path, 200)}: {error}") from error
    if not size:
        raise JournalError(f"{shorten(path, 200)} is an empty file, no journal")
    return SqliteJournal(path)


def _open_url(url: str) -> Journal:
    from modellix.journal.sql import SqlJournal

    journal = SqlJournal(url)
    if not journal.is_there():
        raise JournalError(f"there is no journal at {journal!r}")
    return journal


def _list(journal: Journal, options: argparse.Namespace) -> int:
    entries = journal.entries(reference=options.reference, outcome=OUTCOMES.get(options.outcome), since=options.since)
    wanted = (one for one in entries if options.outcome != "open" or one.outcome is None)
    seen = _Totals()
    _show(seen.count(one for one in wanted if not options.undelivered or _is_undelivered(one)), options)
    if not options.json:
        print(seen)
    return 0


def _is_undelivered(entry: Entry) -> bool:
    return entry.outcome == "accepted" and entry.delivered_at is None


class _Totals:
    """Counts what is listed while it is listed."""

    def __init__(self) -> None:
        self.counts = {"listed": 0, "spent": 0, "unresolved": 0, "undelivered": 0, "lost": 0}

    def count(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        for entry in entries:
            self.counts["listed"] += 1
            self.counts["spent"] += entry.outcome in BOUGHT
            self.counts["unresolved"] += entry.outcome in (None, "unknown")
            self.counts["undelivered"] += _is_undelivered(entry)
            self.counts["lost"] += entry.status == "lost"
            yield entry

    def __str__(self) -> str:
        return ", ".join(f"{count} {what}" for what, count in self.counts.items())


def _unresolved(journal: Journal, options: argparse.Namespace) -> int:
    entries = [one for one in journal.unresolved() if not (options.overdue and _is_under_way(one))]
    _show(entries, options)
    if not options.json:
        print(_what_to_do(entries, options.journal) if entries else "nothing is unresolved")
    return 1 if entries else 0


def _is_under_way(entry: Entry) -> bool:
    return datetime.datetime.now(datetime.UTC) < entry.until


def _what_to_do(entries: Sequence[Entry], place: str) -> str:
    lines = [f"{len(entries)} may have been bought without anyone knowing."]
    under_way = [one for one in entries if _is_under_way(one)]
    lines += [f"Wait for {one.id}: its sender may be at work until {_time(one.until)} UTC." for one in under_way]
    over = [one for one in entries if one not in under_way]
    settle = f"  python -m modellix.journal settle {_quoted(place)}"
    for one in over:
        if one.task_id:
            lines += [
                f"The service's answer to {one.id} named the task {_whole(one.task_id)}. {_READ_IT}:",
                f"{settle} {one.id} --task-id {shlex.quote(_whole(one.task_id))}",
            ]
    if over:
        lines += [
            "Look for each in the vendor's console or bill, by operation and time. Then write down what you found:",
            f"{settle} ID --task-id TASK  # it was bought",
            f"{settle} ID --not-bought  # it was not",
        ]
    return "\n".join(lines)


def _whole(task_id: str) -> str:
    """What the column TASK may have cut."""
    return shorten(task_id, 512)


def _quoted(place: str) -> str:
    """The path as a shell takes it. A URL may hold a password."""
    return "URL" if "://" in place else shlex.quote(place) if place.isprintable() else "PATH"


def _settle(journal: Journal, options: argparse.Namespace) -> int:
    entry = next((one for one in journal.unresolved() if one.id == options.entry), None)
    if entry is None:
        raise JournalError(f"no entry {options.entry} is unresolved; `unresolved` shows those that are")
    if options.task_id and "…" in options.task_id:
        raise ValueError(f"{shorten(options.task_id)} is only a part of an id: `list --json` shows the whole")
    if options.task_id is None:
        _require_no_task(entry, options.not_bought)
    journal.settle(entry, task_id=options.task_id, bought=options.task_id is not None)
    print(f"entry {entry.id} is settled: {'not bought' if options.task_id is None else shorten(options.task_id)}")
    return 0


def _require_no_task(entry: Entry, confirmed: str) -> None:
    """Raises ValueError where a task may be paid for, unless its id was given as well."""
    held = _whole(entry.task_id or "")
    if held == _whole(confirmed):
        return
    if not held:
        raise ValueError(f"entry {entry.id} holds no task id: leave {shorten(confirmed)} out")
    raise ValueError(
        f"the service's answer to entry {entry.id} named the task {held}. {_READ_IT}: --task-id {held}. If you know "
        f"that it was not: --not-bought {held}"
    )


def _show(entries: Iterable[Entry], options: argparse.Namespace) -> None:
    """Each as soon as it is read, and nothing before the first was."""
    rest = iter(entries)
    first = list(islice(rest, 1))
    if not options.json:
        print(" ".join(name.ljust(width) for name, (width, _) in COLUMNS.items()))
    for entry in chain(first, rest):
        print(json.dumps(_as_object(entry)) if options.json else _row(entry))


def _row(entry: Entry) -> str:
    return " ".join(_cell(value(entry), width) for width, value in COLUMNS.values()).rstrip()


def _as_object(entry: Entry) -> dict[str, Any]:
    names = (
        "id",
        "reference",
        "operation",
        "fingerprint",
        "sent_at",
        "until",
        "attempt",
        "outcome",
        "task_id",
        "status",
    )
    values = {name: getattr(entry, name) for name in (*names, "delivered_at")}
    return {name: one.isoformat() if isinstance(one, datetime.datetime) else one for name, one in values.items()}


def _time(moment: datetime.datetime) -> str:
    return f"{moment.astimezone(datetime.UTC):%Y-%m-%d %H:%M:%S}"


def _cell(value: object, width: int) -> str:
    """The value on one line, printable, cut or filled to what a terminal shows as so many columns."""
    text = shorten(str(value), width)
    while _columns(text) > width:
        text = text.removesuffix("…")[:-1] + "…"
    return text + " " * (width - _columns(text))


def _columns(text: str) -> int:
    return sum(_columns_of(character) for character in text)


def _columns_of(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
