"""How often a file is asked for is what docs/files.md says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from contract_tests.model import good
from modellix import DownloadError, Modellix, RetryPolicy
from modellix.testing import StandIn


@pytest.mark.parametrize(
    ("fault", "times", "asked", "is_there"),
    [
        (("cut_next", (), {}), 1, 2, True),
        (("cut_next", (), {"after": "body"}), 1, 2, True),
        (("cut_next", (), {"after": "body"}), 2, 2, False),
        (("answer_next", (503,), {}), 1, 1, False),
        (("answer_next", (429,), {}), 1, 1, False),
        (("hang_next", (), {}), 1, 1, False),
    ],
)
@pytest.mark.parametrize("reads", [0, 3])
def test_a_file_is_asked_for_once_more_after_a_cut_and_never_after_an_answer(
    fault: tuple[str, tuple[Any, ...], dict[str, Any]],
    times: int,
    asked: int,
    is_there: bool,
    reads: int,
    tmp_path: Path,
) -> None:
    service, (name, values, named) = StandIn(reads=1), fault
    with service.fast(), service.mock(), Modellix("test-key", retry=RetryPolicy(reads=reads)) as client:
        result = client.openai.gpt_image_2(**good.words()).wait()
        before = len(service.requests)
        getattr(service, name)(*values, **named, to="results", count=times)
        try:
            found = result.download(tmp_path)
        except DownloadError:
            found = []
        assert bool(found) is is_there
        assert len(service.requests) - before == asked
        assert len(service.submissions) == 1
