"""The import rule of pyproject.toml: lint has it, the repository keeps it, and each contract can fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
PATHS = (".", "src", "generated")
LINT = "from importlinter.cli import lint_imports_command as run; run(['--no-cache', '--no-logo'])"
FORBIDDEN = {
    "packages": {"modellix_client.errors": "modellix.errors", "scripts.demo": "tests.support.timing"},
    "document": {"modellix._openapi": "modellix_client.errors", "modellix._keywords": "modellix_client.types"},
    "client": {
        "modellix.errors": "modellix.tasks",
        "modellix.journal.protocol": "modellix._core.replies",
        "modellix._core.effects": "modellix._io.call",
        "modellix._io.call": "modellix.client",
    },
    "rules": {"modellix._core.effects": "socket", "modellix._core.download": "os"},
    "http": {"modellix.client": "httpx", "modellix._core.effects": "httpx"},
    "network": {
        "modellix._io.deadline": "modellix._core.effects",
        "modellix._io.transports": "modellix._core.download_effects",
        "modellix._io.public_network": "modellix._core.download_effects",
    },
    "private": {
        "page2openapi.page": "modellix._core.replies",
        "scripts.demo": "modellix._io.proxies",
        "contract_tests.model.cases": "modellix._core.task_status",
    },
    "contract_tests": {
        "contract_tests.model.cases": "contract_tests.harness.target",
        "contract_tests.harness.target": "contract_tests.api.test_laws",
    },
    "page2openapi": {
        "page2openapi.copied.lines": "page2openapi.export.normal",
        "page2openapi.drift.sides": "page2openapi.apply.places",
        "page2openapi.json_text": "page2openapi.page",
    },
    "circles": {
        "modellix_client.schemas": "modellix_client.constraints",
        "modellix._core.effects": "modellix._core.submission",
        "contract_tests.model.document": "contract_tests.model.cases",
        "page2openapi.json_text": "page2openapi.command",
        "scripts.console": "scripts.demo",
        "tests.support.timing": "tests.papers.texts",
        "tests.papers.texts": "tests.support.timing",
    },
}
"""For each contract some modules, and what they must not import."""


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


def test_what_reads_the_document_needs_the_standard_library_alone() -> None:
    """Python without site-packages has nothing else."""
    command = [sys.executable, "-S", "-c", "import modellix._openapi"]
    env = {**os.environ, "PYTHONPATH": "src"}
    assert subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract["id"])
def test_each_contract_finds_imports_for_types(contract: dict[str, Any], tmp_path: Path) -> None:
    for name in ("tests", "contract_tests", "scripts", "src", "generated"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for importer, imported in FORBIDDEN[contract["id"]].items():
        [file] = [one for path in PATHS if (one := tmp_path / path / f"{importer.replace('.', '/')}.py").exists()]
        text = f"\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import {imported}\n"
        file.write_text(file.read_text("utf-8") + text, "utf-8")
    done = lint(tmp_path)
    assert done.returncode == 1
    assert f"{contract['name']} BROKEN" in done.stdout
    told = [f"No cycles are allowed in {one}." for one in contract.get("ancestors", [])]
    told = told or [f"{importer} -> {imported}" for importer, imported in FORBIDDEN[contract["id"]].items()]
    assert [one for one in told if one not in done.stdout] == []
