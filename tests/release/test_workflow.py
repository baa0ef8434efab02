"""The workflow of a release uploads what was checked, from a tag, under each Python that is promised."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def workflow() -> Any:
    return YAML(typ="safe", pure=True).load(ROOT / ".github" / "workflows" / "release.yml")


def step(job: Any, action: str) -> Any:
    [found] = [one for one in job["steps"] if one.get("uses", "").startswith(f"{action}@")]
    return found


def test_only_a_tag_is_released(workflow: Any) -> None:
    assert workflow["on"] == {"push": {"tags": ["v[0-9]*"]}}


def test_what_is_uploaded_was_checked_under_each_python(workflow: Any) -> None:
    build = workflow["jobs"]["build"]
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    promised = re.findall(r":: (3\.\d+)$", "\n".join(classifiers), re.MULTILINE)
    assert sorted(step(build, "actions/setup-python")["with"]["python-version"].split()) == promised
    assert step(build, "actions/checkout")["with"]["fetch-depth"] == 0
    assert "python -m nox -s release" in [one.get("run") for one in build["steps"]]
    assert workflow["jobs"]["publish"]["needs"] == "build"
    assert workflow["jobs"]["notes"]["needs"] == "publish"


def test_it_is_uploaded_by_a_trusted_publisher_that_somebody_lets_go_on(workflow: Any) -> None:
    publish = workflow["jobs"]["publish"]
    assert publish["environment"] == "pypi"
    assert "with" not in step(publish, "pypa/gh-action-pypi-publish")
    assert step(publish, "actions/download-artifact")["with"] == {"name": "dist", "path": "dist/"}
    assert "secrets." not in (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")


def test_the_digests_of_actions_are_kept_by_a_program() -> None:
    kept = YAML(typ="safe", pure=True).load(ROOT / ".github" / "dependabot.yml")
    [actions] = [one for one in kept["updates"] if one["package-ecosystem"] == "github-actions"]
    assert actions["groups"]["actions"]["patterns"] == ["*"]
