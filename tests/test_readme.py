"""Does the README say what is so? Its programs are run, its commands and folders looked up."""

from __future__ import annotations

import re
import tomllib
import traceback
from contextlib import nullcontext
from pathlib import Path

import pytest

from modellix import ConstraintError
from modellix.testing import StandIn
from modellix_client.namespaces import OpenaiSubmissions

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
# Each program at its own lines, so that an error names the line of the README.
PROGRAMS = [
    "\n" * README.count("\n", 0, found.start(1)) + found[1]
    for found in re.finditer(r"```python\n(.*?)```", README, re.DOTALL)
]


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_each_program_runs(number: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODELLIX_API_KEY", "test-key")
    monkeypatch.delenv("MODELLIX_BASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    program, service = PROGRAMS[number], StandIn(reads=1)
    with nullcontext() if "StandIn" in program else service.mock():
        run(program)
    assert len(service.submissions) == (0 if "StandIn" in program else 3 if "range(3)" in program else 1)
    assert ("download" in program) == (tmp_path / "pictures").is_dir()


def run(program: str) -> None:
    """Runs a program; a call that the contract no longer knows fails with the line to change."""
    try:
        exec(compile(program, "README.md", "exec"), {"__name__": "__main__"})
    except (TypeError, ConstraintError) as error:
        frames = traceback.extract_tb(error.__traceback__)
        line = [frame.lineno for frame in frames if frame.filename == "README.md"][-1]
        pytest.fail(f"README.md:{line}: {error}; if the contract has changed, change this line")


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_a_renamed_field_names_the_line(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def renamed(self: object) -> None:
        """A submission whose fields have other names than in README."""

    monkeypatch.setenv("MODELLIX_API_KEY", "test-key")
    for name in ("gpt_image_2", "gpt_image_2_edit"):
        monkeypatch.setattr(OpenaiSubmissions, name, renamed)
    with pytest.raises(pytest.fail.Exception, match=r"^README\.md:\d+: .* unexpected keyword argument '\w+'") as failed:
        run(PROGRAMS[number])
    line = README.splitlines()[int(str(failed.value).split(":")[1]) - 1]
    assert re.search(r"gpt_image_2(_edit)?\(\w+=", line)


def test_there_are_programs() -> None:
    assert len(PROGRAMS) >= 4


def test_every_session_named_exists() -> None:
    noxfile = (ROOT / "noxfile.py").read_text("utf-8")
    named = set(re.findall(r"nox -s ([a-z]+)", README))
    assert named
    assert named <= set(re.findall(r"^def ([a-z]+)\(session", noxfile, re.MULTILINE))


def test_every_folder_named_exists() -> None:
    for folder in re.findall(r"^\| `([a-z_/]+)/` \|", README, re.MULTILINE):
        assert (ROOT / folder).is_dir(), folder


def test_every_extra_named_exists() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert set(re.findall(r"modellix-client\[([a-z]+)\]", README)) <= set(extras)


def test_the_plan_of_a_live_run_has_the_real_words() -> None:
    """Its figures are of one day: they change with the pages."""
    from contract_tests.live import LiveOptions, plan_text
    from contract_tests.plan import all_rows
    from modellix.settings import read_settings

    settings = read_settings("test-key", "http://127.0.0.1:1")
    lines = plan_text(LiveOptions(settings, 20, 1.0, 5.0), 9, 3, list(all_rows()), 1)
    told = re.sub(r"\d+", "N", README)
    assert [line for line in lines if re.sub(r"\d+", "N", line) not in told] == []


def test_the_table_of_the_demo_has_its_headings() -> None:
    from scripts.demo import HEADINGS

    assert all(heading in README for heading in HEADINGS)
