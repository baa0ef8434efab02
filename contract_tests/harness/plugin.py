"""The pytest plugin of the contract tests: options, marks, the secrets of a live run, and the closing report.

`contract_tests/conftest.py` loads it, with the fixtures of `fixtures.py`.
"""

from __future__ import annotations

import gc
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.internal.conjecture import providers

from contract_tests.harness import evidence, groups, live, selection
from contract_tests.harness.account import Account
from contract_tests.harness.blame import Broken
from contract_tests.harness.forecast import forecast, in_words
from contract_tests.harness.not_concluded import NotConcluded, NotRun
from contract_tests.harness.redaction import KeyRedactor, RedactedStream, redact_logs
from contract_tests.harness.results import Results
from contract_tests.harness.summary import Summary
from contract_tests.harness.turns import whose_turn
from contract_tests.model.document import Operation, contract
from contract_tests.model.page_facts import PAGES
from contract_tests.model.planned import PlannedSubmission, whole_plan

HERE = Path(__file__).parents[1]
API_FACING = HERE / "api"
NAME = "contract-tests"  # of the plugin
SELDOM = 100_000  # objects made between two rounds of the garbage collector: a live run keeps nearly all that it makes


def pytest_addoption(parser: pytest.Parser) -> None:
    live.add_options(parser)
    selection.add_option(parser)
    parser.addoption("--all-random", action="store_true", help="random tests of all models, not of a few by turns")


def pytest_configure(config: pytest.Config) -> None:
    models = selection.chosen_models(config.getoption("models"))
    plugin = Plugin(live.read_options(config, models), models)
    config.pluginmanager.register(plugin, NAME)
    if plugin.options is not None:
        settings.load_profile("live")
        # Hypothesis draws constants of our modules, too, and reads all of them for it: that takes up to two seconds.
        vars(providers)["is_local_module_file"] = lambda path: False
        gc.set_threshold(SELDOM)
        config.pluginmanager.unregister(name="randomly")  # the budget is planned: cheapest first
        config.add_cleanup(redact_logs(plugin.redact))


