"""Peers measured in turn, round by round, and what comes of it."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Measure = Callable[[], float]


@dataclass(frozen=True)
class Row:
    """One peer: its smallest value of all rounds, the median of its ratios to the peer that it stands beside, and the
    seconds by the clock of its fastest round.
    """

    name: str
    value: float
    ratio: float
    seconds: float


@dataclass(frozen=True)
class Scenario:
    """What was measured, by whom, in which unit. The first row is ours; less is better."""

    slug: str
    title: str
    unit: str
    beside: str
    rows: Sequence[Row]
    aim: float | None = None  # for the ratio of the first row
    is_timed: bool = False  # the seconds by the clock are worth telling
    note: str = ""


def rounds(measures: Mapping[str, Measure], beside: str, count: int) -> list[Row]:
    """All of them in turn, so that a busy moment of the machine meets each."""
    seen = [{name: _one(measure) for name, measure in measures.items()} for _ in range(count)]
    return [
        Row(
            name,
            min(each[name][0] for each in seen),
            statistics.median(each[name][0] / each[beside][0] for each in seen),
            min(each[name][1] for each in seen),
        )
        for name in measures
    ]


def _one(measure: Measure) -> tuple[float, float]:
    gc.collect()
    started = time.perf_counter()
    return measure(), time.perf_counter() - started


def peak_of_memory() -> float:
    """The most memory that this process has held, in MiB; 0 where the system is not Linux. Not by getrusage, which
    begins with what the parent process held.
    """
    file = Path("/proc/self/status")
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time that this process spends on the work."""
    started = time.process_time()
    work()
    return time.process_time() - started


def wall_seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
