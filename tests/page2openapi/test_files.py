"""Files that commands replace are whole at every moment."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from pathlib import Path
from page2openapi.outputs import replace_text

print("ready", flush=True)
while True:
    for letter in "ab":
        replace_text(Path(sys.argv[1]), letter * 3_000_000)
"""


@pytest.mark.slow
def test_a_kill_while_writing_leaves_one_whole_text(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("a" * 3_000_000)
    for number in range(10):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.01 + 0.007 * number)
            writer.send_signal(signal.SIGKILL)
        text = path.read_text()
        assert text in ("a" * 3_000_000, "b" * 3_000_000)
