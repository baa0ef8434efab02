"""The kit for journals finds each fault, and names the promise that it breaks. Each promise can break."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest

from modellix._entry import Entry, Intent
from modellix.testing import check_journal, journal_kit
from modellix.testing.journal_kit import calls
from modellix.testing.journal_kit import leasing as kits_leasing
from modellix.testing.journal_kit.corner import PROMISES
from tests.support.faulty_journals import FAULTS, beginning, ending
from tests.support.memory_journal import AsyncMemoryJournal, MemoryJournal, Store


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """With leases that do not end; those of this store end at once."""
    monkeypatch.setattr(kits_leasing, "PATIENCE", 0.3)


def check(journal: Callable[..., Any]) -> None:
    """Of a store of its own."""
    store = Store()
    check_journal(lambda: journal(store), limited=lambda most: journal(store, max_submissions=most))


@pytest.mark.parametrize(("journal", "promise"), FAULTS, ids=[journal.__name__ for journal, _ in FAULTS])
def test_the_promise_that_is_broken_is_named(
    journal: type[MemoryJournal], promise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its own check, which is all that runs here."""
    own = [(sentence, check) for sentence, check in PROMISES if sentence.startswith(promise)]
    monkeypatch.setattr(journal_kit, "PROMISES", own)
    with pytest.raises(AssertionError, match=re.escape(f"1 of 1 promises of a journal are broken:\n- {promise}")):
        check(journal)


def test_every_broken_promise_is_named() -> None:
    class Forgets(ending.CountsRefusedOnes, ending.DeliversAgain, beginning.FoldsCase):
        """Three faults in one."""

    with pytest.raises(AssertionError) as caught:
        check(Forgets)
    named = ("spent: counts what is open", "delivered: the first time", beginning.CODE_POINTS)
    assert [promise for promise in named if f"\n- {promise}" not in str(caught.value)] == []


def test_each_promise_can_break() -> None:
    known = [promise for _, promise in FAULTS]
    assert [sentence for sentence, _ in PROMISES if not any(map(sentence.startswith, known))] == []


class AwaitsBeforeItBegins(AsyncMemoryJournal):
    async def begin(self, intent: Intent) -> Entry:
        if intent.reference is None or await self.find(intent.reference):
            return await super().begin(intent)
        return self.journal._grant(intent, None)


def test_a_race_of_coroutines_is_found() -> None:
    with pytest.raises(AssertionError, match="begin: of many callers of one reference at once"):
        check(lambda store, **options: AwaitsBeforeItBegins(MemoryJournal(store, **options)))


def test_a_journal_that_hangs_is_told_and_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LONGEST", 0.3)
    end = threading.Event()

    class Hangs(MemoryJournal):
        def find(self, reference: str) -> Entry | None:
            end.wait()
            return None

    try:
        with pytest.raises(AssertionError, match=r"no answer within 0\.3 seconds; nothing after it was checked"):
            check(Hangs)
    finally:
        end.set()


def test_a_coroutine_that_hangs_is_told_and_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "LONGEST", 0.3)

    class Hangs(AsyncMemoryJournal):
        async def find(self, reference: str) -> Entry | None:
            await asyncio.get_running_loop().create_future()
            return None

    with pytest.raises(AssertionError, match=r"no answer within 0\.3 seconds; nothing after it was checked"):
        check(lambda store, **options: Hangs(MemoryJournal(store, **options)))


@pytest.mark.parametrize("journal", [object(), MemoryJournal], ids=["an object", "a class"])
def test_what_is_no_journal_is_told(journal: object) -> None:
    with pytest.raises(AssertionError, match="has no method begin"):
        check_journal(lambda: journal)


def test_a_factory_that_fails_fails_as_it_does() -> None:
    with pytest.raises(ZeroDivisionError):
        check_journal(lambda: 1 / 0)
