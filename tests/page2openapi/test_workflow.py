"""The weekly workflow: what pages say must not reach a shell, whatever they say."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="because the programs of these tests are shell scripts")

WORKFLOWS = Path(__file__).parents[2] / ".github" / "workflows"
GH = """#!/bin/sh
printf '%s\\n' "$*" >> calls
[ "$2" != list ] || cat open.json
"""


@pytest.fixture
def workflow() -> Any:
    return YAML(typ="safe", pure=True).load(WORKFLOWS / "docs.yml")


def step(workflow: Any, name: str) -> Any:
    return next(one for one in workflow["jobs"]["drift"]["steps"] if one.get("name") == name)


def test_it_may_read_the_code_and_write_issues_and_nothing_else(workflow: Any) -> None:
    assert workflow["permissions"] == {}
    assert workflow["jobs"]["drift"]["permissions"] == {"contents": "read", "issues": "write"}


def test_nothing_is_put_into_a_shell_line(workflow: Any) -> None:
    assert [one["run"] for one in workflow["jobs"]["drift"]["steps"] if "${{" in one.get("run", "")] == []


def test_its_actions_are_those_of_the_other_workflows(workflow: Any) -> None:
    used = {one["uses"] for one in workflow["jobs"]["drift"]["steps"] if "uses" in one}
    assert used <= set(re.findall(r"uses: (\S+)", (WORKFLOWS / "ci.yml").read_text("utf-8")))


@pytest.mark.skipif(not shutil.which("jq"), reason="the workflow's machine has jq, this one has not")
@pytest.mark.parametrize(
    ("already", "call"),
    [
        ("[]", "issue create --title T --body-file issue.md"),
        ('[{"number": 7, "title": "T"}]', "issue edit 7 --body-file issue.md"),
    ],
    ids=["first", "again"],
)
def test_one_issue_holds_the_drift(workflow: Any, tmp_path: Path, already: str, call: str) -> None:
    (tmp_path / "gh").write_text(GH)
    (tmp_path / "gh").chmod(0o755)
    (tmp_path / "open.json").write_text(already)
    (tmp_path / "drift.txt").write_text(
        "$(touch stolen) `touch stolen` ``` @everyone\n" + "ü" * 50_000, encoding="utf-8"
    )
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "-e", "-c", step(workflow, "Issue")["run"]]
    subprocess.run(command, cwd=tmp_path, env={"PATH": path, "TITLE": "T", "RUN": "https://example.com/1"}, check=True)
    assert (tmp_path / "calls").read_text().splitlines()[-1] == call
    body = (tmp_path / "issue.md").read_text("utf-8")
    assert "    $(touch stolen) `touch stolen` ``` @everyone\n" in body
    assert len(body) < 65_000
    assert not (tmp_path / "stolen").exists()


def test_the_exit_status_decides(workflow: Any, tmp_path: Path) -> None:
    (tmp_path / "python").write_text("#!/bin/sh\necho drift\nexit 3\n")
    (tmp_path / "python").chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    outputs = {"PATH": path, "GITHUB_OUTPUT": str(tmp_path / "outputs")}
    subprocess.run(["bash", "-e", "-c", step(workflow, "Compare")["run"]], cwd=tmp_path, env=outputs, check=True)
    assert (tmp_path / "outputs").read_text() == "status=3\n"
    assert (tmp_path / "drift.txt").read_text() == "drift\n"
