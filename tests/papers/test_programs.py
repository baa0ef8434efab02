"""Every program in the papers runs; what else they print is what is really printed."""

from __future__ import annotations

import asyncio
import builtins
import inspect
import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import httpx
import pytest

import modellix
import modellix_client
from modellix import ConstraintError, testing
from modellix.testing import StandIn
from modellix_client import errors, methods, models
from modellix_client.namespaces.openai import OpenaiSubmissions
from modellix_client.submissions import SUBMISSIONS
from tests.papers.texts import GUIDES, PAPERS, Program, in_code, programs


@pytest.fixture(autouse=True)
def own_logs() -> Iterator[None]:
    """A program that sets up logging does so for itself."""
    logger = logging.getLogger("modellix")
    level, handlers = logger.level, list(logger.handlers)
    yield
    logger.setLevel(level)
    logger.handlers[:] = handlers


each_program = pytest.mark.parametrize("program", programs(), ids=str)


@each_program
def test_each_program_runs(program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODELLIX_API_KEY", "test-key")
    monkeypatch.delenv("MODELLIX_BASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    service, text = StandIn(reads=1), program.text
    with nullcontext() if "StandIn" in text else service.mock():
        run(program)
    assert len(service.submissions) == (
        0 if re.search(r"StandIn|check_journal|\.limits", text) else 3 if "range(3)" in text else 1
    )
    assert ("download" in text) == (tmp_path / "pictures").is_dir()


def run(program: Program) -> None:
    """Runs a program; a call that the contract no longer knows fails with the line to change."""
    try:
        exec(compile(program.text, program.paper, "exec"), {"__name__": "__main__"})
    except (TypeError, ImportError, ConstraintError) as error:
        frames = traceback.extract_tb(error.__traceback__)
        line = [frame.lineno for frame in frames if frame.filename == program.paper][-1]
        pytest.fail(f"{program.paper}:{line}: {error}; if the contract has changed, change this line")


@pytest.mark.parametrize("program", [one for one in programs() if "prompt=" in one.text], ids=str)
def test_a_renamed_field_names_the_line(program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def renamed(self: object) -> None:
        """A submission whose fields have other names than in the papers."""

    monkeypatch.setenv("MODELLIX_API_KEY", "test-key")
    monkeypatch.chdir(tmp_path)
    for one in SUBMISSIONS.values():
        if hasattr(OpenaiSubmissions, one.method):  # the papers show no other namespace
            monkeypatch.setattr(OpenaiSubmissions, one.method, renamed)
        monkeypatch.setattr(models, one.request, renamed)
        monkeypatch.setattr(modellix, one.request, renamed, raising=False)  # it may not have been asked for yet
    with pytest.raises(pytest.fail.Exception, match=r"^[\w/]+\.md:\d+: .* unexpected keyword argument '\w+'") as failed:
        run(program)
    line = PAPERS[program.paper].splitlines()[int(str(failed.value).split(":")[1]) - 1]
    assert re.search(r"(gpt_image_2(_edit)?|Request)\(\w+=", line)


def test_the_generated_package_alone_returns_a_refusal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As README says: it raises nothing, and sends nothing again."""
    [program] = [one for one in programs() if "AuthenticatedClient" in one.text]
    monkeypatch.setenv("MODELLIX_API_KEY", "another-key")
    service = StandIn()
    with service.mock():
        run(program)
    assert capsys.readouterr().out.startswith("ErrorReply(code=401")
    assert [one.accepted for one in service.submissions] == [False]


@pytest.mark.parametrize("paper", PAPERS)
def test_names_and_settings_of_the_client_exist(paper: str) -> None:
    """In sentences and tables: classes, imports, and settings such as `RetryPolicy(connects=2)`."""
    homes = (asyncio, builtins, httpx, methods, modellix, testing, modellix_client, errors, models)
    for code in in_code(PAPERS[paper]):
        if re.fullmatch(r"from \w+ import [\w, ]+", code):
            line = PAPERS[paper].partition(code)[0].count("\n") + 1
            run(Program(paper, "\n" * (line - 1) + code))
        for name, setting in re.findall(r"\b([A-Z]\w+)\((\w+)=", code):
            home = testing if name in testing.__all__ else modellix
            assert setting in inspect.signature(getattr(home, name)).parameters, code
        if paper in GUIDES:
            names = re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+|\d)\w*\b", code)
            assert [name for name in names if not any(hasattr(home, name) for home in homes)] == []


def test_the_pauses_have_their_defaults() -> None:
    rows = re.findall(r"^\| (`[\w`, ]+) \| ([\d., ]+) \|", PAPERS["docs/settings.md"], re.MULTILINE)
    shown = {
        name: float(default)
        for names, defaults in rows
        for name, default in zip(re.findall(r"\w+", names), defaults.split(", "), strict=True)
    }
    policy = modellix.RetryPolicy()
    assert len(shown) == 5
    assert {name: getattr(policy, name) for name in shown} == shown
    assert f"`{modellix.PollPolicy()!r}`" in PAPERS["docs/settings.md"]


def test_there_are_programs() -> None:
    papers = [program.paper for program in programs()]
    assert papers.count("README.md") >= 3
    assert set(papers) <= GUIDES


def test_the_plan_of_a_live_run_has_the_real_words() -> None:
    """Its figures are of one day: they change with the pages."""
    from contract_tests.harness.live import LiveOptions, plan_text
    from contract_tests.model.planned import whole_plan
    from modellix.settings import read_settings

    settings = read_settings("test-key", "http://127.0.0.1:1")
    lines = plan_text(LiveOptions(settings, 20, 1.0, 5.0), 9, 5, 3, list(whole_plan()), 1)
    told = re.sub(r"\d+", "N", PAPERS["docs/live-runs.md"])
    assert [line for line in lines if re.sub(r"\d+", "N", line) not in told] == []


def test_the_table_of_the_demo_has_its_headings() -> None:
    from scripts.demo import HEADINGS

    assert all(heading in PAPERS["README.md"] for heading in HEADINGS)
