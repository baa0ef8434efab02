"""Steps of the session: each is a command whose seconds and memory are measured, with its words in a file."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LINES_SHOWN: Final = 30  # of a step that failed


@dataclass(frozen=True)
class Step:
    """A command, the statuses it may end with, and what it may cost at most."""

    name: str
    command: Sequence[str]
    good: Sequence[int] = (0,)
    most_seconds: float | None = None
    most_memory: float | None = None  # MiB
    needed: bool = False  # by all that follow
    says: Sequence[str] = ()  # what its words must have


@dataclass(frozen=True)
class Outcome:
    """What came of a step. `memory` is the peak of its largest process in MiB; it and `cpu` are 0 where the system
    does not tell them.
    """

    name: str
    status: int
    seconds: float
    cpu: float  # seconds of the processor, those of its processes too
    memory: float
    failed: bool  # not only too dear
    fault: str  # empty when all was well
    last: str  # the last line that it said

    @property
    def line(self) -> str:
        cost = f"{self.seconds:8.1f} s {self.cpu:8.1f} s CPU {self.memory:6.0f} MiB"
        return f"{self.name:<16} {cost}  {self.fault or self.last}"


def run(step: Step, logs: Path) -> Outcome:
    """Runs the step here; its words go to `logs/NAME.txt`, and their end is printed when it failed."""
    log = logs / f"{step.name.replace(' ', '-')}.txt"
    began = time.monotonic()
    with log.open("wb") as words:
        status, cpu, memory = _run(step, words.fileno())
    seconds = time.monotonic() - began
    text = log.read_text("utf-8", errors="replace")
    said = text.strip().splitlines() or ["it said nothing"]
    failure = _failure(step, status, text)
    fault = failure or _dear(step, seconds, memory)
    outcome = Outcome(step.name, status, seconds, cpu, memory, bool(failure), fault, said[-1][:100])
    print(outcome.line, flush=True)
    if outcome.fault:
        print(*(f"    {line}" for line in said[-_LINES_SHOWN:]), f"    all of it: {log}", sep="\n", flush=True)
    return outcome


def _run(step: Step, words: int) -> tuple[int, float, float]:
    environment = {**os.environ, "PYTHONUTF8": "1"}
    child = subprocess.Popen(list(step.command), stdout=words, stderr=subprocess.STDOUT, env=environment)
    try:
        if sys.platform == "win32":
            return child.wait(), 0.0, 0.0
        _, status, usage = os.wait4(child.pid, 0)
    except BaseException:
        child.kill()
        child.wait()
        raise
    child.returncode = os.waitstatus_to_exitcode(status)
    peak = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return child.returncode, usage.ru_utime + usage.ru_stime, peak


def _failure(step: Step, status: int, text: str) -> str:
    if status not in step.good:
        return f"FAILED with exit {status}"
    return next((f"DID NOT SAY {words!r}" for words in step.says if words not in text), "")


def _dear(step: Step, seconds: float, memory: float) -> str:
    if step.most_seconds is not None and seconds > step.most_seconds:
        return f"TOO SLOW: at most {step.most_seconds:.0f} s"
    if step.most_memory is not None and memory > step.most_memory:
        return f"TOO LARGE: at most {step.most_memory:.0f} MiB"
    return ""
