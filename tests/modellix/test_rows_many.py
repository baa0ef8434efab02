"""Many rows: killed again and again, and in little memory."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from modellix import SqliteJournal
from tests.support.batches import Shop, texts
from tests.support.timing import LONG

pytestmark = pytest.mark.slow

ROWS = 500
KILLS = 5


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
@pytest.mark.parametrize("blow", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "kill -9"])
@pytest.mark.parametrize("kind", ["Modellix", "AsyncModellix"])
def test_a_batch_that_is_struck_down_five_times_buys_each_picture_once(
    kind: str, blow: signal.Signals, shop: Shop, tmp_path: Path, folder: Path
) -> None:
    """Rows whose submission was under way at a `kill -9` stay unknown: nobody can tell, and nobody buys them again."""
    dice = random.Random(20261129)
    path = tmp_path / "journal.db"
    command = [sys.executable, "-m", "tests.support.batch_program", kind, shop.url, str(path), str(folder), str(ROWS)]
    for number in range(KILLS):
        least = (number + 1) * ROWS // (KILLS + 2)
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            end = time.monotonic() + LONG
            while len(shop.posts) < least and process.poll() is None:
                assert time.monotonic() < end
                time.sleep(0.002)
            time.sleep(dice.random() * 0.05)
            process.send_signal(blow)
        assert process.returncode not in (0, 1)
    subprocess.run(command, check=True)
    with SqliteJournal(path) as journal:
        unknown = [entry for entry in journal.entries() if entry.outcome is None]
    assert sorted(shop.posts) == sorted(set(shop.posts))
    assert len(list(folder.glob("*.png"))) + len(unknown) == ROWS
    assert len(unknown) <= (KILLS * 8 if blow == signal.SIGKILL else 0)
    if blow == signal.SIGINT:
        assert sorted(shop.bought) == sorted(texts(ROWS))


@pytest.mark.skipif(sys.platform != "linux", reason="because other systems tell a process's memory otherwise")
def test_ten_thousand_rows_take_little_memory() -> None:
    """All are bought and waited for at once: no task ends before."""
    command = [sys.executable, "-m", "tests.support.batch_memory", "10000"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    assert told["outcomes"] == 10_000
    assert told["grown"] < 100e6  # bytes
