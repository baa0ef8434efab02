"""Which files of a folder stand under which reference."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modellix import ConfigurationError
from modellix._core.download import stem_of
from modellix._core.folder import Folder


def folder(*names: str, hollow: str = "") -> Folder:
    """Of such files; `hollow` is one that holds nothing."""
    made = Folder("out")
    made.take((name, name != hollow) for name in names)
    return made


def test_files_come_in_the_order_of_their_numbers() -> None:
    found = folder("row-1-10.png", *(f"row-1-{number}.webp" for number in range(10)), "row-2-0.png")
    assert [path.name for path in found.whole("row-1")][-2:] == ["row-1-9.webp", "row-1-10.png"]
    assert len(found.whole("row-1")) == 11
    assert found.whole("row-2") == [Path("out/row-2-0.png")]


@pytest.mark.parametrize("names", [["row-1-1.png"], ["row-1-0.png", "row-1-2.png"]], ids=["no first", "no second"])
def test_with_a_gap_it_is_not_whole(names: list[str]) -> None:
    assert folder(*names).whole("row-1") == []
    assert folder(*names).any("row-1") == Path("out", names[0])


def test_with_a_file_that_holds_nothing_it_is_not_whole() -> None:
    assert folder("row-1-0.png", "row-1-1.png", hollow="row-1-1.png").whole("row-1") == []


@pytest.mark.parametrize(
    "name", ["row-1.png", "row-1-0.txt", "row-1-0.png.part", "row-1-x.png", "row-1-.png", "xrow-1-0.png", "row-1-0"]
)
def test_other_names_are_nobodys(name: str) -> None:
    assert folder(name).any("row-1") is None
    assert folder(name).whole("row-1") == []


def test_a_name_in_capitals_may_be_the_same_file() -> None:
    assert folder("ROW-1-0.PNG").any("row-1") == Path("out/ROW-1-0.PNG")


def test_a_reference_that_is_no_plain_name_has_its_files_too() -> None:
    stem = stem_of("Row/1", 0)
    assert folder(f"{stem}.png").whole("Row/1") == [Path("out", f"{stem}.png")]
    assert folder(f"{stem}.png").any("row/1") is None


def test_what_is_no_path_is_no_folder() -> None:
    with pytest.raises(ConfigurationError, match="folder must be a path, not 5"):
        Folder(5)


REFERENCES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=90)
ALIKE = st.sampled_from(
    [str.lower, str.upper, str.title, str.casefold, lambda text: unicodedata.normalize("NFD", text)]
)


@given(REFERENCES, ALIKE, st.integers(0, 12), st.integers(0, 12))
def test_no_two_references_share_a_name_on_any_file_system(
    reference: str, change: st.SearchStrategy[str], number: int, other: int
) -> None:
    twin = change(reference)  # type: ignore[operator]
    names = {stem_of(reference, number), stem_of(twin, other)}
    assert len({unicodedata.normalize("NFC", name).casefold() for name in names}) == len(
        {(reference, number), (twin, other)}
    )
