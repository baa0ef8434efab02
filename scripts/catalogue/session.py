"""The made-up catalogue the whole way, from the site's index to pictures: `python -m scripts.catalogue run`.

It runs in the folder where it is started, a clean checkout, and changes the document and the generated client there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from scripts.catalogue.folder import write
from scripts.catalogue.index import ELSEWHERE
from scripts.catalogue.models import Model
from scripts.catalogue.site import Site
from scripts.catalogue.steps import Outcome, Step, run

_UNREAD: Final = 3  # the index has a link to another host, which nobody follows
_MOST_SECONDS: Final = 10  # of the index, without pauses, which are the site's
_MOST_MAKING: Final = 20  # seconds of making the client, which `apply --new` does too, on trial
_MOST_MEMORY: Final = 200  # MiB
_MOST_IMPORT: Final = 1.5  # times httpx
_MOST_IMPORT_OF_TWO: Final = 1.25  # of the client as it is shipped
_MOST_MUTANTS: Final = 600.0  # seconds, for one of each sort


def run_all(models: Sequence[Model], seed: int, logs: Path, only: Sequence[str] = ()) -> int:
    """Runs the steps, or some of them, and prints a line for each and a table. 0 when all went well."""
    logs.mkdir(parents=True, exist_ok=True)
    outcomes = list[Outcome]()
    with Site(models).serve() as origin:
        write(logs / "site", models, origin)
        for step in steps(models, seed, origin, logs):
            if not only or step.name in only:
                outcomes.append(run(step, logs))
                if outcomes[-1].failed and step.needed:
                    break
    print(f"\n{len(models)} models, seed {seed}, {sum(one.seconds for one in outcomes):.0f} s in all", flush=True)
    print(*(one.line for one in outcomes), sep="\n", flush=True)
    return 1 if any(one.fault for one in outcomes) else 0


def steps(models: Sequence[Model], seed: int, origin: str, logs: Path) -> Iterator[Step]:
    """All steps in their order."""
    ours = ["-m", "scripts.catalogue"]
    same = ["--models", str(len(models)), "--seed", str(seed)]
    yield _python("import of two", *ours, "imports", "--most", str(_MOST_IMPORT_OF_TWO))
    yield from _reading(f"{origin}/llms.txt", len(models))
    yield _python("generate", "-m", "scripts.regenerate", needed=True, most_seconds=_MOST_MAKING)
    yield _python("mypy", "-m", "mypy", "--strict", "generated")
    yield _python("pyright", "-m", "pyright", "--pythonpath", sys.executable, "generated")
    yield _python("import", *ours, "imports", "--most", str(_MOST_IMPORT))
    suite = ["-m", "pytest", "contract_tests", "-q", "-n", "2"]
    yield _python("contract tests", *suite, most_seconds=2.0 * len(models))
    if hasattr(os, "fork"):  # in which a mutant runs
        sample = ["-m", "scripts.mutants", "--sample", str(seed)]
        yield _python("mutants", *sample, most_seconds=_MOST_MUTANTS)
    yield _python("demo", *ours, "demo", str(logs / "pictures"), *same)


def _reading(index: str, count: int) -> Iterator[Step]:
    """The index finds each model and says which link it leaves; then all are added."""
    docs = ["-m", "scripts.docs"]
    index_limits = {"needed": True, "most_seconds": _MOST_SECONDS, "most_memory": _MOST_MEMORY}
    apply_limits = index_limits | {"most_seconds": _MOST_MAKING}
    left, found = f"{ELSEWHERE}: on another host", f" {count} new,"
    yield _python("index", *docs, "index", index, "--pause", "0", good=(_UNREAD,), says=(left, found), **index_limits)
    added = f"{count} of {count} new models added"
    yield _python("apply", *docs, "apply", "--new", "--index", index, "--pause", "0", says=(added,), **apply_limits)


def _python(name: str, *command: str, **more: Any) -> Step:
    return Step(name, [sys.executable, *command], **more)
