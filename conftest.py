"""What both rooms of tests share: a random order, said at the end, and the examples that Hypothesis draws."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

import pytest


class AsInstalled:
    """Finds some libraries before pytest does, which rewrites the asserts of each library that has a plugin.

    Nobody reads their asserts, and where Python writes no bytecode, rewriting takes seconds of every run.
    """

    NAMES = frozenset({"anyio", "hypothesis", "platformdirs", "respx", "schemathesis"})

    @classmethod
    def find_spec(cls, name: str, path: Any = None, target: Any = None) -> Any:
        return PathFinder.find_spec(name, path) if name.partition(".")[0] in cls.NAMES else None


sys.meta_path.insert(0, AsInstalled)  # before the first of them is imported
from hypothesis import HealthCheck, Phase, settings  # noqa: E402
from hypothesis.configuration import set_hypothesis_home_dir  # noqa: E402

# In the repository, wherever a run is started: what Hypothesis knows of Unicode takes a second to make anew.
set_hypothesis_home_dir(Path(__file__).resolve().parent / ".hypothesis")

# The same examples in every run, and however long one takes. Options are read later: `--hypothesis-profile fuzz` wins.
STEADY: dict[str, Any] = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow],
}
settings.register_profile("usual", max_examples=50, **STEADY)
# For `nox -s fuzz`: other examples in every round, and those that broke something once are tried again.
settings.register_profile("fuzz", deadline=None, max_examples=200)
# Each example may cost, so they are few and none is drawn twice: no shrinking, no replay of earlier finds.
settings.register_profile("live", max_examples=5, phases=(Phase.explicit, Phase.generate), **STEADY)
settings.load_profile("usual")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Below the failures, where it is looked for; the header is not written with -q."""
    if config.pluginmanager.hasplugin("randomly"):
        terminalreporter.write_line(f"the same order again: --randomly-seed={config.getoption('randomly_seed')}")
