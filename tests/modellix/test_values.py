"""What a value must look like: numbers of seconds, counts, ids of tasks, and hosts that are this machine."""

from __future__ import annotations

from typing import Any

import pytest

from modellix import ConfigurationError
from modellix._values import (
    LONGEST_SECONDS,
    LONGEST_TASK_ID,
    is_loopback,
    is_usable_id,
    require_count,
    require_seconds,
    require_task_id,
)


@pytest.mark.parametrize("value", [0, 0.5, 7, LONGEST_SECONDS])
def test_seconds_become_a_float(value: float) -> None:
    found = require_seconds("timeout", value)
    assert (type(found), found) == (float, value)


@pytest.mark.parametrize("value", [-0.001, LONGEST_SECONDS * 1.01, float("nan"), float("inf"), True, "1", None])
def test_other_seconds_are_refused_by_name(value: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^timeout must be a number of seconds"):
        require_seconds("timeout", value)


@pytest.mark.parametrize(("value", "least"), [(0, 0), (1, 1), (10**9, 1)])
def test_a_count_of_at_least_so_many(value: int, least: int) -> None:
    assert require_count("reads", value, least) == value


@pytest.mark.parametrize(("value", "least"), [(-1, 0), (0, 1), (1.0, 0), (True, 0), ("1", 0), (None, 0)])
def test_other_counts_are_refused_by_name(value: Any, least: int) -> None:
    with pytest.raises(ConfigurationError, match=f"^reads must be a whole number, {least} or more"):
        require_count("reads", value, least)


@pytest.mark.parametrize("task_id", ["a", "a/b", "…", "x" * LONGEST_TASK_ID])
def test_an_id_that_can_be_used_is_kept_as_it_is(task_id: str) -> None:
    assert require_task_id(task_id) == task_id


@pytest.mark.parametrize("task_id", ["", ".", "..", "a\nb", "\x7f", "\ud800", "x" * (LONGEST_TASK_ID + 1), 5, None])
def test_an_id_that_cannot_be_used_is_shown_shortened(task_id: Any) -> None:
    assert not is_usable_id(task_id)
    with pytest.raises(ConfigurationError, match="a task id is a string") as caught:
        require_task_id(task_id)
    assert len(str(caught.value)) < LONGEST_TASK_ID


@pytest.mark.parametrize("host", ["localhost", "LocalHost", "127.0.0.1", "127.255.0.9", "::1"])
def test_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "localhost.example", "128.0.0.1", "::2", "::ffff:127.0.0.1", "0.0.0.0"])
def test_other_machines(host: str) -> None:
    assert not is_loopback(host)
