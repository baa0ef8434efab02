"""Is the order of the usual run random, said and repeatable, and that of a live run the planned one?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from contract_tests.harness.results import Results
from tests.live.runs import checkout, environment

LIGHT = "tests/modellix/test_policies.py"
PLANNED = "contract_tests/api/test_tasks.py"
CLOSING = "contract_tests/api/test_closing.py"
SAID = re.compile(r"^the same order again: (--randomly-seed=\d+)$", re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return checkout(tmp_path)


def collect(folder: Path, *arguments: str) -> str:
    """What pytest says of a quiet run that only collects."""
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:cacheprovider", *arguments]
    variables = environment(MODELLIX_API_KEY="test-key", MODELLIX_BASE_URL="http://127.0.0.1")
    done = subprocess.run(command, env=variables, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert " tests collected" in done.stdout, done.stdout + done.stderr
    return done.stdout


def order_in(output: str) -> list[str]:
    return re.findall(r"^\S+?::.*$", output, re.MULTILINE)


def test_the_usual_order_is_random_and_what_a_run_says_brings_it_back(folder: Path) -> None:
    first = collect(folder, LIGHT)
    said = SAID.search(first)
    assert said is not None, first[-500:]
    again, planned = collect(folder, said[1], LIGHT), collect(folder, "-p", "no:randomly", LIGHT)
    assert order_in(again) == order_in(first)
    assert sorted(order_in(planned)) == sorted(order_in(first))
    assert order_in(planned) != order_in(first)
    assert SAID.search(planned) is None


def test_a_live_run_keeps_the_order_of_its_plan(folder: Path) -> None:
    live = collect(folder, "--live", "--randomly-seed=1", PLANNED)
    assert len(order_in(live)) > 20
    assert order_in(live) == order_in(collect(folder, "--live", "-p", "no:randomly", PLANNED))
    assert SAID.search(live) is None


@pytest.mark.parametrize("live", [(), ("--live",)])
def test_tests_that_look_back_at_a_run_come_last(live: tuple[str, ...], folder: Path) -> None:
    order = order_in(collect(folder, *live, CLOSING, PLANNED, "-m", "not random"))
    is_closing = [CLOSING in name for name in order]
    assert is_closing == sorted(is_closing)
    assert 5 < sum(is_closing) < len(order)


def test_a_live_run_leaves_out_what_says_nothing_more_of_the_api(folder: Path) -> None:
    """Schemathesis: what has to be refused, and reads."""
    output = collect(folder, "--live", "contract_tests/api/test_schemathesis.py")
    left = {line.partition("::")[2].partition("[")[0] for line in order_in(output)}
    assert left == {"test_broken_requests_are_refused", "test_any_task_id_is_answered"}


def test_pytest_rewrites_no_library() -> None:
    """Where Python writes no bytecode that takes seconds of every run."""
    loaded = [module for name, module in sys.modules.items() if name.partition(".")[0] in ("hypothesis", "respx")]
    assert loaded
    assert [one.__name__ for one in loaded if type(one.__loader__).__module__.startswith("_pytest.")] == []


def test_each_room_alone_draws_the_same_examples_and_does_not_time_them() -> None:
    """The profile that is loaded is that of the file at the root, whichever tests are asked for."""
    usual = settings.default
    assert usual is not None
    assert (usual.derandomize, usual.deadline) == (True, None)


def test_the_report_does_not_change_with_the_order() -> None:
    results = Results("stand-in", "http://127.0.0.1", str)
    for name in ("b", "c", "a"):
        where, properties = ("", None, ""), [("promise", "gpt-image-2.auth")]
        results.add(pytest.TestReport(name, where, {}, "passed", None, "call", user_properties=properties))
    assert [test["id"] for test in results.found()["tests"]] == ["a", "b", "c"]
