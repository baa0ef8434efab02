"""Fixtures that tests in several files use: `apply`, and the command `docs`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from page2openapi import read_page
from page2openapi.apply import application, running
from page2openapi.apply.trial import Verdict
from page2openapi.command import main

from .applying import CONTRACT, Applied, Apply

Outcome = tuple[int, str, str]
"""The exit of the command, and what it printed on the two streams."""


@pytest.fixture
def docs(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """docs("read", path) runs the command."""

    def run(*arguments: str) -> Outcome:
        status = main(arguments)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Apply:
    """Applies pages to a contract. Whether a client can be generated is looked at in fewer tests: it takes a second."""
    monkeypatch.setattr(application, "judge", lambda *_: Verdict())
    path = tmp_path / "modellix.yaml"
    shutil.copy(CONTRACT, path)

    def run(*texts: str, dry_run: bool = False, document: str | None = None) -> Applied:
        if document is not None:
            path.write_text(document, encoding="utf-8")
        pages = [read_page(text, f"page-{number}.txt") for number, text in enumerate(texts, 1)]
        status = running.apply_pages(pages, path, dry_run=dry_run)
        said = capsys.readouterr()
        return Applied(status, path, said.out, said.err)

    return run
