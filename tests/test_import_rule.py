"""The import rule of pyproject.toml: lint has it, the repository keeps it, and each contract can fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
PATHS = (".", "src", "generated")
LINT = "from importlinter.cli import lint_imports_command as run; run(['--no-cache', '--no-logo'])"
FORBIDDEN = {
    "packages": ("generated/modellix_client/errors.py", "modellix.errors"),
    "circles": ("contract_tests/document.py", "contract_tests.cases"),
}
"""For each contract a file, and what it must not import."""


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(str(folder / one) for one in PATHS), "COLUMNS": "200"}
    return subprocess.run([sys.executable, "-c", LINT], cwd=folder, env=env, capture_output=True, text=True)


def test_the_repository_keeps_the_rule() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in done.stdout


def test_lint_has_the_rule() -> None:
    session = (ROOT / "noxfile.py").read_text("utf-8").split("def lint(", 1)[1].split("@nox.session", 1)[0]
    assert '"lint-imports"' in session


def test_imports_for_types_count_and_none_is_excepted() -> None:
    assert "exclude_type_checking_imports" not in (ROOT / "pyproject.toml").read_text("utf-8")
    assert [one["id"] for one in CONTRACTS if "ignore_imports" in one] == []


@pytest.mark.parametrize("contract", [one["id"] for one in CONTRACTS])
def test_each_contract_finds_an_import_for_types(contract: str, tmp_path: Path) -> None:
    for name in ("contract_tests", "scripts", "src", "generated"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    file, forbidden = FORBIDDEN[contract]
    text = f"\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import {forbidden}\n"
    with (tmp_path / file).open("a", encoding="utf-8") as changed:
        changed.write(text)
    done = lint(tmp_path)
    [name] = [one["name"] for one in CONTRACTS if one["id"] == contract]
    assert done.returncode == 1
    assert f"{name} BROKEN" in done.stdout
