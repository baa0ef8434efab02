"""The old package stays until the new one is complete, and the same document always gives the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.regenerate import generation, output, templates
from scripts.regenerate.command import main
from scripts.regenerate.templates import Change

from .documents import ROOT, SHIPPED, document, get

Outcome = tuple[int, str, str]
TINY = document({"/a": get()})


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def in_another_process(seed: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.regenerate", *arguments],
        env={**os.environ, "PYTHONHASHSEED": seed},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_shipped_package_is_what_the_document_gives() -> None:
    assert main(["--check"]) == 0


def test_output_does_not_depend_on_where_temporary_files_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As under nox, in a folder of a checkout with a .gitignore for everything; and beside other settings of ruff."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\nline-length = 40\n")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main(["--check"]) == 0


@pytest.mark.slow
def test_output_does_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    for seed in ("1", "2"):
        done = in_another_process(seed, "--output", str(tmp_path / seed))
        assert (done.returncode, done.stderr) == (0, "")
    assert tree(tmp_path / "1") == tree(tmp_path / "2")


def test_every_module_is_stamped(tmp_path: Path) -> None:
    first = "# Generated from openapi/modellix.yaml by `python -m scripts.regenerate`; do not edit.\n"
    modules = list((ROOT / "generated" / "modellix_client").rglob("*.py"))
    assert modules
    assert all(path.read_text("utf-8").startswith(first) for path in modules)


def test_name_of_the_document_cannot_break_out_of_the_stamp() -> None:
    assert "\n" not in generation.stamp("a\nimport os #.yaml")


def test_package_names_no_folder_of_this_machine() -> None:
    assert not [name for name, content in tree(ROOT / "generated").items() if str(ROOT).encode() in content]


@pytest.mark.slow
def test_check_lists_what_differs_sorted(regenerate: Callable[..., Outcome], tmp_path: Path) -> None:
    regenerate(TINY)
    package = tmp_path / "out" / "modellix_client"
    (package / "types.py").write_text("edited")
    (package / "errors.py").unlink()
    (package / "api" / "new.py").touch()
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "any.pyc").touch()
    before = tree(package)
    status, out, error = regenerate(TINY, "--check")
    assert (status, error) == (1, "")
    *differences, step = out.splitlines()
    assert differences == ["api/new.py: extra", "errors.py: missing", "types.py: different"]
    assert step == "to write it: nox -s generate"
    assert tree(package) == before


@pytest.mark.slow
def test_check_of_nothing_lists_every_file(regenerate: Callable[..., Outcome], tmp_path: Path) -> None:
    status, out, _ = regenerate(TINY, "--check")
    assert status == 1
    assert "__init__.py: missing" in out.splitlines()
    assert not (tmp_path / "out").exists()


def test_check_of_what_was_just_written_finds_nothing(regenerate: Callable[..., Outcome]) -> None:
    regenerate(TINY)
    assert regenerate(TINY, "--check")[0] == 0


def fail(*_: object, **__: object) -> None:
    raise OSError("disk full")


def interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.parametrize("step", ["_write_code", "_tidy", "_run"])
def test_old_package_survives_a_failure(
    step: str, regenerate: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    regenerate(TINY)
    before = tree(tmp_path / "out")
    monkeypatch.setattr(generation, step, fail)
    status, _, error = regenerate(document({"/b": get(name="b")}))
    assert (status, error.count("\n")) == (2, 1)
    assert "disk full" in error
    assert tree(tmp_path / "out") == before
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["modellix_client"]


@pytest.mark.slow
def test_old_package_survives_an_interruption(
    regenerate: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    regenerate(TINY)
    before = tree(tmp_path / "out")
    monkeypatch.setattr(generation, "_tidy", interrupt)
    with pytest.raises(KeyboardInterrupt):
        regenerate(document({"/b": get(name="b")}))
    assert tree(tmp_path / "out") == before
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["modellix_client"]


def test_old_package_comes_back_when_the_swap_fails(tmp_path: Path) -> None:
    package, scratch = tmp_path / "modellix_client", tmp_path / "scratch"
    package.mkdir()
    scratch.mkdir()
    (package / "__init__.py").write_text(f"{generation.STAMP}a\n")
    with pytest.raises(FileNotFoundError):
        output.replace_package(package, scratch / "was never made", scratch)
    assert (package / "__init__.py").exists()


def test_folder_that_is_no_generated_package_is_left_alone(regenerate: Callable[..., Outcome], tmp_path: Path) -> None:
    precious = tmp_path / "out" / "modellix_client"
    precious.mkdir(parents=True)
    (precious / "__init__.py").write_text("print('by hand')")
    status, _, error = regenerate(TINY)
    assert status == 2
    assert "is not a generated package, so it is not replaced" in error
    assert [path.name for path in precious.iterdir()] == ["__init__.py"]


@pytest.mark.slow
def test_empty_folder_is_filled(regenerate: Callable[..., Outcome], tmp_path: Path) -> None:
    (tmp_path / "out" / "modellix_client").mkdir(parents=True)
    assert regenerate(TINY)[0] == 0


def test_output_that_is_a_file_ends_with_one_line(regenerate: Callable[..., Outcome], tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    status, _, error = regenerate(TINY)
    assert (status, error.count("\n")) == (2, 1)


@pytest.mark.slow
@pytest.mark.parametrize("old", ["never there", "e"], ids=["gone", "ambiguous"])
def test_upstream_that_moved_stops_the_generation(
    old: str, regenerate: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(templates, "CHANGES", (*templates.CHANGES, Change("types.py.jinja", old, "x")))
    status, _, error = regenerate(TINY)
    assert (status, error.count("\n")) == (2, 1)
    assert "upstream's template types.py.jinja has moved" in error


@pytest.mark.slow
def test_settings_of_ruff_outside_have_no_say(tmp_path: Path, regenerate: Callable[..., Outcome]) -> None:
    (tmp_path / "ruff.toml").write_text("line-length = 40\nexclude = ['*']\n")
    regenerate(TINY)
    shipped = ROOT / "generated" / "modellix_client" / "types.py"
    made = tmp_path / "out" / "modellix_client" / "types.py"
    assert made.read_text().partition("\n")[2] == shipped.read_text().partition("\n")[2]


@pytest.mark.slow
def test_document_in_the_package_is_the_one_that_was_read(regenerate: Callable[..., Outcome], tmp_path: Path) -> None:
    regenerate(SHIPPED.read_bytes())
    made = tmp_path / "out" / "modellix_client" / "openapi.json"
    assert made.read_bytes() == (ROOT / "generated" / "modellix_client" / "openapi.json").read_bytes()
