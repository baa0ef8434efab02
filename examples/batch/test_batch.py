"""A batch from CSV beside the stand-in: what it writes down, and that it buys nothing twice, however it was stopped."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import batch
from modellix.testing import StandIn

HERE = Path(__file__).parent
ORDERS = str(HERE / "orders.csv")
NAMES = ["crane", "harbour", "lighthouse"]
PATIENCE = 120.0  # seconds


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the batch runs, and its own folder in it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "out"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["batch.py", *arguments])
    return batch.main()


def outcomes() -> dict[str, dict[str, str]]:
    """What is written down, by name."""
    with Path("out/outcomes.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def test_each_row_gets_its_picture_and_a_line(
    modellix_stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    assert run(monkeypatch, ORDERS) == 0
    assert {name: row["outcome"] for name, row in outcomes().items()} == dict.fromkeys(NAMES, "done")
    assert sorted(path.name for path in folder.glob("*.png")) == [f"{name}-0.png" for name in NAMES]
    assert sorted(row["files"] for row in outcomes().values()) == [f"{name}-0.png" for name in NAMES]
    assert {"size" in one.body for one in modellix_stand_in.submissions} == {True, False}  # an empty cell is left out


def test_the_same_command_again_buys_nothing_and_says_the_same(
    modellix_stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, ORDERS)
    before = outcomes()
    assert (run(monkeypatch, ORDERS), outcomes()) == (0, before)
    assert len(modellix_stand_in.submissions) == len(NAMES)


def test_a_row_that_failed_has_its_error_and_costs_nothing_more(
    modellix_stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    modellix_stand_in.fail_next()
    for _ in range(2):
        assert run(monkeypatch, ORDERS) == 1
        assert sorted(row["outcome"] for row in outcomes().values()) == ["TaskFailed", "done", "done"]
    assert len(modellix_stand_in.submissions) == len(NAMES)


def test_what_was_refused_is_bought_by_the_next_run(
    modellix_stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_paid = threading.Event()
    modellix_stand_in.answer_next(402, to="submissions", count=len(NAMES), when=lambda _: not is_paid.is_set())
    assert run(monkeypatch, ORDERS) == 1
    assert {row["outcome"] for row in outcomes().values()} == {"PaymentRequiredError"}
    is_paid.set()
    assert run(monkeypatch, ORDERS) == 0


def test_it_buys_at_most_what_it_may(modellix_stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, ORDERS, "--most", "2") == 1
    assert sorted(row["outcome"] for row in outcomes().values()) == ["BudgetExceeded", "done", "done"]
    assert len(modellix_stand_in.submissions) == 2


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("name,prompt,colour\na,A harbour,red\n", ["orders.csv:1: columns missing: [], columns unknown: ['colour']"]),
        ("name;prompt\na;A harbour\n", ["orders.csv:1: columns missing: ['name', 'prompt']"]),
        ("name,prompt,size\na,A harbour,1x1\nb,,\n", ["orders.csv:2: size: enum", "orders.csv:3: prompt: minLength"]),
        (
            "name,prompt\na,A harbour\na,A crane\n,A lighthouse\n",
            [":3: the name 'a' stands there twice", ":4: no name"],
        ),
        ("name,prompt\na,A harbour, at dusk\n", ["orders.csv:2: more cells than columns"]),
    ],
)
def test_all_mistakes_are_said_before_anything_is_bought(
    modellix_stand_in: StandIn,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    mistakes: list[str],
) -> None:
    Path("orders.csv").write_text(text, "utf-8-sig")
    assert (run(monkeypatch, "orders.csv"), modellix_stand_in.submissions) == (2, [])
    said = capsys.readouterr().err.splitlines()
    assert [line for line, mistake in zip(said, mistakes, strict=True) if mistake not in line] == []


def test_without_a_key_it_says_so(
    modellix_stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MODELLIX_API_KEY")
    assert (run(monkeypatch, ORDERS), modellix_stand_in.submissions) == (2, [])
    assert "MODELLIX_API_KEY" in capsys.readouterr().err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_batch_that_was_stopped_goes_on(monkeypatch: pytest.MonkeyPatch, how: signal.Signals) -> None:
    stand_in, is_stopped = StandIn(reads=1), threading.Event()
    stand_in.hang_next(count=1000, to="reads", when=lambda _: not is_stopped.is_set())
    command = [sys.executable, str(HERE / "batch.py"), ORDERS]
    with stand_in.serve() as url:
        monkeypatch.setenv("MODELLIX_API_KEY", stand_in.api_key)
        monkeypatch.setenv("MODELLIX_BASE_URL", url)
        first = subprocess.Popen(command)
        until(lambda: len({one.path for one in stand_in.requests if one.method == "GET"}) == len(NAMES))
        first.send_signal(how)
        assert first.wait(PATIENCE) == (130 if how == signal.SIGINT else -how)
        is_stopped.set()
        assert subprocess.run(command, timeout=PATIENCE).returncode == 0
    assert {name: row["outcome"] for name, row in outcomes().items()} == dict.fromkeys(NAMES, "done")
    assert len(stand_in.submissions) == len(NAMES)


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)