class Plugin:
    """Marks tests with the promises that they prove, and tells at the end what became of them."""

    def __init__(self, options: live.LiveOptions | None, models: list[Operation] | None = None) -> None:
        self.options = options  # of a live run
        self.models = models  # that alone are tested; None for all
        self.account: Account | None = None  # of a live run, once its target is open
        self.collected: list[pytest.Item] = []  # before any were deselected
        self.redact: Callable[[str], str] = KeyRedactor(options.settings.api_key) if options is not None else str
        kind, origin = ("live", options.settings.origin) if options is not None else ("stand-in", contract().origin)
        self._results = Results(kind, origin, self.redact)
        self._summary = Summary()
        self._ran = 0
        self._unpaid: Counter[str] = Counter()  # tests that the budget did not cover, by model
        self._drawing: list[str] = []  # tests still to come that draw paid submissions

    @staticmethod
    def of(config: pytest.Config) -> Plugin:
        """The one of this run."""
        found = config.pluginmanager.get_plugin(NAME)
        assert isinstance(found, Plugin)
        return found

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A live API is a black box: there every model keeps all its sentences."""
        groups.parametrize(metafunc, spares=self.options is None)

    def each(self, item: pytest.Item) -> groups.Each:
        """What checks the sentences of a group."""
        return groups.Each(item, lambda: self._results.new_exchanges(item), self.redact)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """From here on nothing is shown with the key in it, whoever shows it."""
        if self.options is not None:
            writer = session.config.get_terminal_writer()
            writer._file = RedactedStream(writer._file, self.redact)
            if session.config.getoption("capture") == "no":
                sys.stdout = RedactedStream(sys.stdout, self.redact)

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Of the contract tests, a live run has the API-facing ones only."""
        is_test = collection_path.name.startswith("test_") and collection_path.is_relative_to(HERE)
        is_left_out = self.options is not None and is_test and not collection_path.is_relative_to(API_FACING)
        return True if is_left_out else None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item], config: pytest.Config) -> Iterator[None]:
        """Marks and chooses them. Those that look back at the run come last, in whatever order the others are."""
        self._choose(items, config)
        yield
        items.sort(key=lambda item: is_marked(item, "closing"))

    def _choose(self, items: list[pytest.Item], config: pytest.Config) -> None:
        self.collected = list(items)
        for item in items:
            item.user_properties += [("promise", promise) for promise in promises_of(item)]
            if item.get_closest_marker("looks_at"):
                item.add_marker(pytest.mark.paid)
        if self.models is not None:
            wanted = set(self.models)
            _leave_out(items, config, [item for item in items if wanted.isdisjoint(_operations_in(item))])
        elif self.options is None and not config.getoption("all_random"):
            self._keep_turns(items, config)
        if self.options is not None:
            _leave_out(items, config, [item for item in items if is_marked(item, "stand_in") or not _faces_api(item)])
            items.sort(key=_price)
            for item in items:
                item.add_marker(pytest.mark.enable_socket)  # results may lie at any host

    def _keep_turns(self, items: list[pytest.Item], config: pytest.Config) -> None:
        """Leaves out the random tests of models whose turn it is not."""
        seed = config.getoption("randomly_seed", 0)
        others = set(contract().submissions).difference(whose_turn(seed if isinstance(seed, int) else 0))
        away = [item for item in items if is_marked(item, "random") and not others.isdisjoint(_operations_in(item))]
        _leave_out(items, config, away)

    def pytest_report_collectionfinish(self, items: list[pytest.Item]) -> list[str]:
        if self.options is None:
            return []
        tests = {item: len(groups.sentences_of(item)) or 1 for item in items}
        paid = sum(count for item, count in tests.items() if is_marked(item, "paid"))
        drawn = sum(is_marked(item, "paid") and is_marked(item, "random") for item in items)
        plan = wanted_plan(items)
        expected = in_words(forecast(items, plan, self.options.budget, live.pace_of(self.options)))
        return [*live.plan_text(self.options, sum(tests.values()), len(items), paid, plan, drawn), f"  {expected}"]

    def pytest_runtestloop(self, session: pytest.Session) -> None:
        self._drawing = [item.nodeid for item in session.items if _draws(item)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """What the plan left of the budget is shared out evenly among the tests that draw, so all models get some."""
        if self.account is None:
            return
        self.account.share_out(len(self._drawing) if _draws(item) else 1)
        if _draws(item):
            self._drawing.remove(item.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
        """Notes what the test exchanged, tells lost answers from broken promises, and takes out the key."""
        error = call.excinfo.value if call.excinfo is not None else None
        if isinstance(error, Broken) and error.promise:
            groups.leave_promises(item, [f"{_operation_of(item).name}.{error.promise}"])
        if call.when == "call" and is_marked(item, "promise") and not groups.has_noted(item):
            item.user_properties += self._results.exchanges_of(item)
            if isinstance(error, Exception | pytest.fail.Exception) and not isinstance(error, NotConcluded):
                item.user_properties.append(("evidence", json.dumps(evidence.of_failure(item, error, self.redact))))
        report: pytest.TestReport = yield
        if call.excinfo is not None:
            vars(report)["is_open"] = isinstance(error, NotConcluded)
            vars(report)["why_open"] = str(error) if isinstance(error, NotConcluded) else ""
        if self.options is not None:
            if report.failed and (shown := self.redact(str(report.longrepr))) != str(report.longrepr):
                report.longrepr = shown
            report.sections = [(name, self.redact(text)) for name, text in report.sections]
            for left_out in groups.left_out_of(item, report):
                item.ihook.pytest_runtest_logreport(report=left_out)
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._results.add(report)
        self._ran += report.when == "call" and not report.skipped
        for one in groups.told_by(report):
            if one.outcome == "skipped" and NotRun.REASON in one.reason:
                self._unpaid.update(promise.partition(".")[0] for promise in one.promises[:1])
            self._summary.add(one)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """A live run that learnt nothing, or left something open, has not succeeded."""
        if self.options is not None:
            gc.freeze()  # the process ends, so nobody need look through what it holds
        if not hasattr(session.config, "workerinput"):
            self._results.write(session.config.rootpath, self.account)
        if self.options is None or exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return
        is_unsettled = self.account is not None and bool(self.account.unsettled or self.account.surprises)
        if is_unsettled or not self._ran:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in _operations_without_page():
            terminalreporter.write_line(line)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """The last that is printed, below whatever pytest says at the end, an interruption too."""
        terminal = config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None and not hasattr(config, "workerinput"):
            for line in self._closing_lines():
                terminal.write_line(line)

    def _closing_lines(self) -> Iterator[str]:
        if self.options is not None:
            if self.account is not None:
                yield from live.account_text(self.account)
            for model, unpaid in sorted(self._unpaid.items()):
                yield f"{NotRun.REASON}: {unpaid} test{'s' if unpaid > 1 else ''} of {model}"
            if not self._ran and not (self.account and self.account.unsettled):
                yield "NOT CONCLUDED: no test ran. Next: a larger --live-budget, or choose more tests"
        yield from self._summary.lines()


def _leave_out(items: list[pytest.Item], config: pytest.Config, away: list[pytest.Item]) -> None:
    """Deselects some of the tests."""
    if away:
        config.hook.pytest_deselected(items=away)
        gone = set(away)
        items[:] = [item for item in items if item not in gone]


def _faces_api(item: pytest.Item) -> bool:
    return item.path.is_relative_to(API_FACING)


def promises_of(item: pytest.Item) -> list[str]:
    """The ids of the promises that a test names: by operation, its own or that of its case."""
    suffixes = [suffix for mark in item.iter_markers("promise") for suffix in mark.args]
    return [f"{_operation_of(item).name}.{suffix}" for suffix in suffixes]


def wanted_plan(items: list[pytest.Item]) -> list[PlannedSubmission]:
    """The planned submissions that some tests look at, those that teach most for their price first."""
    wanted = {planned for item in items for mark in item.iter_markers("looks_at") for planned in mark.args}
    return [planned for planned in whole_plan() if planned in wanted]


def is_marked(item: pytest.Item, name: str) -> bool:
    return item.get_closest_marker(name) is not None


def _operation_of(item: pytest.Item) -> Operation:
    for operation in _operations_in(item):
        return operation
    raise pytest.UsageError(f"{item.nodeid} names a promise, but none of its parameters an operation")


def _operations_in(item: pytest.Item) -> Iterator[Operation]:
    """The operations that the parameters of a test are, or are of."""
    parameters: dict[str, Any] = item.callspec.params if hasattr(item, "callspec") else {}
    for value in parameters.values():
        of_it = (getattr(value, name, None) for name in ("operation", "submission"))
        yield from (one for one in (value, *of_it) if isinstance(one, Operation))


def _draws(item: pytest.Item) -> bool:
    return is_marked(item, "paid") and is_marked(item, "random")


def _price(item: pytest.Item) -> tuple[int, bool]:
    """Free tests first; then the plan, what a good API refuses before it; then drawn bodies whose tasks are followed
    with the planned ones, and whoever waits for all of those; then what else is drawn. Those that look back at the
    whole run are put behind these, so that time goes by since the planned tasks have ended.
    """
    looks_at = is_marked(item, "looks_at")
    if is_marked(item, "random"):
        return (2 if is_marked(item, "followed") else 4), looks_at
    is_of_plan = is_marked(item, "sentences") or not looks_at
    return (0 if not is_marked(item, "paid") else 1 if is_of_plan else 3), looks_at


def _operations_without_page() -> Iterator[str]:
    """In one line, the operations that no page was typed for by hand."""
    untyped = [one.operation_id for one in contract().submissions if one.name not in PAGES]
    if untyped:
        yield f"no page facts yet: {', '.join(untyped)} (type them into contract_tests/model/page_facts.py)"
