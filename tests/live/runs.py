"""Whole runs of the live suite, as a user starts them: another process, real sockets, an exit status and a log."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from modellix.testing.server import serve

from .apis import KEY, Api

REPOSITORY = Path(__file__).parents[2]
FAST = ("--live-rate", "0", "--live-poll-seconds", "0.01")
DETERMINISTIC = ("-m", "not random")  # where drawn data would add nothing but time
LONGEST = 240  # seconds that any run may take, on a machine that is busy
_WRITTEN = ("report", "live-ledger.jsonl")  # by a run, where the repository is


@dataclass(frozen=True)
class Run:
    """What a run left behind."""

    status: int
    output: str = field(repr=False)
    folder: Path

    @property
    def purchase_log(self) -> list[dict[str, Any]]:
        """The lines of the purchase log; none when there is no such file."""
        file = self.folder / "live-ledger.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def events(self, *names: str) -> list[dict[str, Any]]:
        """The lines of the purchase log about some events."""
        return [line for line in self.purchase_log if line["event"] in names]

    @property
    def known_ids(self) -> list[str]:
        """Every task id that the purchase log holds, in order."""
        return [line["task_id"] for line in self.purchase_log if line.get("task_id") is not None]

    @property
    def counts(self) -> dict[str, int]:
        """What the run says that it has sent: sent, accepted, refused, unknown."""
        found = re.search(r"^live run: (\d+) submissions sent, (.*?);", self.output, re.MULTILINE)
        assert found is not None, self.output[-3000:]
        rest = {name: int(number) for number, name in re.findall(r"(\d+) (\w+)", found[2])}
        return {"sent": int(found[1]), **rest}

    @property
    def forecast(self) -> tuple[int, int, int]:
        """Requests, submissions, and those accepted, as it expects them before the first request."""
        found = re.search(
            r"^  expected: (\d+) requests in .*?(\d+) submissions, .*?(\d+) are", self.output, re.MULTILINE
        )
        assert found is not None, self.output[:2000]
        requests, submissions, accepted = map(int, found.groups())
        return requests, submissions, accepted

    @property
    def broken(self) -> set[str]:
        """The promises that it calls broken."""
        return set(re.findall(r"^PROMISE BROKEN (\S+):", self.output, re.MULTILINE))

    @property
    def open_questions(self) -> list[str]:
        """Why it is not concluded."""
        return re.findall(r"^.*?NOT CONCLUDED: (.*)$", self.output, re.MULTILINE | re.IGNORECASE)

    @property
    def seconds(self) -> float:
        """As pytest measures it, without its start."""
        return float(re.findall(r" in (\d+\.\d+)s", self.output)[-1])

    @property
    def selected(self) -> int:
        """How many groups of tests it had, as the plan says."""
        found = re.search(r"^  \d+ tests: .+ in (\d+) groups$", self.output, re.MULTILINE)
        assert found is not None, self.output[-3000:]
        return int(found[1])

    @property
    def outcomes(self) -> dict[str, int]:
        """How many tests passed, failed, were skipped, as the last line says."""
        lines = [line for line in self.output.splitlines() if re.search(r" in \d+[.:]\d+", line)]
        found = re.findall(r"(\d+) (passed|failed|skipped|errors?)\b", lines[-1] if lines else "")
        return {name: int(number) for number, name in found}


def checkout(folder: Path) -> Path:
    """A folder that looks like the repository, so that what a run writes is not written there."""
    for entry in REPOSITORY.iterdir():
        if not entry.name.startswith(".") and entry.name not in _WRITTEN:
            (folder / entry.name).symlink_to(entry)
    return folder


def environment(**changes: str | None) -> dict[str, str]:
    """That of this process, without proxies and settings of the user's; None leaves a variable out."""
    foreign = ("MODELLIX_", "PYTEST_", "COV_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    kept = {name: value for name, value in kept.items() if "PROXY" not in name.upper()}
    return kept | {name: value for name, value in changes.items() if value is not None}


def start(address: str | None, folder: Path, *arguments: str, key: str | None = KEY) -> subprocess.Popen[str]:
    """A run that goes on while this returns."""
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "contract_tests", "-p", "no:cacheprovider", *arguments],
        env=environment(MODELLIX_BASE_URL=address, MODELLIX_API_KEY=key),
        cwd=checkout(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def end_of(process: subprocess.Popen[str], folder: Path) -> Run:
    """Waits for a run. It is killed when that takes too long."""
    with process:
        try:
            output, _ = process.communicate(timeout=LONGEST)
        except BaseException:
            process.kill()
            raise
    return Run(process.returncode, output, folder)


def run_against(address: str | None, folder: Path, *arguments: str, key: str | None = KEY) -> Run:
    """A run with these arguments against this address."""
    return end_of(start(address, folder, *arguments, key=key), folder)


def run(api: Api, folder: Path, budget: int, *arguments: str, key: str = KEY) -> Run:
    """A fast run with a budget against an API, which is served for as long as the run lasts."""
    with serve(api.handle, 0) as origin:
        return run_against(origin, folder, "--live", "--live-budget", str(budget), *FAST, *arguments, key=key)
