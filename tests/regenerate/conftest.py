from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jinja2
import pytest
from openapi_python_client import Project

from scripts.regenerate import generation
from scripts.regenerate.command import main

from .documents import write


class MemoryCache(jinja2.BytecodeCache):
    """Compiles each template once for all tests, which takes a third off every run."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Any) -> None:
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket: Any) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


CACHE = MemoryCache()


@pytest.fixture(autouse=True, scope="session")
def _compile_templates_once() -> Iterator[None]:
    def project(**arguments: Any) -> Project:
        made = Project(**arguments)
        made.env.bytecode_cache = CACHE
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generation, "Project", project)
        yield


Outcome = tuple[int, str, str]  # exit status, standard output, standard error


@pytest.fixture
def regenerate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """Generates from a document into `tmp_path / "out"`, in this process."""

    def run(contents: dict[str, Any] | str | bytes | None = None, *options: str, name: str = "tiny.yaml") -> Outcome:
        given = [] if contents is None else ["--document", str(write(tmp_path, contents, name))]
        status = main([*given, "--output", str(tmp_path / "out"), *options])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def build(regenerate: Callable[..., Outcome], tmp_path: Path) -> Callable[..., Path]:
    """Generates and returns the folder that holds the package, having shown that there was nothing to complain of."""

    def run(contents: dict[str, Any] | str | bytes, name: str = "tiny.yaml") -> Path:
        status, _, error = regenerate(contents, name=name)
        assert (status, error) == (0, "")
        return tmp_path / "out"

    return run


@pytest.fixture
def use() -> Callable[[Path, str], str]:
    """Runs code in another process that can import the package in a folder; gives what the code prints."""

    def run(folder: Path, code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-B", "-W", "error", "-c", code],
            env={"PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run
