"""One request, its headers written in every way: nothing else about it changes."""

from __future__ import annotations

import pytest

from contract_tests.model import good
from contract_tests.model.http_habits import HABITS, PLAIN

from .apis import PLAIN as OPERATION
from .apis import accepts
from .conftest import OpenTarget

Raw = list[tuple[bytes, bytes]]


@pytest.fixture
def sent(open_target: OpenTarget) -> dict[str, Raw]:
    """The headers of a submission in each way."""
    target, wire = open_target(accepts())
    for habit in HABITS:
        target.send(OPERATION, good.body(), habit=habit)
    assert len({(one.url, one.content) for one in wire.arrived}) == 1
    return dict(zip(HABITS, (one.headers.raw for one in wire.arrived), strict=True))


def small(headers: Raw) -> dict[bytes, bytes]:
    return {name.lower(): value.lower().replace(b" ", b"").replace(b'"', b"") for name, value in headers}


def test_only_what_the_habit_is_about_changes(sent: dict[str, Raw]) -> None:
    usual = small(sent[PLAIN])
    for habit, headers in sent.items():
        assert habit == PLAIN or headers != sent[PLAIN], habit
        changed = {name for name, value in small(headers).items() if usual[name] != value}
        assert changed <= {b"content-type", b"accept", b"accept-encoding"}, habit
        assert set(usual) - set(small(headers)) <= {b"accept"}, habit


def test_content_type_is_json_in_utf_8(sent: dict[str, Raw]) -> None:
    told = {small(headers)[b"content-type"] for headers in sent.values()}
    assert told == {b"application/json", b"application/json;charset=utf-8"}


def test_names_are_small_where_they_are_to_be(sent: dict[str, Raw]) -> None:
    names = [name for name, _ in sent["names of headers in small letters"]]
    assert names == [name.lower() for name in names]
    assert b"authorization" in names
