"""The first live run, as its user will see it: a service as the real one is likely to be, and a small budget."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from contract_tests.harness.picture_gate import NoPicture
from modellix.testing import Answer
from modellix.testing.server import serve

from .apis import EDIT, Api, Honest, Seen, changed, is_read_of_task, refusal
from .runs import Run, run_against
from .test_pictures import GIVEN, is_good_edit, names_made_up

pytestmark = pytest.mark.slow

TASK_SECONDS = 1.5
BUSY_EVERY = 301  # requests
BUDGET = 20
PACE = ("--live-budget", str(BUDGET), "--live-rate", "200", "--live-poll-seconds", "0.2")


def like_the_real_one() -> Api:
    """It fetches pictures, paints for a while, is busy now and then, and keeps its results where nobody gets here."""
    taken: dict[str, float] = {}

    def twist(seen: Seen, honest: Honest) -> Answer:
        if len(api.seen) % BUSY_EVERY == 0:
            return refusal(429, "Too many requests: slow down", Retry_After="1")
        if is_good_edit(seen) and names_made_up(seen):
            return refusal(400, "Invalid parameters: a picture cannot be fetched")
        answer = honest(seen)
        if seen.is_submission and answer.status == 200:
            taken[answer.json()["data"]["task_id"]] = time.monotonic()
            return changed(answer, lambda reply: reply["data"].pop("get_result", None))
        return changed(answer, painted) if is_read_of_task(answer) else answer

    def painted(reply: Any) -> None:
        data = reply["data"]
        if data["status"] == "success" and time.monotonic() < taken[data["task_id"]] + TASK_SECONDS:
            data["status"] = "processing"
            del data["result"]
        for resource in data.get("result", {}).get("resources", []):
            resource["url"] = f"https://results.modellix.invalid/{data['task_id']}.png"

    api = Api(twist)
    return api


def first_run(api: Api, folder: Path, *arguments: str) -> Run:
    with serve(api.handle, 0) as origin:
        return run_against(origin, folder, "--live", *PACE, *arguments)


def closing(done: Run) -> str:
    """What is printed below the line of pytest's counts."""
    return re.split(r"^.*\d+ passed.* in \d+[.:]\d+.*$", done.output, flags=re.MULTILINE)[-1]


def test_first_run_tells_what_is_missing(tmp_path: Path) -> None:
    """Nothing is broken. The pictures are missing, and the files of results, and the run says what to do about both."""
    api = like_the_real_one()
    done = first_run(api, tmp_path)
    told = closing(done)
    assert (done.status, done.broken) == (1, set()), done.output[-3000:]
    assert [reason for reason in done.output.splitlines() if "results.modellix.invalid" in reason], told
    assert f"{NoPicture.REASON}: the first submission of {EDIT.name}" in told
    assert told.count("Next: ") == len(re.findall(r"^NOT CONCLUDED|^not run: no picture", told, re.MULTILINE)), told
    assert len(list(filter(is_good_edit, api.submissions))) <= 2, "one, and once more after a 429"
    assert len(api.bought) == done.counts["accepted"] <= BUDGET
    assert done.known_ids == api.bought


def test_first_run_with_pictures_leaves_the_files_alone_open(tmp_path: Path) -> None:
    api = like_the_real_one()
    done = first_run(api, tmp_path, "--live-image", GIVEN[0])
    assert (done.status, done.broken) == (1, set()), done.output[-3000:]
    assert NoPicture.REASON not in done.output
    open_lines = [line for line in closing(done).splitlines() if line.startswith("NOT CONCLUDED")]
    assert open_lines
    assert all("results.modellix.invalid" in line and "Next: " in line for line in open_lines), open_lines
    assert len(api.bought) == done.counts["accepted"] == BUDGET
    assert done.counts["unknown"] == 0
    assert len(done.events("accepted")) == BUDGET
