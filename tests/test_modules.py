"""The tests of a module are found by its name, for each module of the client."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CLIENT = ROOT / "src" / "modellix"
NEEDS_NONE = {"__init__", "__main__", "_http", "_version"}
MODULES = sorted(
    {
        path.stem.lstrip("_")
        for folder in (CLIENT, CLIENT / "_core", CLIENT / "_io", CLIENT / "journal")
        for path in folder.glob("*.py")
        if path.stem not in NEEDS_NONE
    }
)
FILES = sorted(path.stem.removeprefix("test_") for path in (ROOT / "tests" / "modellix").glob("test_*.py"))


def module_of(file: str) -> str | None:
    """The module whose name a file of tests begins with, the longest if there are several."""
    found = [module for module in MODULES if file == module or file.startswith(f"{module}_")]
    return max(found, key=len, default=None)


@pytest.mark.parametrize("module", MODULES)
def test_each_module_has_a_file_of_tests(module: str) -> None:
    assert module in map(module_of, FILES)


@pytest.mark.parametrize("file", FILES)
def test_each_file_of_tests_names_its_module(file: str) -> None:
    assert module_of(file) is not None
