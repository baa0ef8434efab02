"""A client made before a fork, as prefork servers do, opens connections of its own in the child."""

from __future__ import annotations

import os
import warnings

import pytest

from contract_tests.model import good
from modellix import Modellix
from modellix.testing import StandIn


@pytest.mark.skipif(not hasattr(os, "fork"), reason="because this system has no fork")
def test_a_child_does_not_share_the_parents_connection() -> None:
    stand_in = StandIn()
    with stand_in.serve() as url, Modellix("test-key", base_url=url) as client:
        first = client.openai.gpt_image_2(**good.words("from the parent"))
        idle = list(client._driver._idle)  # held, so that nothing new can get the place of one of them
        read_end, write_end = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # newer Pythons warn of threads, here the server's
            child = os.fork()
        if child == 0:
            try:  # whatever happens, no second pytest goes on from here
                task = client.openai.gpt_image_2(**good.words("from the child"))
                is_shared = any(new is old for new in client._driver._idle for old in idle)
                os.write(write_end, f"{task.id} {is_shared}".encode())
            finally:
                os._exit(0)
        os.close(write_end)  # so that a child that says nothing is heard to
        with open(read_end) as said:
            second, answer = said.read().split()
        os.waitpid(child, 0)
        third = client.openai.gpt_image_2(**good.words("from the parent again")).id
    assert answer == "False"
    assert len({first.id, second, third}) == 3
    assert len(stand_in.submissions) == 3
