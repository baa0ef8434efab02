"""Whole runs in which everything is shown: the key appears nowhere, neither whole nor in recognizable pieces."""

from __future__ import annotations

import random
import signal
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from modellix.testing import Answer

from . import test_runs_interrupted as interrupted
from .apis import EDIT, KEY, Api, Honest, Seen, changed
from .runs import DETERMINISTIC, run

pytestmark = pytest.mark.slow

LONG_KEY = "Zq7-vT2mXw9LkQ4_rNb8HsYc3JfPdGe6UaVtRz5MiWo1KxEhBnCy7DgSjQpLuF"
ODD_KEY = (
    "Zq7vT2mXw9\"LkQ4rNb8Hs\\Yc3JfPdGe6'UaVtRz5MiW<o1KxEhBnCy>7DgSjQpLu{F4sWq8ZcXn}M3kRtYv9B#aHdPo5GjL%41+z6TgNx/=="
)
SPLIT_KEY = "mk_7f3a9.c2e81+b6d04/5fa97.33c1e+d07/ab4"  # nowhere 8 letters or digits in a row
PIECE = 8  # characters in a row that nobody has by chance

VERBOSE = ("-vv", "-s", "--tb=long", "--showlocals", "--log-level=DEBUG", "-rA", "--junitxml=junit.xml")
LOGS = ("-o", "log_cli=true", "--log-cli-level=DEBUG", "--log-file=run.log", "--log-file-level=DEBUG")


def leaks(folder: Path, output: str, key: str) -> dict[str, str]:
    """Where pieces of the key stand, with what is around the first of them."""
    files = [file for file in folder.rglob("*") if file.is_file() and not is_ours(file, folder)]
    texts = {"output": output} | {str(file.relative_to(folder)): file.read_text(errors="replace") for file in files}
    letters = "".join(filter(str.isalnum, key))
    forms = (key, key[::-1], letters, quote(key, safe=""), b64encode(key.encode()).decode())
    pieces = {form.lower()[start : start + PIECE] for form in forms for start in range(len(form) - PIECE + 1)}
    found = {}
    for name, text in texts.items():
        places = [at for at in (text.lower().find(piece) for piece in pieces) if at >= 0]
        if places:
            found[name] = text[max(min(places) - 80, 0) : min(places) + 40]
    return found


def is_ours(file: Path, folder: Path) -> bool:
    """Whether it lies in the repository, behind a link."""
    return (folder / file.relative_to(folder).parts[0]).is_symlink()


def opens_doors(key: str) -> Any:
    """Takes any key, and none, for the right one, except for submissions: those would spend the budget."""

    def twist(seen: Seen, honest: Honest) -> Any:
        if seen.headers.get("authorization") == f"Bearer {key}":
            return honest(seen)
        return Answer(404, {"Content-Type": "text/plain"}, b"who are you")

    return twist


def hangs_up(key: str) -> Any:
    """Loses every connection without the right key in the right place."""

    def twist(seen: Seen, honest: Honest) -> Any:
        if seen.headers.get("authorization") == f"Bearer {key}":
            return honest(seen)
        raise ConnectionResetError

    return twist


def echoes(key: str) -> Any:
    """Writes the key, and what came, into every reply: values, messages, headers, another status."""

    def twist(seen: Seen, honest: Honest) -> Any:
        text = f"key {key} {seen.headers.get('authorization')} {seen.path}"
        answer = honest(seen)
        if "json" not in answer.headers.get("Content-Type", ""):
            return answer

        def add(reply: Any) -> None:
            reply |= {"message": f"Oops: {text}", "echo": text}
            if isinstance(reply.get("data"), dict):
                reply["data"] |= {"model_id": text, "echo": text}

        answer = changed(answer, add)
        return replace(answer, headers={**answer.headers, "X-Echo": text})

    return twist


def echoes_at_the_edge(key: str) -> Any:
    """So that whatever shortens a reply may cut the key in two, in any place."""

    def twist(seen: Seen, honest: Honest) -> Any:
        dice = random.Random(f"{seen.path}{len(seen.body)}{seen.headers.get('authorization')}")
        text = "x" * dice.randrange(100, 300) + key + "\n" + "y" * dice.randrange(3000) + key * 2
        answer = honest(seen)
        return Answer(200 if answer.status >= 400 else 500, {"Content-Type": "text/plain"}, text.encode())

    return twist


CASES: dict[str, tuple[Any, int, tuple[str, ...]]] = {
    "keys are not told apart": (opens_doors, 0, (*VERBOSE, "-k", "auth or key")),
    "connections are lost": (hangs_up, 0, (*VERBOSE, "-k", "test_refused and auth")),
    "echo": (echoes, 3, (*VERBOSE, "-k", "auth or key or test_tasks or envelope")),
    "echo, by default": (echoes_at_the_edge, 40, ("-k", "test_refused and prompt or auth or key")),
    "echo at the edge": (
        echoes_at_the_edge,
        40,
        (*VERBOSE, "-k", "test_refused and prompt or auth or key"),
    ),
    "logs": (echoes, 0, (*LOGS, "-k", "auth or key")),
    "faultless": (lambda key: None, 1, (*VERBOSE, "-k", "auth or key or planned")),
}


WITH_ALL_MODELS = ("keys are not told apart", "echo")  # with all others one model shows the same in half the time
WITH_ODD_KEYS = ("echo", "faultless")  # where they are escaped in more ways than one
OTHER_KEYS = {"an odd key": ODD_KEY, "a split key": SPLIT_KEY}
OTHERS = {f"{case}, {noun}": (case, key) for case in WITH_ODD_KEYS for noun, key in OTHER_KEYS.items()}


@pytest.mark.parametrize(
    ("case", "key"),
    [*((case, LONG_KEY) for case in CASES), *OTHERS.values()],
    ids=[*CASES, *OTHERS],
)
def test_key_is_shown_nowhere(case: str, key: str, tmp_path: Path) -> None:
    twist, budget, arguments = CASES[case]
    api = Api(twist(key), key)
    models = () if (case, key) in [(one, LONG_KEY) for one in WITH_ALL_MODELS] else ("--models", EDIT.operation_id)
    done = run(api, tmp_path, budget, *DETERMINISTIC, *models, *arguments, key=key)
    assert api.seen
    assert done.status in (0, 1), done.output[-2000:]
    assert leaks(tmp_path, done.output, key) == {}


def test_key_is_not_in_what_random_tests_show(tmp_path: Path) -> None:
    """Hypothesis and schemathesis print whole requests."""
    api = Api(echoes(LONG_KEY), LONG_KEY)
    done = run(api, tmp_path, 10, "-m", "random", *VERBOSE, key=LONG_KEY)
    assert (done.status, leaks(tmp_path, done.output, LONG_KEY)) == (1, {})


def test_key_is_not_in_what_ctrl_c_shows(tmp_path: Path) -> None:
    done, _ = interrupted.run_stopped_at(
        interrupted.is_seventh_sale, signal.SIGINT, tmp_path, "--full-trace", "--showlocals"
    )
    assert (done.status, leaks(tmp_path, done.output, KEY)) == (2, {})
