"""A child forked in the middle of a call, the first or a later one, can make its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from modellix import Modellix
from scripts.mutants.kills import kills, swap
from tests.support.clients import KEY
from tests.support.forked import QUICK, Service, buy
from tests.support.marks import NEEDS_FORK
from tests.support.processes import in_child

pytestmark = NEEDS_FORK


FIRST_CALLS = """
import json, os, signal, sys, threading
from modellix import Modellix, PollPolicy, SqliteJournal
from modellix.testing import StandIn

class Slow:
    def find_spec(self, name, *_):
        if name == sys.argv[1]:
            is_importing.set()
            is_forking.wait(60)  # the parent's is set soon after the fork has begun, the child's never

is_importing, is_forking = threading.Event(), threading.Event()
with StandIn("test-key", reads=1).serve() as url:
    quick = PollPolicy(first=0.01, longest=0.1)
    make = lambda: Modellix("test-key", base_url=url, poll=quick, journal=SqliteJournal("journal.db"))
    client = None if sys.argv[1] in ("attrs", "modellix._io.sync_driver") else make()  # these two it imports itself
    buy = lambda: (client or make()).openai.gpt_image_2(**json.loads(sys.argv[2])).wait().download("out")
    sys.meta_path.insert(0, Slow())
    thread = threading.Thread(target=buy)
    thread.start()
    assert is_importing.wait(60)
    threading.Timer(0.2, is_forking.set).start()
    pid = os.fork()
    if pid == 0:
        signal.alarm(30)
        buy()
        os._exit(7)
    thread.join()
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""


@pytest.mark.parametrize(
    "module", ["attrs", "modellix._io.sync_driver", "sqlite3", "modellix._io.transports", "modellix._io.download_sync"]
)
def test_a_child_forked_in_the_middle_of_a_first_call_can_make_its_own(module: str, tmp_path: Path) -> None:
    program = [sys.executable, "-c", FIRST_CALLS, module, json.dumps(good.words("a lighthouse"))]
    assert subprocess.run(program, cwd=tmp_path, timeout=60, check=False).returncode == 7


@pytest.mark.parametrize("way", ["download", "read"])
def test_a_child_forked_in_the_middle_of_a_download_has_its_own(way: str, tmp_path: Path) -> None:
    service = Service()
    with service.serve() as url, Modellix(KEY, base_url=url, poll=QUICK) as client:
        result = buy(client).wait(timeout=30.0)
        fetch = {"download": lambda: result.download(tmp_path)[0].read_bytes(), "read": result.read}[way]
        with service.holding(result.resources[0].url.removeprefix(url), fetch) as go_on:
            assert in_child(lambda: len(result.read()) == len(buy(client).wait(timeout=30.0).read())) == "True"
            assert go_on() == result.read()
    assert not list(tmp_path.glob(".modellix-*"))
    assert len(service.submissions) == 2


@kills(
    "A child cuts the reads of the wait that it was forked in.",
    sync=("_io.sync_driver:_Workers.close", swap("self._process != os.getpid()", "False")),
)
@kills(
    "A child waits for ever for the threads of its parent.",
    sync=("_io.sync_driver:_Workers._require_own_process", swap("self._process != os.getpid()", "False")),
    is_about_ending=True,
)
def test_a_wait_goes_on_in_the_parent_alone() -> None:
    service = Service()
    with service.serve() as url, Modellix(KEY, base_url=url, poll=QUICK) as client:
        tasks = [buy(client) for _ in range(3)]
        service.held = "GET"
        iterator: Any = client.as_completed(tasks, timeout=60.0)
        ended = [next(iterator).task_id]
        assert service.is_holding.wait(60)
        assert "ConfigurationError('this wait goes on in the parent" in in_child(lambda: list(iterator))
        assert in_child(iterator.close) == "None"
        service.goes_on.set()
        ended += [result.task_id for result in iterator]
    assert sorted(ended) == sorted(task.id for task in tasks)
    assert len(service.asked) == 6  # none was cut, and read once more
