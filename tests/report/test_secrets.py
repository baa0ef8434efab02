"""The key is in no file of the report, whatever the results hold."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from scripts.report.command import main

from .makers import changed, results, written

KEY = 'mk-9fQ2+xyZ/77"pL'


def leaking(key: str) -> dict[str, object]:
    """A run whose results were written without any care."""
    reply = f'{{"echo": "Bearer {key}", "address": "?key={quote(key, safe="")}", "short": "{key[:-1]}"}}'
    exchange = {"sent": f"GET /api/v1/tasks/x?api_key={key}", "status": 401, "reply": reply}
    return changed(
        results("live"), lambda test: True, outcome="failed", exchanges=[exchange], reason=f"{key} and {key.swapcase()}"
    )


@pytest.mark.parametrize("key", [KEY, "k123456789", "q7X!"])
def test_key_of_the_environment_is_redacted_in_every_file(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELLIX_API_KEY", key)
    folder = written(tmp_path, live=leaking(key))
    assert main(["--results", str(folder), "--output", str(tmp_path / "report")]) == 0
    core = key[1:-1] if len(key) >= 8 else key
    for file in (tmp_path / "report").iterdir():
        text = file.read_text(encoding="utf-8")
        assert "[key]" in text or "&#91;key&#93;" in text, file.name
        for spelling in (core, core.swapcase(), quote(core, safe="")):
            assert spelling not in text, file.name
