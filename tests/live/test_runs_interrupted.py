"""Whole runs that end early: by Ctrl-C or by a kill, the purchase log knows every task that was bought."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modellix.testing.server import serve

from .apis import Api, Honest, Seen
from .runs import DETERMINISTIC, FAST, Run, end_of, start
from .test_runs import books_agree

pytestmark = pytest.mark.slow


def run_stopped_at(
    is_place: Callable[[Api, Seen], bool], number: int, folder: Path, *arguments: str
) -> tuple[Run, Api]:
    """A run with budget 20 that gets a signal while the API, which has done its work, holds an answer back."""
    reached, over = threading.Event(), threading.Event()

    def holds(seen: Seen, honest: Honest) -> Any:
        answer = honest(seen)
        if is_place(api, seen) and not reached.is_set():
            reached.set()
            over.wait(60)
        return answer

    api = Api(holds)
    with serve(api.handle, 0) as origin:
        process = start(origin, folder, "--live", "--live-budget", "20", *FAST, *DETERMINISTIC, *arguments)
        assert reached.wait(120), process.communicate()[0]
        process.send_signal(number)
        try:
            return end_of(process, folder), api
        finally:
            over.set()


def is_seventh_sale(api: Api, seen: Seen) -> bool:
    return seen.is_submission and len(api.bought) == 7


def is_tenth_read(api: Api, seen: Seen) -> bool:
    return len(api.reads) == 10


def test_ctrl_c_while_tasks_are_read_leaves_every_id(tmp_path: Path) -> None:
    done, api = run_stopped_at(is_tenth_read, signal.SIGINT, tmp_path)
    assert done.status == 2
    assert len(api.bought) == 20
    books_agree(done, api)
    assert done.known_ids == api.bought


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_submission_in_flight_is_unknown_and_all_others_are_known(number: signal.Signals, tmp_path: Path) -> None:
    """Without a chance to write it down, its beginning has no end."""
    done, api = run_stopped_at(is_seventh_sale, number, tmp_path)
    assert done.status not in (0, 1)
    assert done.known_ids == api.bought[:-1]
    assert len(done.events("sending")) == len(api.submissions)
    ended = {line["number"] for line in done.events("accepted", "refused", "never sent")}
    [open_one] = [line["number"] for line in done.events("sending") if line["number"] not in ended]
    assert open_one == len(api.submissions)
    if number is signal.SIGINT:
        assert [line["number"] for line in done.events("unknown")] == [open_one]
        assert done.counts["unknown"] == len(done.open_questions) == 1
