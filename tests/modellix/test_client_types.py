"""A user's program type-checks, and a wrong size in it does not; what users import has a type."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import modellix
from contract_tests.model import good
from modellix_client import requests

TEXT, SIZE, CHOICE = map(good.attribute, (good.TEXT, good.SIZE, good.CHOICE))
EDIT_TEXT, PICTURES, EDIT_SIZE = (
    good.attribute(name, good.EDIT) for name in (good.EDIT_TEXT, good.PICTURES, good.EDIT_SIZE)
)
A_SIZE, A_CHOICE = (good.options(name)[0] for name in (good.SIZE, good.CHOICE))
SIZES = f"GptImage2{''.join(map(str.capitalize, SIZE.split('_')))}"
SOUGHT = ("bytes", f'"{SIZE}"', f'"{PICTURES}"', f'"{SIZES}s"')  # in messages of checkers; the first counts
PROGRAM = f"""
import asyncio

from collections.abc import Sequence

from modellix import AsyncModellix, AsyncTask, GptImage2Request, {SIZES}, Modellix, Task, TaskFailed, TaskResult
from modellix import GptImage2EditRequest
from modellix_client.types import Unset

SIZE: {SIZES} = "{A_SIZE}"
with Modellix("key") as client:
    task: Task = client.openai.gpt_image_2({TEXT}="a", {SIZE}=SIZE, {CHOICE}="{A_CHOICE}")
    other: Task = client.submit(GptImage2Request({TEXT}="a"))
    result: TaskResult = task.wait(timeout=60.0, on_update=lambda seen: print(seen.status))
    client.openai.gpt_image_2({TEXT}="a", {SIZE}="{A_SIZE}")
    for path in result.download("pictures"):
        print(path.name, result.resources[0].url, result.expires_at)
    outcomes: list[TaskResult | TaskFailed] = client.wait_all([task, "task-1"])


def change(request: GptImage2EditRequest, images: Sequence[str]) -> list[str]:
    request.{EDIT_SIZE} = None
    request.{PICTURES} = ("https://a/b.png",)
    request.{PICTURES} = images
    request.{PICTURES}.append("https://a/c.png")
    client.openai.gpt_image_2_edit({PICTURES}=images, {EDIT_TEXT}="a", {EDIT_SIZE}=None)
    return GptImage2EditRequest({PICTURES}=("https://a/b.png",), {EDIT_TEXT}="a", {EDIT_SIZE}=None).{PICTURES}


def size_of(request: GptImage2Request) -> {SIZES}:
    return SIZE if isinstance(request.{SIZE}, Unset) else request.{SIZE}


async def main() -> None:
    async with AsyncModellix("key") as client:
        submitted = asyncio.create_task(client.openai.gpt_image_2_edit({PICTURES}=["https://a/b.png"], {EDIT_TEXT}="a"))
        task: AsyncTask = await submitted
        async for outcome in client.as_completed([task]):
            print(outcome.task_id)
"""


WRONG = PROGRAM.replace(f'{SIZE}="{A_SIZE}"', f'{SIZE}="1x1"').replace('["https://a/b.png"]', '"https://a/b.png"')
MISSPELT = f"from modellix import {SIZES}s\n"
UPLOADS = f'from modellix import Modellix\n\nModellix().openai.gpt_image_2_edit({PICTURES}=[b"0"], {EDIT_TEXT}="a")\n'


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with a right program, one with a wrong size and a text for a list, and others with one fault each."""
    for name, text in (("right", PROGRAM), ("wrong", WRONG), ("misspelt", MISSPELT), ("uploads", UPLOADS)):
        (tmp_path / f"{name}.py").write_text(text)
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    return tmp_path


def errors(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of each message the program that it is about, and what it names."""
    return sorted((name, next((one for one in SOUGHT if one in text), text)) for name, text in found)


EXPECTED = sorted(zip(("uploads", "wrong", "wrong", "misspelt"), SOUGHT, strict=True))


@pytest.mark.slow
def test_mypy_takes_a_users_program_and_no_wrong_argument_or_name(programs: Path) -> None:
    """In a process of its own, as mypy raises Python's limit of recursion."""
    command = [sys.executable, "-m", "mypy", "--strict", *sorted(one.name for one in programs.glob("*.py"))]
    done = subprocess.run(command, cwd=programs, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if ": error:" in line]
    found = [(Path(line.partition(":")[0]).stem, line) for line in lines]
    assert errors(found) == EXPECTED, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.skipif(find_spec("pyright") is None, reason="pyright is not installed; `nox -s typecheck` runs this")
def test_pyright_takes_a_users_program_and_no_wrong_argument_or_name(programs: Path) -> None:
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run(command, cwd=programs, capture_output=True, text=True, check=False)
    told = [one for one in json.loads(done.stdout)["generalDiagnostics"] if one["severity"] == "error"]
    found = [(Path(one["file"]).stem, one["message"]) for one in told if one["rule"] in RULES]
    assert errors(found) == EXPECTED, done.stdout


RULES = ("reportArgumentType", "reportAttributeAccessIssue", "reportPrivateImportUsage")


def test_modellix_has_the_requests_and_the_types_of_their_fields() -> None:
    """Under names that are none of its own."""
    own = {name for name in dir(modellix) if name not in requests.__all__}
    assert own == set(modellix.__all__)
    for name in requests.__all__:
        assert getattr(modellix, name) is getattr(requests, name)
    for name in (f"{SIZES}s", "_requests"):
        with pytest.raises(AttributeError, match=f"no attribute '{name}'"):
            getattr(modellix, name)


def test_a_star_leaves_the_requests_out_as_the_pages_say() -> None:
    names: dict[str, object] = {}
    exec("from modellix import *", names)
    assert {*modellix.__all__} <= names.keys()
    assert names.keys().isdisjoint(requests.__all__)


def test_importing_modellix_loads_no_model() -> None:
    code = "import modellix, sys; print({'modellix_client', 'httpx'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
