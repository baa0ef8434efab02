"""Errors are pickled and copied with all their fields."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import pytest

from tests.modellix.conftest import Open, Serve
from tests.support.hostile_server import refused
from tests.support.marks import ON_SOCKETS
from tests.support.sample_errors import a_constraint_error, sample_errors
from tests.support.scripts import answers

pytestmark = ON_SOCKETS


@pytest.mark.parametrize("error", [*sample_errors(), a_constraint_error()], ids=lambda error: type(error).__name__)
@pytest.mark.parametrize(
    "way",
    [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy],
    ids=["pickle", "copy", "deepcopy"],
)
def test_errors_travel_with_their_fields(error: BaseException, way: Any) -> None:
    error.add_note("seen in the night run")
    copied = way(error)
    assert type(copied) is type(error)
    assert (str(copied), copied.args, vars(copied)) == (str(error), error.args, vars(error))


def test_errors_from_the_wire_travel_too(serve: Serve, open_client: Open) -> None:
    server = serve(answers(400, refused(400)), answers(500, refused(500)), answers(429, refused(429), "Retry-After: 3"))
    buyer = open_client(server.url)
    for _ in range(3):
        end = buyer.attempt()
        copied = pickle.loads(pickle.dumps(end))
        assert (type(copied), vars(copied)) == (type(end), vars(end))
        made = type(end)(*json.loads(json.dumps(end.args)))
        assert (str(made), made.args) == (str(end), end.args)
        assert (end.args[1]["operation"], end.args[1]["status"]) == ("gpt_image_2", end.status)
    assert len(server.submissions) == 3
