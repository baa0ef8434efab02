"""The compose file of docs/testing-scripts.md, as far as it goes without Docker."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from ruamel.yaml import YAML

from contract_tests.model import good
from tests.papers.texts import PAPERS, projects
from tests.support.timing import wait_until

PAPER = "docs/testing-scripts.md"


@pytest.fixture
def services() -> dict[str, Any]:
    [text] = re.findall(r"^```yaml\n(.*?)^```", PAPERS[PAPER], re.DOTALL | re.MULTILINE)
    found: dict[str, Any] = YAML(typ="safe").load(text)["services"]
    return found


def here(command: str, folder: Path) -> list[str]:
    """The command with a folder of ours, a free port and this Python."""
    own = command.replace("/stand-in", str(folder)).replace("8123", "0").replace("python3", sys.executable)
    return shlex.split(own)


def test_all_share_the_loopback_address_of_the_stand_in(services: dict[str, Any]) -> None:
    stand_in = services.pop("stand-in")
    assert {each["network_mode"] for each in services.values()} == {"service:stand-in"}
    assert [each for each in services.values() if "ports" in each] == []
    port = re.findall(r"--port (\d+)", stand_in["command"])[0]
    assert services["service"]["environment"]["MODELLIX_BASE_URL"] == f"http://127.0.0.1:{port}"


def test_the_lines_tell_another_process_how_to_script_and_count(services: dict[str, Any], tmp_path: Path) -> None:
    health = here(services["stand-in"]["healthcheck"]["test"], tmp_path)
    with subprocess.Popen(here(services["stand-in"]["command"], tmp_path)) as server:
        try:
            wait_until(lambda: subprocess.run(health, capture_output=True, check=False).returncode == 0)
            use((tmp_path / "lines").read_text("utf-8"))
        finally:
            server.terminate()


def use(lines: str) -> None:
    names: dict[str, Any] = {}
    exec(projects()[PAPER]["end_to_end.py"], names)
    control = names["Control"](lines)
    url = lines.split()[2]
    headers = {"Authorization": "Bearer test-key"}
    control.script("answer_next", status=402, to="submissions")
    for _ in range(2):
        httpx.post(f"{url}/api/v1/openai/gpt-image-2/async", headers=headers, json=good.body())
    [bought] = control.bought()
    assert bought["body"] == good.body()
