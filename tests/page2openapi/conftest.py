"""The fixture `apply`, which tests in several files use."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from page2openapi import read_page
from page2openapi.apply import running

from .applying import CONTRACT, Applied, Apply


@pytest.fixture
def apply(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Apply:
    """Applies pages to a contract. Whether a client can be generated is looked at in fewer tests: it takes a second."""
    monkeypatch.setattr(running, "why_not", lambda *_: None)
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
