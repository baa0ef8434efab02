"""The workflows run sessions that exist, with no more rights than they need, and paste no input into a shell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
REPORTING = [file for file in FILES if file.name in ("ci.yml", "live.yml")]
RIGHTS = {  # of jobs that do more than read
    "drift": {"contents": "write", "issues": "write", "pull-requests": "write"},
    "publish": {"id-token": "write"},
    "notes": {"contents": "write"},
}
SESSIONS = set(re.findall(r"@nox\.session[^\n]*\ndef (\w+)", (ROOT / "noxfile.py").read_text()))


def workflow(name: str) -> Any:
    return YAML(typ="safe").load(ROOT / ".github" / "workflows" / name)


def steps_of(content: Any) -> Iterator[Any]:
    for job in content["jobs"].values():
        yield from job["steps"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_rights_begin_with_none(file: Path) -> None:
    content = workflow(file.name)
    assert content["permissions"] == {}
    for name, job in content["jobs"].items():
        assert job["permissions"] == RIGHTS.get(name, {"contents": "read"})
        assert job["timeout-minutes"] <= 60


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_actions_are_pinned_by_digest_and_say_their_version(file: Path) -> None:
    used = re.findall(r"uses: (.*)", file.read_text())
    assert used
    for action in used:
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


def test_all_workflows_use_the_same_of_an_action() -> None:
    used = {action for file in FILES for action in re.findall(r"uses: (.*)", file.read_text())}
    assert len({action.partition("@")[0] for action in used}) == len(used), sorted(used)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_input_or_secret_stands_in_a_command(file: Path) -> None:
    for step in steps_of(workflow(file.name)):
        assert not re.search(r"\$\{\{(?! matrix\.sessions)", step.get("run", "")), step
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_sessions_exist(file: Path) -> None:
    named = {name for names in re.findall(r"nox -s ((?:\w+ ?)+)", file.read_text()) for name in names.split()}
    assert named or file.name == "docs.yml"
    assert named <= SESSIONS


def test_live_run_is_by_hand_with_a_budget_of_nothing_unless_told() -> None:
    content = workflow("live.yml")
    triggers = content.get("on", content.get(True))
    assert list(triggers) == ["workflow_dispatch"]
    assert triggers["workflow_dispatch"]["inputs"]["budget"]["default"] == 0
    assert content["jobs"]["live"]["environment"] == "live"
    assert content["concurrency"]["cancel-in-progress"] is False


def test_only_the_live_workflow_sees_the_key() -> None:
    assert "secrets." not in (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    for step in steps_of(workflow("live.yml")):
        if "MODELLIX_API_KEY" in step.get("env", {}):
            assert step["run"].startswith("python -m nox -s ")


@pytest.mark.parametrize("file", REPORTING, ids=lambda file: file.name)
def test_summary_and_report_are_published_whatever_the_tests_found(file: Path) -> None:
    steps = list(steps_of(workflow(file.name)))
    published = [step for step in steps if "GITHUB_STEP_SUMMARY" in step.get("run", "")]
    kept = [step for step in steps if "report/" in str(step.get("with", {}).get("path", ""))]
    assert len(published) == 1
    assert kept
    assert all("!cancelled()" in step["if"] for step in [*published, *kept])
