"""`download(folder, name=…)`: the name that a user gives his files, which may be any text and never becomes a path."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from modellix import ConfigurationError, DownloadError
from scripts.mutants.kills import kills, never, swap
from tests.support.clients import Face, raw_result
from tests.support.pictures import JPEG, PNG, PictureServer, left_in, reply

NASTY = {
    "up": "../../outside",
    "absolute": "/etc/passwd",
    "of Windows": "C:\\outside",
    "reserved": "NUL",
    "reserved, plain": "con",
    "dots": "..",
    "empty": "",
    "long": "x" * 600,
    "NUL": "row\0one",
    "line": "row\none",
    "half a pair": "row-\ud800",
    "another script": "строка-1",
    "hidden": ".row",
    "an option": "-rf",
}


@kills(
    "A name that is given does not name the files.",
    "_core.download:save",
    swap("to.name", "session.manifest.task_id"),
)
def test_the_files_have_the_name_and_a_number(server: PictureServer, taker: Face, folder: Path) -> None:
    server.routes |= {"/0": reply(), "/1": reply(200, JPEG, content_type="image/jpeg")}
    paths = taker.download(raw_result(f"{server.url}/0", f"{server.url}/1"), server.url, folder, name="row-1")
    assert paths == [folder / "row-1-0.png", folder / "row-1-1.jpg"]
    assert [path.read_bytes() for path in paths] == [PNG, JPEG]


@kills(
    "A name that is given leads out of the folder.",
    "_core.download:save",
    swap("stem_of(to.name, index)", 'f"{to.name}-{index}"'),
    row="up",
)
@pytest.mark.parametrize("name", NASTY.values(), ids=NASTY)
def test_a_name_never_becomes_a_path(name: str, server: PictureServer, taker: Face, folder: Path) -> None:
    server.routes["/p"] = reply()
    before = sorted(folder.parent.parent.iterdir())
    [path] = taker.download(raw_result(f"{server.url}/p"), server.url, folder, name=name)
    assert path.parent == folder
    assert left_in(folder) == [path.name]
    assert left_in(folder.parent) == [folder.name]
    assert sorted(folder.parent.parent.iterdir()) == before
    assert path.read_bytes() == PNG


def test_names_that_differ_in_case_alone_are_two_files(server: PictureServer, taker: Face, folder: Path) -> None:
    bodies = {name: PNG + name.encode() for name in ("row-a", "Row-A", "ROW-A", "row/a", "row\\a")}
    for name, body in bodies.items():
        server.routes["/p"] = reply(200, body)
        taker.download(raw_result(f"{server.url}/p"), server.url, folder, name=name)
    assert sorted(path.read_bytes() for path in folder.iterdir()) == sorted(bodies.values())
    assert len({name.casefold() for name in left_in(folder)}) == len(bodies)


@kills(
    "A picture of another result is taken for the one that was to be fetched.",
    "_io.files:PartialFile._check_kept",
    never("must_match"),
)
def test_the_same_picture_is_kept_and_another_one_is_an_error(server: PictureServer, taker: Face, folder: Path) -> None:
    first, second = reply(200, PNG + b"first"), reply(200, PNG + b"second")
    server.routes["/p"] = [first, first, second, second]
    raw = raw_result(f"{server.url}/p")
    for _ in range(2):
        [path] = taker.download(raw, server.url, folder, name="row-1")
        assert path.read_bytes() == PNG + b"first"
    with pytest.raises(DownloadError, match=r"row-1-0.png exists already and is another picture: take another name"):
        taker.download(raw, server.url, folder, name="row-1")
    assert left_in(folder) == ["row-1-0.png"]
    assert path.read_bytes() == PNG + b"first"
    [path] = taker.download(raw, server.url, folder, name="row-1", overwrite=True)
    assert path.read_bytes() == PNG + b"second"


Row = Enum("Row", {"FIRST": "row-1"}, type=str)  # whose own text is "Row.FIRST"


def test_a_name_is_the_text_of_an_enum(server: PictureServer, taker: Face, folder: Path) -> None:
    server.routes["/p"] = reply()
    assert taker.download(raw_result(f"{server.url}/p"), server.url, folder, name=Row.FIRST) == [folder / "row-1-0.png"]


@pytest.mark.parametrize("name", [1, 1.5, b"row-1", Path("row-1"), ["row-1"], False])
def test_what_is_no_text_is_refused_and_nothing_is_fetched(
    name: Any, server: PictureServer, taker: Face, folder: Path
) -> None:
    with pytest.raises(ConfigurationError, match="must be a string"):
        taker.download(raw_result(f"{server.url}/p"), server.url, folder, name=name)
    assert server.requests == []
    assert not folder.exists()
