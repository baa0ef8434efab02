"""The id of a test says what was sent, and whether it should be accepted or refused."""

from __future__ import annotations

import pytest

from contract_tests.model import good
from scripts.report.cases import subject_of

TEXT, SIZE = good.TEXT, good.SIZE
MOST, OPTION = len(good.longest_prompt()), good.options(SIZE)[0]


@pytest.mark.parametrize(
    ("test", "name", "side"),
    [
        (
            f"test_accepted[gpt-image-2 {TEXT} of {MOST} characters is accepted]",
            f"{TEXT} of {MOST} characters",
            "accepted",
        ),
        (f"test_refused[gpt-image-2 {TEXT} of {MOST + 1} characters]", f"{TEXT} of {MOST + 1} characters", "refused"),
        (f"test_refused[gpt-image-2 without {TEXT}]", f"without {TEXT}", "refused"),
        (f"test_counted_in_code_points[gpt-image-2 {TEXT} of 1 space is accepted]", f"{TEXT} of 1 space", "accepted"),
        (f"test_picture_has_the_size_asked[gpt-image-2 {SIZE} {OPTION}]", f"{SIZE} {OPTION}", "accepted"),
        ("test_refused[gpt-image-2 with an empty header]", "with an empty header", "refused"),
        (f"test_refused[gpt-image-2 {SIZE} '[]']", f"{SIZE} '[]'", "refused"),
        ("test_accepted[gpt-image-2 a field of long ago is accepted]", "a field of long ago", "accepted"),
        ("test_task_ends[gpt-image-2]", "task ends", None),
        ("test_failure_comes_in_the_envelope[402-gpt-image-2]", "failure comes in the envelope, 402", None),
        ("test_alone", "alone", None),
    ],
)
def test_subject(test: str, name: str, side: str | None) -> None:
    assert subject_of(f"contract_tests/api/test_x.py::{test}", "gpt-image-2") == (name, side)
