"""What a whole live run costs beside plain schemathesis, in one go. `nox -s schemathesis -- beside`.

Both run against a fresh stand-in on loopback, one after the other, from the start of the process to its end. Machines
and their load differ, so only the ratios mean something.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from scripts.benchmark.bodies import KEY
from scripts.benchmark.service import stand_in
from scripts.console import take_any_output

ROOT = Path(__file__).parents[1]
PLAIN = ("--config-file", "contract_tests/harness/schemathesis.toml", "run", "openapi/modellix.yaml", "--url")
WRITTEN = ("report", "live-ledger.jsonl")  # by a live run, and perhaps of a real one
LIVE = ("contract_tests", "--live", "--live-budget", "500", "--live-rate", "0", "--live-poll-seconds", "0.02", "-q")


@contextmanager
def checkout() -> Generator[str]:
    """A folder that looks like the repository, so that nothing is written there."""
    with tempfile.TemporaryDirectory() as folder:
        for entry in ROOT.iterdir():
            if entry.name not in (*WRITTEN, ".git"):
                (Path(folder) / entry.name).symlink_to(entry)
        yield folder


def seconds_of(command: list[str], folder: str, **variables: str) -> tuple[float, float]:
    """Seconds by the clock and of CPU. SystemExit with what it said, unless it ends well."""
    cpu, began = _cpu_of_children(), time.monotonic()
    done = subprocess.run(
        command, cwd=folder, env=os.environ | variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode:
        sys.exit(done.stdout.decode(errors="replace"))
    return time.monotonic() - began, _cpu_of_children() - cpu


def _cpu_of_children() -> float:
    return os.times().children_user + os.times().children_system


def plain_schemathesis() -> tuple[float, float]:
    """All its phases, with the settings that the contract tests have."""
    run = "import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())"
    with stand_in(reads=3) as url, checkout() as folder:
        return seconds_of([sys.executable, "-c", run, *PLAIN, f"{url}/api/v1"], folder)


def live_run() -> tuple[float, float]:
    """All that a live run sends, with money for it."""
    with stand_in(reads=3) as url, checkout() as folder:
        address = {"MODELLIX_BASE_URL": url, "MODELLIX_API_KEY": KEY}
        return seconds_of([sys.executable, "-m", "pytest", *LIVE], folder, **address)


def main() -> int:
    """Print seconds and ratios."""
    figures = {"live run": live_run(), "plain schemathesis": plain_schemathesis()}
    for name, (clock, cpu) in figures.items():
        print(f"{name:20} {clock:6.1f} s, {cpu:6.1f} s of CPU")
    live, plain = figures.values()
    print(f"live run beside plain schemathesis: {live[0] / plain[0]:.2f} by the clock, {live[1] / plain[1]:.2f} of CPU")
    return 0


if __name__ == "__main__":
    take_any_output()
    sys.exit(main())
