"""Fields that the document does not know yet: `request["n"] = 2`."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from contract_tests.model import good
from modellix import ConstraintError, GptImage2Request, ReferenceConflict, SqliteJournal, fingerprint
from tests.modellix.conftest import Open, Serve
from tests.support.clients import COPIES, kind_of
from tests.support.marks import ON_SOCKETS

pytestmark = ON_SOCKETS

NEW = "new_field"


def request(**further: Any) -> GptImage2Request:
    made = GptImage2Request(**good.words())
    for name, value in further.items():
        made[name] = value
    return made


@pytest.mark.parametrize("value", [2, "two", None, True, [1, {"a": "b"}], {"a": [1.5]}], ids=repr)
@pytest.mark.parametrize("way", COPIES.values(), ids=COPIES)
def test_they_are_sent_as_they_are(way: Any, value: Any, serve: Serve, open_client: Open) -> None:
    server = serve()
    buyer = open_client(server.url)
    assert kind_of(buyer.attempt_request(way(request(**{NEW: value})))) in ("Task", "AsyncTask")
    assert [json.loads(one.body) for one in server.submissions] == [{**good.body(), NEW: value}]


@pytest.mark.parametrize("value", [float("nan"), object(), "\ud800", {1: 2}], ids=["nan", "object", "surrogate", "key"])
def test_what_json_cannot_say_is_refused_here(value: Any, serve: Serve, open_client: Open) -> None:
    server = serve()
    error = open_client(server.url).attempt_request(request(**{NEW: value}))
    assert isinstance(error, ConstraintError)
    assert [one.field for one in error.violations] == [NEW]
    assert server.submissions == []


def test_they_can_be_read_and_taken_back() -> None:
    made = request(**{NEW: 2})
    assert (made[NEW], NEW in made, f"'{NEW}': 2" in repr(made)) == (2, True, True)
    del made[NEW]
    assert (NEW in made, made.to_dict(), made == request()) == (False, good.body(), True)
    with pytest.raises(KeyError):
        made[NEW]


def test_a_name_that_is_a_field_sets_the_field(serve: Serve, open_client: Open) -> None:
    """Also one that a later document has: what a program has set by its name stays what is sent."""
    server = serve()
    made = request(**{good.TEXT: "another text", good.SIZE: good.options(good.SIZE)[1]})
    assert (made[good.TEXT], made.additional_properties) == ("another text", {})
    open_client(server.url).submit_request(made)
    assert json.loads(server.submissions[0].body) == {good.TEXT: "another text", good.SIZE: good.options(good.SIZE)[1]}
    assert made == GptImage2Request.from_dict(made.to_dict())


def test_a_field_is_checked_by_its_name_too() -> None:
    made = request()
    with pytest.raises(ConstraintError) as caught:
        made[good.SIZE] = "odd"
    assert [one.field for one in caught.value.violations] == [good.SIZE]
    assert made == request()


def test_another_value_is_another_request(serve: Serve, open_client: Open, journal: SqliteJournal) -> None:
    assert len({fingerprint(request()), fingerprint(request(**{NEW: 1})), fingerprint(request(**{NEW: 2}))}) == 3
    server = serve()
    buyer = open_client(server.url, journal=journal)
    buyer.run(lambda: buyer.client.submit(request(**{NEW: 1}), reference="order-1"))
    with pytest.raises(ReferenceConflict):
        buyer.run(lambda: buyer.client.submit(request(**{NEW: 2}), reference="order-1"))
    assert len(server.submissions) == 1


def test_they_stay_when_a_request_is_stored() -> None:
    made = request(**{NEW: 2})
    for one in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made), GptImage2Request.from_dict(made.to_dict())):
        assert one == made
