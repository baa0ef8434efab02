"""The made-up catalogue the whole way, from the site's index to pictures: `python -m scripts.catalogue run`.

It runs in the folder where it is started, a clean checkout, and changes the document and the generated client there.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from scripts.catalogue.folder import write
from scripts.catalogue.models import Model
from scripts.catalogue.site import Site
from scripts.catalogue.steps import Outcome, Step, run

_CHANGED: Final = (0, 1)  # the document changed, or something is left for a hand
_MOST_IMPORT: Final = 1.5


def run_all(models: Sequence[Model], seed: int, logs: Path, only: Sequence[str] = ()) -> int:
    """Runs the steps, or some of them, and prints a line for each and a table. 0 when all went well."""
    logs.mkdir(parents=True, exist_ok=True)
    outcomes = list[Outcome]()
    with Site(models).serve() as origin:
        write(logs / "site", models, origin)
        for step in steps(models, seed, origin, logs):
            if not only or step.name in only:
                outcomes.append(run(step, logs))
                if outcomes[-1].fault and step.needed:
                    break
    print(f"\n{len(models)} models, seed {seed}, {sum(one.seconds for one in outcomes):.0f} s in all", flush=True)
    print(*(one.line for one in outcomes), sep="\n", flush=True)
    return 1 if any(one.fault for one in outcomes) else 0


def steps(models: Sequence[Model], seed: int, origin: str, logs: Path) -> Iterator[Step]:
    """All steps in their order."""
    ours = ["-m", "scripts.catalogue"]
    same = ["--models", str(len(models)), "--seed", str(seed)]
    pages = [str(logs / "site" / f"{one.page}.md") for one in models]
    yield _python("apply", "-m", "scripts.docs", "apply", *pages, good=_CHANGED, needed=True)
    yield _python("generate", "-m", "scripts.regenerate", needed=True, most_seconds=20)
    yield _python("mypy", "-m", "mypy", "--strict", "generated")
    yield _python("pyright", "-m", "pyright", "generated")
    yield _python("import", *ours, "imports", "--most", str(_MOST_IMPORT))
    yield _python(
        "contract tests", "-m", "pytest", "contract_tests", "-q", "-n", "2", most_seconds=2.0 * len(models) + 30
    )
    yield _python("demo", *ours, "demo", str(logs / "pictures"), *same)


def _python(
    name: str, *command: str, good: Sequence[int] = (0,), needed: bool = False, most_seconds: float | None = None
) -> Step:
    return Step(name, [sys.executable, *command], good=good, needed=needed, most_seconds=most_seconds)
