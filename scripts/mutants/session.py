"""The suite in a forked child: on tests that the parent has collected, or from the very start as a live run."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import time
import types
from collections.abc import Callable, Generator, Sequence
from dataclasses import asdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import respx
from hypothesis import Phase, settings

from contract_tests.harness.groups import noted, sentences_of
from scripts.mutants.forks import Send
from scripts.mutants.mutant import MOST_TESTS, Candidate, Choice, Findings, Mutant

ROOT = Path(__file__).parents[2]
OPTIONS = (
    "-q",
    "-s",
    "--tb=native",
    "--assert=plain",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-p",
    "no:randomly",  # which mutant is found by which test must not change from run to run
    "--rootdir",
    str(ROOT),
)
KEPT_REASONS = 3
ONCE_MORE = 0.25  # seconds, after which the end is told again: a test whose handler raises may have come in between

# A mutant is dead with the first example that breaks a law; the smallest one is of no interest.
PROFILE = "mutants"
settings.register_profile(
    PROFILE, derandomize=True, database=None, deadline=None, max_examples=50, phases=(Phase.explicit, Phase.generate)
)


class Recorder:
    """A pytest plugin that notes what fails.

    Only a test's own lines can break a promise, not what surrounds them, nor an answer that never came (`is_open`).
    """

    def __init__(self) -> None:
        self.findings = Findings()
        self.current = ""
        self._began = time.monotonic()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.current = nodeid

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.findings.passed += report.when == "call" and report.passed
        if not report.failed:
            return
        if len(self.findings.reasons) < KEPT_REASONS:
            self.findings.reasons.append(f"{report.nodeid}: {_reason(report)}")
        if report.when != "call" or getattr(report, "is_open", False):
            self.findings.errors.append(report.nodeid)
            return
        sentences = [one["id"] for one in noted(report) if one["outcome"] == "failed"]
        self.findings.failed += sentences or [report.nodeid]
        broken = [str(value) for name, value in report.user_properties if name == "promise"]
        self.findings.promises += [one for one in broken if one not in self.findings.promises]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.findings.errors.append(report.nodeid)
            self.findings.problem = f"{report.nodeid} cannot be collected"

    def told(self) -> dict[str, Any]:
        """The findings so far, as JSON."""
        self.findings.seconds = time.monotonic() - self._began
        return asdict(self.findings)


def _reason(report: pytest.TestReport) -> str:
    return str(report.longrepr).strip().rpartition("\n")[2][:300]


@contextlib.contextmanager
def time_limit(seconds: float, recorder: Recorder, send: Send) -> Generator[None]:
    """When the time is up, tells what was found so far and which test hangs, and ends the process."""

    def give_up(number: int, frame: types.FrameType | None) -> None:
        recorder.findings.hung = recorder.current or "the collection"
        send(recorder.told())
        os._exit(0)

    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds, ONCE_MORE)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


@cache
def candidate(item: pytest.Item) -> Candidate:
    """What choices know of an item."""
    promises = tuple(str(value) for name, value in item.user_properties if name == "promise")
    is_random = item.get_closest_marker("random") is not None
    return Candidate(item.nodeid, promises, is_random, tuple(sentences_of(item)))


def chosen_for(mutant: Mutant, items: Sequence[pytest.Item]) -> list[list[pytest.Item]]:
    """The tests of each choice of a mutant."""
    here = [item for item in items if item.nodeid.startswith(mutant.files)]
    return [[item for item in here if choice(candidate(item))] for choice in mutant.choices]


def run_collected(session: pytest.Session, mutant: Mutant, chosen: list[list[pytest.Item]], send: Send) -> None:
    """Applies a mutant and runs the tests chosen for it, out of those that the parent has collected.

    Whoever looks at all tests in a child copies the memory that they are in; so the parent chooses, if it can.
    """
    recorder = Recorder()
    session.config.pluginmanager.register(recorder, "mutants-recorder")
    with time_limit(mutant.seconds, recorder, send), _mocked(mutant.kind in ("stand-in", "generated client")):
        mutant.apply()
        settings.load_profile(PROFILE)
        if mutant.kind == "document":
            chosen = chosen_for(mutant, _collected_anew(session, mutant.files))
        recorder.findings.problem = _unknown(mutant, [candidate(item) for some in chosen for item in some])
        for some in chosen:
            _run(session, some, mutant, recorder.findings)
            if recorder.findings.names(mutant.expects):
                break
    send(recorder.told())


def _unknown(mutant: Mutant, tests: Sequence[Candidate]) -> str:
    """What is wrong with the expectations of a mutant: none is a promise or a test that is run."""
    promises = {promise for test in tests for promise in test.promises}
    is_known = any(one in promises or any(test.is_called(one) for test in tests) for one in mutant.expects)
    return f"nothing is called {mutant.expects[0]}" if mutant.expects and not is_known else ""


def _mocked(is_in_process: bool) -> contextlib.AbstractContextManager[object]:
    """Keeps respx in place between the tests of an API in process, each of which would set it up for itself.

    A router without routes is asked first and knows nothing.
    """
    return respx.mock(assert_all_called=False) if is_in_process else contextlib.nullcontext()


def _collected_anew(session: pytest.Session, files: Sequence[str]) -> list[pytest.Item]:
    """The tests of files whose rows are made from the document: both are read once more.

    Each file keeps its place among what was collected, because fixtures are known by such places.
    """
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "contract_tests":
            for member in list(vars(module).values()):
                if hasattr(member, "cache_clear"):
                    member.cache_clear()
    hook, items = session.config.hook, list[pytest.Item]()
    modules = {item.getparent(pytest.Module) for item in session.items if item.nodeid.startswith(tuple(files))}
    for old in filter(None, modules):
        sys.modules.pop(old.nodeid.removesuffix(".py").replace("/", "."))
        items += session.genitems(hook.pytest_pycollect_makemodule(module_path=old.path, parent=old.parent))
    hook.pytest_collection_modifyitems(session=session, config=session.config, items=items)
    return items


def _run(session: pytest.Session, items: list[pytest.Item], mutant: Mutant, found: Findings) -> None:
    """As pytest's own loop does, without what it prints; until as many have failed as are reported, or are wanted."""
    session.items = items
    for item, following in pairwise([*items, None]):
        is_over = len(found.failed) >= MOST_TESTS or (mutant.stops_at_death and found.names(mutant.expects))
        if item is not None and not is_over:
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def run_anew(mutant: Mutant, send: Send, *options: str) -> None:
    """Applies a mutant and runs pytest from the start, on contract tests that are imported anew: the first choice."""
    recorder = Recorder()
    forget("contract_tests")
    with time_limit(mutant.seconds, recorder, send):
        mutant.apply()
        arguments = [*OPTIONS, *options, *(str(ROOT / file) for file in mutant.files)]
        code = pytest.main(arguments, plugins=[recorder, Chooser(mutant.choices[0])])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
        recorder.findings.problem = recorder.findings.problem or f"pytest ended with {code!r}"
    send(recorder.told())


class Chooser:
    """A pytest plugin that leaves out the tests that are not chosen."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self._choice(candidate(item))]


def forget(package: str) -> None:
    """Has a package imported anew, by whoever imports it next."""
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]


def collected(files: Sequence[str], work: Callable[[pytest.Session], None]) -> str:
    """Collects files, and calls `work` where pytest would run them. The text is what pytest says if it cannot."""
    said = io.StringIO()
    loop = _Loop(work)
    of_all = ["--all-random"] if any(file.startswith("contract_tests") for file in files) else []
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        options = [*OPTIONS, *of_all, "-m", "not servers"]
        code = pytest.main([*options, *(str(ROOT / file) for file in files)], plugins=[loop])
    return "" if loop.has_run else f"{code!r}\n{said.getvalue()}"


class _Loop:
    """A pytest plugin that stands in for the loop over the tests."""

    def __init__(self, work: Callable[[pytest.Session], None]) -> None:
        self._work = work
        self.has_run = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if not session.testsfailed and not session.config.option.collectonly:
            self.has_run = True
            self._work(session)
        return True
