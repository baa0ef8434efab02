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

from page2openapi.drift import CONTRACT, Contract, Difference
from page2openapi.index.addresses import Listing
from page2openapi.index.fetching import Catalogue
from page2openapi.index.judging import DRIFTED_PAGE, GONE, NEW, NO_MODEL, UNCHANGED, Finding
from page2openapi.index.progress import Progress
from page2openapi.index.running import Survey, say_findings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="because the programs of these tests are shell scripts")

WORKFLOWS = Path(__file__).parents[2] / ".github" / "workflows"
needs_jq = pytest.mark.skipif(not shutil.which("jq"), reason="the workflow's machine has jq, this one has not")
GH = """#!/bin/sh
printf '%s\\n' "$*" >> calls
[ "$2" != list ] || cat open.json
"""


@pytest.fixture
def workflow() -> Any:
    return YAML(typ="safe", pure=True).load(WORKFLOWS / "docs.yml")


def step(workflow: Any, name: str) -> Any:
    return next(one for one in workflow["jobs"]["drift"]["steps"] if one.get("name") == name)


def test_only_the_steps_that_publish_see_the_token(workflow: Any) -> None:
    """Those that read pages, or run what was generated from them, do not."""
    seeing = [one["name"] for one in workflow["jobs"]["drift"]["steps"] if "token" in str(one.get("env"))]
    assert seeing == ["Pull request", "Issue"]


def test_nothing_is_put_into_a_shell_line(workflow: Any) -> None:
    assert [one["run"] for one in workflow["jobs"]["drift"]["steps"] if "${{" in one.get("run", "")] == []


def test_its_actions_are_those_of_the_other_workflows(workflow: Any) -> None:
    used = {one["uses"] for one in workflow["jobs"]["drift"]["steps"] if "uses" in one}
    assert used <= set(re.findall(r"uses: (\S+)", (WORKFLOWS / "ci.yml").read_text("utf-8")))


def run_step(workflow: Any, name: str, folder: Path, **names: str) -> None:
    """Runs a step as the runner does, with the programs in this folder first."""
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "-e", "-c", step(workflow, name)["run"]]
    subprocess.run(command, cwd=folder, env={"PATH": path, "GITHUB_OUTPUT": "outputs", **names}, check=True)


def program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


@needs_jq
@pytest.mark.parametrize(
    ("already", "call"),
    [
        ("[]", "issue create --title T --body-file issue.md"),
        ('[{"number": 7, "title": "T"}]', "issue edit 7 --body-file issue.md"),
    ],
    ids=["first", "again"],
)
def test_one_issue_holds_what_is_left(workflow: Any, tmp_path: Path, already: str, call: str) -> None:
    program(tmp_path, "gh", GH)
    (tmp_path / "open.json").write_text(already)
    hostile = "$(touch stolen) `touch stolen` ``` @everyone\n"
    (tmp_path / "left.txt").write_text(hostile + "ü" * 50_000, encoding="utf-8")
    (tmp_path / "news.txt").write_text("https://docs.example/new: new\n")
    run_step(workflow, "Issue", tmp_path, TITLE="T", RUN="https://example.com/1")
    assert (tmp_path / "calls").read_text().splitlines()[-1] == call
    body = (tmp_path / "issue.md").read_text("utf-8")
    assert f"    {hostile}" in body
    assert len(body) < 65_000
    assert not (tmp_path / "stolen").exists()


def test_nothing_left_and_no_news_is_no_issue(workflow: Any, tmp_path: Path) -> None:
    program(tmp_path, "gh", GH)
    (tmp_path / "left.txt").write_text("")
    run_step(workflow, "Issue", tmp_path, TITLE="T", RUN="https://example.com/1")
    assert not (tmp_path / "calls").exists()


@needs_jq
@pytest.mark.parametrize(
    ("already", "call"),
    [
        ("[]", "pr create --base main --head docs-drift --title T --body-file PULL_REQUEST.md"),
        ('[{"number": 7}]', "api --silent --method PATCH repos/a/b/pulls/7 --field body=@PULL_REQUEST.md"),
    ],
    ids=["first", "again"],
)
def test_the_branch_is_pushed_and_one_pull_request_holds_it(
    workflow: Any, tmp_path: Path, already: str, call: str
) -> None:
    program(tmp_path, "gh", GH)
    program(tmp_path, "git", "#!/bin/sh\nprintf '%s\\n' \"git $*\" >> calls\n")
    (tmp_path / "open.json").write_text(already)
    run_step(workflow, "Pull request", tmp_path, TITLE="T", BASE="main", GH_REPO="a/b")
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls[:2] == ["auth setup-git", "git push --force-with-lease origin refs/heads/docs-drift"]
    assert calls[-1] == call


@pytest.mark.parametrize(("status", "text"), [(0, "text"), (0, ""), (3, "text"), (2, "")])
def test_a_text_is_what_makes_a_proposal(workflow: Any, tmp_path: Path, status: int, text: str) -> None:
    program(tmp_path, "python", f"#!/bin/sh\nprintf '%s' '{text}'\nexit {status}\n")
    program(tmp_path, "git", "#!/bin/sh\n")
    run_step(workflow, "Propose", tmp_path)
    outputs = (tmp_path / "outputs").read_text().split()
    assert outputs == [f"status={status}", *(["proposed=yes"] if text else [])]


def test_news_are_models_that_are_new_or_gone(
    workflow: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the words that `index` prints. How far it was is no trouble."""
    states = {"x": NEW, "z": GONE, "u": UNCHANGED, "d": DRIFTED_PAGE, "n": NO_MODEL}
    findings = [Finding(f"https://a.example/{path}", state, f"a/{path}") for path, state in states.items()]
    findings[3].differences = [Difference("body.x", "maxLength", 1, 2, "breaking", "new (x)")]
    list_and_pages = Catalogue("https://a.example/llms.txt", Listing("https://a.example"))
    say_findings(Survey(list_and_pages, findings, Contract.load(CONTRACT), []))
    (tmp_path / "said").write_text(capsys.readouterr().out)
    news = ["https://a.example/x: new (a/x)", "https://a.example/z: gone (a/z)"]
    for work in ("fetching", "reading"):
        progress = Progress(work, 20)
        for _ in range(20):
            progress.step()
    (tmp_path / "trouble").write_text(capsys.readouterr().err + "trouble\n")
    program(tmp_path, "python", "#!/bin/sh\ncat said\ncat trouble >&2\nexit $(cat status)\n")
    for status, lines in (("0", news), ("1", news), ("3", [*news, "trouble"])):
        (tmp_path / "status").write_text(status)
        run_step(workflow, "Look for news", tmp_path)
        assert (tmp_path / "news.txt").read_text().splitlines() == lines
