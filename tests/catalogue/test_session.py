"""The session's steps, and the parts of it that are quick: the measure of imports, and what the demo submits."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scripts.catalogue import imports
from scripts.catalogue.command import main
from scripts.catalogue.demo import SHOWN
from scripts.catalogue.models import LEAST_MODELS, catalogue
from scripts.catalogue.session import steps


def test_few_models_have_all_that_the_demo_shows() -> None:
    families = {one.family for one in catalogue(LEAST_MODELS)}
    assert {one.__name__ for one in SHOWN} <= families


def test_each_page_is_applied(tmp_path: Path) -> None:
    models = catalogue(LEAST_MODELS)
    found = {step.name: step for step in steps(models, 0, "http://127.0.0.1:9", tmp_path)}
    assert {"generate", "mypy", "pyright", "contract tests", "demo"} <= found.keys()
    assert ("mutants" in found) is hasattr(os, "fork")
    assert all(found[name].needed for name in ("index", "apply", "generate"))
    assert f"{LEAST_MODELS} of {LEAST_MODELS} new models added" in found["apply"].says


def test_an_import_may_be_too_dear(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = {imports.CLIENT: 0.3, imports.BARE: 0.2}
    monkeypatch.setattr(imports, "_cpu", spent.__getitem__)
    assert (imports.imports(1.5 + 1e-9), imports.imports(1.4)) == (0, 1)


def test_too_few_models_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["run", "--models", str(LEAST_MODELS - 1), "--logs", str(tmp_path)])
    assert refused.value.code == 2
    assert f"at least {LEAST_MODELS}" in capsys.readouterr().err


def test_a_site_is_written(tmp_path: Path) -> None:
    assert main(["write", str(tmp_path), "--models", "7"]) == 0
    assert len(list(tmp_path.rglob("*.md"))) > 7
    assert (tmp_path / "llms.txt").read_text("utf-8").startswith("# ")
