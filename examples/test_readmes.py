"""What the pages of the examples name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import modellix
from tests.papers.texts import anchors, in_code, links

HERE = Path(__file__).parent
FOLDERS = sorted(page.parent for page in HERE.glob("*/README.md"))
each_example = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def page_of(folder: Path) -> str:
    return (folder / "README.md").read_text("utf-8")


@pytest.mark.parametrize("folder", [HERE, *FOLDERS], ids=lambda folder: folder.name)
def test_every_link_leads_somewhere(folder: Path) -> None:
    for link in links(page_of(folder)):
        place, _, heading = link.partition("#")
        target = folder / place if place else folder / "README.md"
        assert target.exists(), link
        assert not heading or heading in anchors(target.read_text("utf-8")), link


def test_the_list_has_each_example() -> None:
    assert [f"{folder.name}/README.md" for folder in FOLDERS] == sorted(
        link for link in links(page_of(HERE)) if not link.startswith("..")
    )


@each_example
def test_a_page_names_each_file(folder: Path) -> None:
    files = {path.name for path in folder.iterdir() if path.is_file()} - {"README.md"}
    assert files == {link for link in links(page_of(folder)) if (folder / link).parent == folder and "#" not in link}


@each_example
def test_errors_and_settings_have_their_names(folder: Path) -> None:
    words = in_code(page_of(folder))
    source = "".join(path.read_text("utf-8") for path in folder.iterdir() if path.suffix in {".py", ".ipynb"})
    errors = {one for one in words if re.fullmatch(r"[A-Z]\w+(Error|Failed|Timeout|Exceeded|Conflict|Unknown)", one)}
    settings = {one for one in words if re.fullmatch(r"[A-Z_]{4,}", one) and not one.startswith("MODELLIX_")}
    assert [one for one in errors if not hasattr(modellix, one)] == []
    assert [one for one in settings if one not in source] == []
