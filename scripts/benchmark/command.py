"""The command: measures, prints, and writes the page."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from functools import partial

from scripts.benchmark import batch, downloading, journal, memory, page, submitting, waiting
from scripts.benchmark.measuring import Scenario
from scripts.benchmark.peers import stock_client
from scripts.benchmark.plot import digits


def main(arguments: Sequence[str]) -> int:
    """Measure everything, or what is asked for; only a whole run writes the page."""
    parser = argparse.ArgumentParser(prog="python -m scripts.benchmark", description=__doc__)
    parser.add_argument("--journal", metavar="URL", action="append", default=[], help="a database to measure, too")
    parser.add_argument("--only", metavar="NAME", action="append", default=[], help="measure this, and write nothing")
    options = parser.parse_args(arguments)
    parts = parts_of(options.journal)
    unknown = set(options.only) - set(parts)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    scenarios = list[Scenario]()
    with stock_client():
        for name, measure in parts.items():
            if name in (options.only or parts):
                scenarios += _measured(name, measure)
    if not options.only:
        page.write(scenarios)
        print(f"written: {page.DOCS.name}/benchmark.md")
    return 0


def parts_of(journals: Sequence[str]) -> dict[str, Callable[[], list[Scenario]]]:
    """What can be measured, in the order of the page."""
    return {
        "submit": lambda: [submitting.one_after_another()],
        "crowds": lambda: [submitting.crowd(50, 0.15), submitting.crowd(200, 0.10)],
        "waiting": lambda: [waiting.reads(), waiting.very_many()],
        "download": lambda: [downloading.files()],
        "first": memory.first_submission,
        "journal": partial(journal.scenarios, journals),
        "batch": batch.scenarios,
    }


def _measured(name: str, measure: Callable[[], list[Scenario]]) -> list[Scenario]:
    began = time.monotonic()
    found = measure()
    for scenario in found:
        aim = "" if scenario.aim is None else f"; aim {scenario.aim:.2f}"
        print(f"{scenario.title}: {scenario.unit}, beside {scenario.beside}{aim}")
        for row in scenario.rows:
            print(f"  {row.name:28} {row.value:12,.{digits(row.value)}f} {row.ratio:8.2f} {row.seconds:8.1f} s")
    print(f"({name}: {time.monotonic() - began:.0f} s)", flush=True)
    return found
