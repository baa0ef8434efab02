"""Fixtures that tests in several files use: `apply`, the command `docs`, and a `week` of an index."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from page2openapi import read_page
from page2openapi.apply import application, running
from page2openapi.apply.trial import Verdict
from page2openapi.command import main
from page2openapi.index.cache import Cache
from page2openapi.index.running import Places

from .applying import CONTRACT, Applied, Apply
from .model_pages import EDIT, GENERATE
from .site import running as running_site
from .weeks import Week

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


@pytest.fixture
def week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Week]:
    """A site that lists the two models of the contract."""
    monkeypatch.setattr(application, "judge", lambda *_: Verdict())
    shutil.copy(CONTRACT, tmp_path / "modellix.yaml")
    places = Places(tmp_path / "modellix.yaml", tmp_path / "not-wanted.txt", Cache(tmp_path / "cache"))
    with running_site() as site:
        week = Week(site, places, capsys)
        week.list("[Generate](/a.md): words", "[Edit](/b)", a=GENERATE, b=EDIT)
        yield week
