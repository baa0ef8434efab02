"""`result.read()`: one file in memory, whole and checked, or an error."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from modellix import DownloadError
from scripts.mutants.kills import kills, swap
from tests.support.clients import Face, raw_result
from tests.support.pictures import JPEG, PNG, TASK, PictureServer, Wire, chunked, reply, task_of


def test_it_is_the_bytes_of_one_file(server: PictureServer, taker: Face) -> None:
    server.routes |= {"/0": reply(), "/1": reply(200, JPEG, content_type="image/jpeg")}
    raw = raw_result(f"{server.url}/0", f"{server.url}/1")
    assert taker.read_file(raw, server.url) == PNG
    assert taker.read_file(raw, server.url, 1) == JPEG
    assert server.paths == ["/0", "/1"]


@pytest.mark.parametrize("index", [2, -1])
def test_a_file_that_is_not_there_is_refused(index: int, server: PictureServer, taker: Face) -> None:
    with pytest.raises(DownloadError, match=f"no file {index}"):
        taker.read_file(raw_result(f"{server.url}/0", f"{server.url}/1"), server.url, index)
    assert server.requests == []


CUT = {
    "chunked": chunked(PNG, is_ended=False),
    "by its length": reply()[:-500],
    "by its own end": reply(200, PNG[:-500], is_framed=False),
}


@kills(
    "The end of a file that is read into memory is not checked.",
    "_core.download:whole",
    swap("picture.more()", "picture.more() if picture._pending else picture._receive()"),
    row="by its own end",
)
@pytest.mark.parametrize("body", CUT.values(), ids=CUT)
def test_a_cut_file_is_no_file(body: bytes, server: PictureServer, taker: Face) -> None:
    server.routes["/p"] = body
    with pytest.raises(DownloadError):
        taker.read_file(raw_result(f"{server.url}/p"), server.url)
    assert len(server.requests) == 2


def test_a_connection_that_was_lost_is_made_once_more(server: PictureServer, taker: Face) -> None:
    def lose(wire: Wire) -> None:
        wire.send(reply()[:-500])
        wire.reset()

    server.routes["/p"] = [lose, reply()]
    assert taker.read_file(raw_result(f"{server.url}/p"), server.url) == PNG


def test_what_is_no_picture_is_refused(server: PictureServer, taker: Face) -> None:
    server.routes["/p"] = reply(200, b"<html>Sign in</html>", content_type="text/html")
    with pytest.raises(DownloadError, match="not a picture"):
        taker.read_file(raw_result(f"{server.url}/p"), server.url)


def test_a_file_that_is_too_large_is_refused(server: PictureServer, taker: Face, limit: Callable[..., None]) -> None:
    limit(file_bytes=len(PNG) - 1)
    server.routes["/p"] = reply()
    with pytest.raises(DownloadError, match="larger than"):
        taker.read_file(raw_result(f"{server.url}/p"), server.url)


def test_an_expired_url_is_replaced_by_a_fresh_one(server: PictureServer, taker: Face) -> None:
    server.routes |= {"/old": reply(403), "/new": reply()}
    server.routes[TASK] = [task_of(f"{server.url}/old"), task_of(f"{server.url}/new")]
    with type(taker).to(server.url) as face:
        assert face.run(face.wait().read) == PNG
    assert server.paths == [TASK, "/old", TASK, "/new"]
