"""What the rules of a download ask for: said in logs and tracebacks without secrets, and without the pictures."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from modellix._core.download_effects import FinishFile, Get, NetworkFailure, WriteFile


def test_a_proxys_password_is_not_shown() -> None:
    assert "password" not in repr(Get(httpx.URL("https://files.example/p"), "http://user:password@proxy", 1.0))


def test_the_bytes_of_a_picture_are_not_shown() -> None:
    assert "many bytes" not in repr(WriteFile([b"many bytes"]))


def test_an_effect_cannot_be_changed_on_its_way() -> None:
    effect = FinishFile(Path("a.png"), overwrite=False)
    with pytest.raises(AttributeError):
        effect.overwrite = True  # type: ignore[misc]


def test_a_failure_carries_its_error_and_says_nothing_of_its_own() -> None:
    error = OSError("no route to 10.0.0.1")
    failure = NetworkFailure(error)
    assert (failure.error, str(failure)) == (error, "")
