"""From pages to a passing suite, with no other edit: apply, regenerate, the contract tests, the front door."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .model_pages import BRUSH, GENERATE, changed

ROOT = Path(__file__).parents[2]
PARTS = ("openapi", "generated", "src", "scripts", "contract_tests", "pyproject.toml", "schemathesis.toml")

USER = """
from modellix import ConstraintError, Modellix
from modellix.testing import StandIn

stand_in = StandIn(reads=1)
with stand_in.mock(), Modellix("test-key") as client:
    client.studio_nord.brush_1_5_pro(prompt="A heron", ratio="16:9", seed=None, tiles=[1, 2]).wait()
    try:
        client.studio_nord.brush_1_5_pro(prompt="A heron", strength=0)
    except ConstraintError as error:
        print(error.violations[0].keyword)
    try:
        client.openai.gpt_image_2(prompt="x" * 10_001)
    except ConstraintError as error:
        print(error.violations[0].limit)
print(stand_in.submissions[0].body)
"""


class Checkout:
    """What of the repository the way needs, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in PARTS:
            source, target = ROOT / part, folder / part
            ignore = shutil.ignore_patterns("__pycache__")
            (shutil.copytree(source, target, ignore=ignore) if source.is_dir() else shutil.copy(source, target))

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("MODELLIX_", "PYTEST_"))}
        paths = os.pathsep.join(str(self.folder / one) for one in ("", "src", "generated"))
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**ours, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    def contract_tests(self, *which: str) -> list[str]:
        """The ids of the tests that failed; several must have run."""
        options = ("-q", "--tb=no", "-p", "no:cacheprovider", "-n", "2", "-m", "not slow")
        done = self.python("-m", "pytest", *options, *(which or ["contract_tests"]))
        assert re.search(r"\d{2,} passed", done.stdout), done.stdout[-2000:]
        assert "error" not in done.stdout.splitlines()[-1]
        return [line.split(" - ")[0] for line in done.stdout.splitlines() if line.startswith("FAILED")]


@pytest.mark.slow
def test_pages_become_a_client_and_a_passing_suite(tmp_path: Path) -> None:
    """A new model of a new provider, and a limit that changed: the table typed by hand alone objects to the latter."""
    checkout = Checkout(tmp_path / "checkout")
    pages = {"brush.txt": BRUSH, "generate.txt": changed(GENERATE, "1 - 32000", "1 - 10000")}
    for name, text in pages.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    names = [str(tmp_path / name) for name in pages]

    applied = checkout.python("-m", "scripts.docs", "apply", *names)
    assert applied.returncode == 0, applied.stderr
    assert checkout.python("-m", "scripts.docs", "check", *names).returncode == 0

    regenerated = checkout.python("-m", "scripts.regenerate")
    assert regenerated.stdout.splitlines() == [
        "brush_1_5_pro: operation added",
        "gpt_image_2 prompt: maxLength 32000 -> 10000",
    ]
    assert checkout.python("-c", USER).stdout.splitlines() == [
        "exclusiveMinimum",
        "10000",
        "{'prompt': 'A heron', 'ratio': '16:9', 'seed': None, 'tiles': [1, 2]}",
    ]

    row = "FAILED contract_tests/test_witness.py::test_document_and_page_agree[gpt-image-2 prompt: maximum length]"
    assert checkout.contract_tests() == [row]
    witness = checkout.folder / "contract_tests" / "witness.py"
    witness.write_text(witness.read_text("utf-8").replace("max_length=32000", "max_length=10000", 1), encoding="utf-8")
    assert checkout.contract_tests("contract_tests/test_witness.py") == []


WRITER = """
import sys
from pathlib import Path
from scripts.docs.files import replace_text

print("ready", flush=True)
while True:
    for letter in "ab":
        replace_text(Path(sys.argv[1]), letter * 3_000_000)
"""


@pytest.mark.slow
def test_a_kill_while_writing_leaves_one_whole_text(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("a" * 3_000_000)
    for number in range(10):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.01 + 0.007 * number)
            writer.send_signal(signal.SIGKILL)
        text = path.read_text()
        assert text in ("a" * 3_000_000, "b" * 3_000_000)
