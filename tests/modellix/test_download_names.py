"""The name of a file, out of a task's id, or a name that a user gives; both may hold anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from modellix._core.download import stem_of

WINDOWS_FORBIDS = set('<>:"/\\|?*') | {chr(code) for code in range(32)}


@pytest.mark.parametrize(
    ("task_id", "stem"),
    [
        ("task_abc123xyz", "task_abc123xyz-0"),
        ("task-openai-abc123", "task-openai-abc123-0"),
        ("con", "con-0"),  # reserved on Windows only without the number
        ("a" * 80, "a" * 80 + "-0"),
        ("a" * 81, "a" * 40 + "~"),
        ("../../etc/passwd", "_etc_passwd~"),
        ("..", "_~"),
        ("/etc/passwd", "_etc_passwd~"),
        ("C:\\Windows", "c_windows~"),
        ("Task-1", "task_1~"),
        ("-rf", "_rf~"),
        ("trailing. ", "trailing_~"),
        (".hidden", "_hidden~"),
        ("nul.txt", "nul_txt~"),
        ("a\0b", "a_b~"),
        ("任务", "_~"),
        ("\ud800", "_~"),
        ("", "~"),
        ("row-1", "row-1-0"),
        ("x" * 600, "x" * 40 + "~"),
    ],
)
def test_name_of_a_task(task_id: str, stem: str) -> None:
    assert stem_of(task_id, 0).startswith(stem)


ANY = st.text(st.characters(exclude_categories=()))  # surrogates too
IDS = st.one_of(ANY, st.text("aAbB-_~.01", max_size=6))


@example("\\ud800".rjust(46, "x"), "\ud800".rjust(41, "x"), 0, 0)
@given(IDS, IDS, st.integers(0, 300), st.integers(0, 300))
def test_different_files_have_different_names_even_without_case(a: str, b: str, i: int, j: int) -> None:
    assert (stem_of(a, i).casefold() == stem_of(b, j).casefold()) == ((a, i) == (b, j))


@given(ANY)
def test_name_suits_every_file_system(task_id: str) -> None:
    name = stem_of(task_id, 255) + ".webp"
    assert name.isascii()
    assert not WINDOWS_FORBIDS & set(name)
    assert len(name) < 143  # bytes that an encrypting file system leaves of 255
    assert name[0] not in ".- "
    assert Path(name).name == name
