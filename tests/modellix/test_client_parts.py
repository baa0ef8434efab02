"""What both clients are made of: each argument is checked on entry and named."""

from __future__ import annotations

from typing import Any

import pytest

from modellix import AsyncModellix, ConfigurationError, Modellix, PollPolicy, RetryPolicy
from modellix.testing import StandIn
from modellix_client.operations import SubmissionRequest
from tests.support.clients import KEY

ORIGIN = "https://api.example"
each_client = pytest.mark.parametrize("kind", [Modellix, AsyncModellix])

WRONG = {
    "retry": (3, PollPolicy()),
    "poll": (1.0, RetryPolicy()),
    "journal": ("journal.db", 5),
    "download_proxy": (1, "http://proxy", None),
    "timeout": (-1, "5", True),
    "max_in_flight": (0, -1, 1.5),
    "max_submissions": (-1, True, "1"),
    "base_url": ("http://api.example", "https://api.example/path"),
    "api_key": ("", "two words"),
}


@each_client
@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_an_argument_that_cannot_be_used_is_refused_by_name(kind: Any, name: str, value: Any) -> None:
    word = "key" if name == "api_key" else name
    with pytest.raises(ConfigurationError, match=word):
        kind(**{"api_key": KEY, "base_url": ORIGIN, name: value})


@each_client
def test_a_client_is_shown_by_its_origin_alone(kind: Any) -> None:
    assert repr(kind(KEY, base_url=f"{ORIGIN}/")) == f"{kind.__name__}(base_url={ORIGIN!r})"


@pytest.mark.parametrize("what", [SubmissionRequest(), None, {}, "a prompt"], ids=lambda what: type(what).__name__)
def test_what_is_no_request_model_is_refused(what: Any) -> None:
    stand_in = StandIn(api_key=KEY)
    with stand_in.mock(), Modellix(KEY) as client, pytest.raises(TypeError, match="request model"):
        client.submit(what)
    assert stand_in.submissions == []
