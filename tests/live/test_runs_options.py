"""Whole runs that cannot be done, or that try nothing: never exit 0, and nothing is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract_tests.model import good
from modellix.testing.server import serve

from .apis import KEY, Api
from .runs import FAST, run_against

pytestmark = pytest.mark.slow

LIVE = ("--live", *FAST)
HERE = "the address of the server"

IMPOSSIBLE: dict[str, tuple[tuple[str, ...], str | None, str]] = {
    "no key": (LIVE, None, HERE),
    "an empty key": (LIVE, "", HERE),
    "an address with a path": (LIVE, KEY, "https://example.com/api/v1"),
    "plain http to another host": (LIVE, KEY, "http://example.com"),
    "a negative budget": ((*LIVE, "--live-budget", "-1"), KEY, HERE),
    "a rate that is no number": (("--live", "--live-rate", "nan"), KEY, HERE),
    "a budget without --live": (("--live-budget", "5"), KEY, HERE),
    "a rate of zero without --live": (("--live-rate", "0"), KEY, HERE),
    "a picture by plain http": ((*LIVE, "--live-image", "http://pictures.test/a.png"), KEY, HERE),
    "a picture that is no URL": ((*LIVE, "--live-image", "a.png"), KEY, HERE),
    "a picture without --live": (("--live-image", "https://pictures.test/a.png"), KEY, HERE),
    "a model that is not there": ((*LIVE, "--models", "gpt-image-3"), KEY, HERE),
    "two processes": ((*LIVE, "-n", "2"), KEY, HERE),
    "two processes by another name": ((*LIVE, "--live-budget", "1", "--dist", "load", "--tx", "2*popen"), KEY, HERE),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_cannot_be_done_is_exit_4_and_sends_nothing(case: str, tmp_path: Path) -> None:
    arguments, key, address = IMPOSSIBLE[case]
    api = Api()
    with serve(api.handle, 0) as origin:
        done = run_against(
            origin if address == HERE else address, tmp_path, *arguments, "-k", "planned or unknown", key=key
        )
    assert (done.status, api.seen) == (4, []), done.output[-2000:]
    assert not key or KEY not in done.output
    assert done.purchase_log == []
    assert not (tmp_path / "report").exists()


def test_picture_that_breaks_the_document_is_named_with_what_is_asked_for(tmp_path: Path) -> None:
    done = run_against("http://127.0.0.1:9", tmp_path, *LIVE, "--live-image", "http://pictures.test/a.png")
    [said] = [line for line in done.output.splitlines() if "--live-image" in line]
    assert f"http://pictures.test/a.png: {good.PICTURES} of {good.EDIT.name} takes an https URL" in said


TRYING_NOTHING: dict[str, tuple[str, ...]] = {
    "no test of that name": ("-k", "no_test_has_this_name"),
    "paid tests without a budget": ("-m", "paid and not random and not closing"),
    "two submissions wanted, one paid": ("-k", "test_task_ids_differ", "--live-budget", "1"),
}


@pytest.mark.parametrize("case", TRYING_NOTHING)
def test_run_in_which_nothing_ran_has_not_succeeded(case: str, tmp_path: Path) -> None:
    api = Api()
    with serve(api.handle, 0) as origin:
        done = run_against(origin, tmp_path, *LIVE, *TRYING_NOTHING[case])
    assert done.status not in (0, 4)
    [question] = done.open_questions
    assert question.startswith("no test ran. Next: ")
    assert (
        len(api.submissions)
        == len(api.bought)
        == len(done.events("sending"))
        == ("--live-budget" in TRYING_NOTHING[case])
    )


def test_free_tests_alone_succeed(tmp_path: Path) -> None:
    api = Api()
    with serve(api.handle, 0) as origin:
        done = run_against(origin, tmp_path, *LIVE, "-m", "not paid and not random", "-k", "get-task")
    assert (done.status, done.open_questions) == (0, [])
    assert len(api.seen) > 20
    assert (api.submissions, api.bought, done.events("sending")) == ([], [], [])


def test_other_rooms_have_no_part_in_a_live_run(tmp_path: Path) -> None:
    api = Api()
    with serve(api.handle, 0) as origin:
        done = run_against(origin, tmp_path, *LIVE, "--collect-only", "-q")
    assert "contract_tests/api/test_refused.py::" in done.output
    assert "contract_tests/test_" not in done.output
    assert api.seen == []
