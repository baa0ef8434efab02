"""The page docs/benchmark.md and its plots, from what was measured."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from collections.abc import Iterator, Sequence
from pathlib import Path

from scripts.benchmark.measuring import Row, Scenario
from scripts.benchmark.plot import described, digits, svg

DOCS = Path(__file__).parents[2] / "docs"
PEERS = ("modellix-client", "httpx", "openapi-python-client", "openai", "aiohttp")
FIRST = """\
# Benchmark

What `modellix` costs your process, beside other ways to send the same requests. `nox -s benchmark` measures it and
writes this page. The service is a process of its own on the same machine. It answers with what the stand-in says, and
checks nothing. All peers send the same body, and are measured in turn, in one run. A number is the smallest of all
rounds. A ratio is the median of the rounds' ratios. Less is better everywhere. Other machines have other numbers.

- `httpx`: `httpx.Client.post(json=…)`, with a look at the status, and the reply's JSON read.
- Stock generated client: what openapi-python-client makes of our document without our templates.
- `openai-python`: its `client.post`, without repeats.
- aiohttp by hand: `ClientSession.post(json=…)`, which needs an event loop.

`modellix` checks every limit before it sends, knows at every moment if the first byte has left, keeps one deadline for
the whole call, searches each reply for what was bought, and hides the key. The others do none of that.
"""
LAST = """\
## What is not measured

The network and the service take most of the time of a picture, some seconds. A submission takes less than a thousandth
of that from your process. So choose a client by what it does with your money, and not by this page.
"""
WHAT_IT_WOULD_TAKE = """\
More than half of an asynchronous submission is httpcore: its pool, its locks, and h11, which reads replies in Python.
aiohttp reads them in C. To come near it, the client would need an HTTP/1.1 of its own. It relies on httpcore to know if
the first byte of a paid request has left, and what is proven there is worth more to us than half a millisecond.
"""
CLEARLY = 0.95  # a smaller difference is none


def write(scenarios: Sequence[Scenario]) -> None:
    """Replaces the page and all plots."""
    folder = DOCS / "benchmark"
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    for scenario in scenarios:
        (folder / f"{scenario.slug}.svg").write_text(svg(scenario), "utf-8")
    (DOCS / "benchmark.md").write_text(text(scenarios, machine()), "utf-8")


def text(scenarios: Sequence[Scenario], measured_on: str) -> str:
    """The page."""
    sections = [FIRST, f"{measured_on}\n", _losses(scenarios), *map(_section, scenarios), LAST]
    return "\n".join(sections)


def machine() -> str:
    """When, where and what was measured."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PEERS)
    load = f"Load average at the end: {os.getloadavg()[0]:.1f}." if hasattr(os, "getloadavg") else ""
    day = datetime.datetime.now(datetime.UTC).date()
    return (
        f"Measured on {day}: {_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}. {load}\nVersions: {versions}."
    )


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or "unknown processor"


def _losses(scenarios: Sequence[Scenario]) -> str:
    """Each peer that costs less than we do, and each aim that is missed."""
    lost = [line for scenario in scenarios for line in _lost(scenario)]
    return "\n".join(["## Where we lose", "", *(lost or ["Nowhere in this run."]), "", WHAT_IT_WOULD_TAKE])


def _lost(scenario: Scenario) -> Iterator[str]:
    ours = scenario.rows[0]
    cheaper = [row for row in scenario.rows if row.value < CLEARLY * ours.value and _is_peer(row)]
    if cheaper:
        told = ", ".join(f"{row.name} takes {row.value / ours.value:.2f} of ours" for row in cheaper)
        yield f"- [{scenario.title}](#{anchor(scenario.title)}): {told}."
    if scenario.is_timed:
        faster = [row for row in scenario.rows if row.seconds < CLEARLY * ours.seconds and _is_peer(row)]
        if faster:
            best = min(faster, key=lambda row: row.seconds)
            yield f"- {scenario.title}, by the clock: {ours.seconds:.1f} s, {best.name} {best.seconds:.1f} s."
    if scenario.aim is not None and ours.ratio > scenario.aim:
        aim = f"{scenario.aim:.2f} times {scenario.beside}"
        yield f"- {scenario.title}: our aim was {aim}, and it is {ours.ratio:.2f} times."


def _is_peer(row: Row) -> bool:
    return not row.name.startswith("modellix") and row.name != "Python alone"


def anchor(title: str) -> str:
    """As GitHub makes it of a heading."""
    return "".join(one for one in title.lower().replace(" ", "-") if one.isalnum() or one == "-")


def _section(scenario: Scenario) -> str:
    clock = (" by the clock |", " ---: |") if scenario.is_timed else ("", "")
    lines = [
        f"## {scenario.title}",
        "",
        f"![{described(scenario)}](benchmark/{scenario.slug}.svg)",
        "",
        f"| | {scenario.unit} | beside {scenario.beside} |{clock[0]}",
        f"| --- | ---: | ---: |{clock[1]}",
        *(_line(row, scenario.is_timed) for row in scenario.rows),
        "",
        *([scenario.note, ""] if scenario.note else []),
    ]
    return "\n".join(lines)


def _line(row: Row, is_timed: bool) -> str:
    clock = f" {row.seconds:.1f} s |" if is_timed else ""
    return f"| {row.name} | {row.value:,.{digits(row.value)}f} | {row.ratio:.2f} |{clock}"
