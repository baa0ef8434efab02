"""The notebook in a kernel of its own, beside the stand-in: every cell runs, and running them again buys nothing."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from modellix.testing import StandIn

NOTEBOOK = nbformat.read(Path(__file__).parent / "pictures.ipynb", as_version=4)
KEPT, SHOWN = 4, 1
PATIENCE = 300  # seconds for a cell


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the notebook is run. Jupyter's own files are there, too."""
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    return tmp_path


def run(folder: Path) -> list[Any]:
    """What its cells show, in a fresh kernel. An exception in a cell is raised."""
    notebook = copy.deepcopy(NOTEBOOK)
    NotebookClient(notebook, timeout=PATIENCE, resources={"metadata": {"path": str(folder)}}).execute()
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def pictures_of(outputs: list[Any]) -> int:
    return sum("image/png" in output.get("data", {}) for output in outputs)


@pytest.mark.modellix(reads=1)
def test_all_cells_run_and_running_them_again_buys_nothing(modellix_server: StandIn, folder: Path) -> None:
    for listed in (KEPT, KEPT + SHOWN):  # the last cell comes after the list
        outputs = run(folder)
        assert pictures_of(outputs) == KEPT + SHOWN
        assert f"bought, or perhaps bought: {listed}\n" in "".join(output.get("text", "") for output in outputs)
    assert len(modellix_server.submissions) == KEPT + SHOWN
    assert len(list(folder.glob("pictures/*.png"))) == KEPT


def test_no_output_is_kept_in_the_notebook() -> None:
    nbformat.validate(NOTEBOOK)
    assert [cell.id for cell in NOTEBOOK.cells if cell.get("outputs") or cell.get("execution_count")] == []
