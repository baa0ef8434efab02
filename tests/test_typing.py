"""A user's program type-checks, and a wrong size in it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy import api

from contract_tests.model import good

TEXT, SIZE, CHOICE = map(good.attribute, (good.TEXT, good.SIZE, good.CHOICE))
EDIT_TEXT, PICTURES = (good.attribute(name, good.EDIT) for name in (good.EDIT_TEXT, good.PICTURES))
A_SIZE, A_CHOICE = (good.options(name)[0] for name in (good.SIZE, good.CHOICE))
PROGRAM = f"""
import asyncio

from modellix import AsyncModellix, AsyncTask, Modellix, Task, TaskFailed, TaskResult
from modellix_client.models import GptImage2Request

with Modellix("key") as client:
    task: Task = client.openai.gpt_image_2({TEXT}="a", {SIZE}="{A_SIZE}", {CHOICE}="{A_CHOICE}")
    other: Task = client.submit(GptImage2Request({TEXT}="a"))
    result: TaskResult = task.wait(timeout=60.0, on_update=lambda seen: print(seen.status))
    for path in result.download("pictures"):
        print(path.name, result.resources[0].url, result.expires_at)
    outcomes: list[TaskResult | TaskFailed] = client.wait_all([task, "task-1"])


async def main() -> None:
    async with AsyncModellix("key") as client:
        submitted = asyncio.create_task(client.openai.gpt_image_2_edit({PICTURES}=["https://a/b.png"], {EDIT_TEXT}="a"))
        task: AsyncTask = await submitted
        async for outcome in client.as_completed([task]):
            print(outcome.task_id)
"""


WRONG = PROGRAM.replace(f'"{A_SIZE}"', '"1x1"').replace('["https://a/b.png"]', '"https://a/b.png"')


@pytest.mark.slow
def test_a_users_program_is_strictly_typed_and_wrong_arguments_are_errors(tmp_path: Path) -> None:
    (tmp_path / "right.py").write_text(PROGRAM)
    (tmp_path / "wrong.py").write_text(WRONG)
    files = [str(tmp_path / "right.py"), str(tmp_path / "wrong.py")]
    output, problems, status = api.run(["--strict", "--cache-dir", str(tmp_path / "cache"), *files])
    lines = [line for line in output.splitlines() if ": error:" in line]
    assert status == 1, output + problems
    assert [(f'"{SIZE}"' in line, f'"{PICTURES}"' in line) for line in lines] == [(True, False), (False, True)], output
    assert all("wrong.py" in line for line in lines)
