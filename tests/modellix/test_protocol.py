"""What a journal must be able to do, what a reference is, and what makes two requests the same."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from contract_tests.model import good
from contract_tests.model.document import contract
from modellix import ConfigurationError
from modellix._entry import Entry
from modellix.journal import protocol
from modellix_client.models import GptImage2Request

NOW = datetime.datetime(2026, 11, 29, tzinfo=datetime.UTC)


OPERATION = GptImage2Request.OPERATION
BODY = good.body(contract().operation("gpt_image_2"), "a lighthouse")


def request(text: str = "a lighthouse", **more: Any) -> GptImage2Request:
    return GptImage2Request(**good.arguments(good.body(contract().operation("gpt_image_2"), text)), **more)


def entry(fingerprint: str) -> Entry:
    return Entry(1, "gpt_image_2", fingerprint, "order-1", NOW, NOW)


def test_a_fingerprint_says_its_version_and_not_the_prompt() -> None:
    made = protocol.fingerprint(request("secret"))
    assert made.startswith("2:")
    assert len(made) == 2 + 64
    assert made == protocol.fingerprint(request("secret"))
    assert made != protocol.fingerprint(request("another"))


@pytest.mark.parametrize("make", protocol._FINGERPRINTS.values())
def test_an_entry_is_compared_by_its_own_version(make: Any) -> None:
    assert protocol.is_same_request(OPERATION, BODY, entry(make(OPERATION, BODY)))
    assert protocol.is_same_request(OPERATION, dict(reversed(BODY.items())), entry(protocol.fingerprint(request())))
    assert not protocol.is_same_request(OPERATION, {**BODY, **good.words("another")}, entry(make(OPERATION, BODY)))


def test_a_version_that_is_not_known_is_another_request() -> None:
    assert not protocol.is_same_request(OPERATION, BODY, entry("9:" + "0" * 64))


GOOD = ("o", "order-4711", "ord/../er", "é" * 200, "\N{GRINNING FACE}", "a\u200db")
BAD = ("", "two words", "a\tb", "a\n", "\x00", "a\x7f", "\ud800", "a\u00a0b", "a\u2028", "x" * 201, 5, None, b"order")


@pytest.mark.parametrize("value", GOOD)
def test_a_reference_is_kept_as_it_is(value: str) -> None:
    assert protocol.require_reference(value) == value


@pytest.mark.parametrize("value", BAD)
def test_what_is_no_reference_is_refused(value: object) -> None:
    with pytest.raises(ConfigurationError, match="a reference is"):
        protocol.require_reference(value)


class Sound:
    def begin(self, intent: Any) -> Any: ...
    def end(self, entry: Any, outcome: str, task_id: Any) -> None: ...
    def ended(self, task_id: str, status: str) -> None: ...
    def delivered(self, task_id: str) -> None: ...
    def find(self, reference: str) -> Any: ...
    def entries(self, *, reference: Any = None, outcome: Any = None, since: Any = None) -> Any: ...
    def unresolved(self) -> Any: ...
    def undelivered(self) -> Any: ...
    def settle(self, entry: Any, *, task_id: Any = None, bought: bool = True) -> None: ...
    def claim(self, owner: str, seconds: float, limit: Any) -> Any: ...
    def renew(self, owner: str, seconds: float) -> Any: ...
    def release(self, owner: str) -> None: ...
    def spent(self, since: Any = None) -> Any: ...
    def close(self) -> None: ...


METHODS = [name for name in vars(Sound) if not name.startswith("_")]


def test_the_whole_protocol_is_enough() -> None:
    sound = Sound()
    assert protocol.require_journal(sound, is_async_allowed=False) is sound


UNCALLED = ("renew", "release")  # by clients


def _another_call(self: Any, one: Any, two: Any, three: Any, four: Any) -> None: ...


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("wrong", [None, _another_call], ids=["missing", "another call"])
def test_a_method_that_is_amiss_is_named(name: str, wrong: Any) -> None:
    odd = type("Odd", (Sound,), {name: wrong})()
    if wrong and name in UNCALLED:
        assert protocol.require_journal(odd, is_async_allowed=True) is odd
        return
    with pytest.raises(ConfigurationError, match=name):
        protocol.require_journal(odd, is_async_allowed=True)


async def _coroutine(self: Any, *values: Any, **names: Any) -> None: ...


ALL_ASYNC = type("AllAsync", (Sound,), {name: _coroutine for name in METHODS if name != "entries"})


def test_async_methods_go_where_they_can_be_awaited() -> None:
    assert protocol.is_async(protocol.require_journal(ALL_ASYNC(), is_async_allowed=True))
    with pytest.raises(ConfigurationError, match="AsyncModellix"):
        protocol.require_journal(ALL_ASYNC(), is_async_allowed=False)


async def _generator(self: Any, *values: Any, **names: Any) -> Any:
    yield None


def test_an_async_journal_may_list_in_an_asynchronous_generator() -> None:
    listing = dict.fromkeys(("entries", "unresolved", "undelivered"), _generator)
    journal = type("Listing", (ALL_ASYNC,), listing)()
    assert protocol.is_async(protocol.require_journal(journal, is_async_allowed=True))
    with pytest.raises(ConfigurationError, match="undelivered is async"):
        protocol.require_journal(type("Mixed", (Sound,), listing)(), is_async_allowed=True)


@pytest.mark.parametrize("name", [name for name in METHODS if name != "entries"])
def test_methods_of_both_kinds_are_refused(name: str) -> None:
    mixed = type("Mixed", (Sound,), {name: _coroutine})()
    with pytest.raises(ConfigurationError, match=f"{name} is async"):
        protocol.require_journal(mixed, is_async_allowed=True)


@pytest.mark.parametrize("value", ["journal.db", 5, object(), Sound])
def test_what_is_no_journal_is_refused(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="journal must be a journal"):
        protocol.require_journal(value, is_async_allowed=True)
