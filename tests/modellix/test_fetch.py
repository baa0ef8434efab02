"""Whatever a server answers: a whole picture, or DownloadError and no file."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

import pytest

from modellix import DownloadError
from scripts.mutants.kills import always, control, kills, never, swap, without
from tests.support.clients import Face, raw_result
from tests.support.pictures import JPEG, MP4, PNG, WEBM, WEBP, PictureServer, Wire, chunked, left_in, redirect, reply

GOOD = {
    "png": (reply(), PNG, ".png"),
    "jpeg": (reply(200, JPEG, content_type="image/jpeg"), JPEG, ".jpg"),
    "webp": (reply(200, WEBP, content_type="image/webp"), WEBP, ".webp"),
    "mp4": (reply(200, MP4, content_type="video/mp4"), MP4, ".mp4"),
    "mp4 without a type": (reply(200, MP4, content_type="application/octet-stream"), MP4, ".mp4"),
    "webm": (reply(200, WEBM, content_type="video/webm"), WEBM, ".webm"),
    "jpeg called jpg": (reply(200, JPEG, content_type="Image/JPG; charset=binary"), JPEG, ".jpg"),
    "octet-stream": (reply(content_type="application/octet-stream"), PNG, ".png"),
    "no content type": (reply(content_type=None), PNG, ".png"),
    "chunks": (chunked(PNG[:5], PNG[5:2000], PNG[2000:]), PNG, ".png"),
    **{
        f"coding {coding}": (reply(200, PNG, f"Content-Encoding: {coding}"), PNG, ".png")
        for coding in (
            "identity", "Identity", "", "UTF-8", "utf-8", "aws-chunked", "AWS-Chunked", "binary", "none", "iso-8859-1",
            "aws-chunked,identity", "aws-chunked, UTF-8", " , ", "gzipped", "x-unheard-of;q=1", "image/png",
        )
    },
    "coding in two lines": (reply(200, PNG, "Content-Encoding: aws-chunked", "Content-Encoding: UTF-8"), PNG, ".png"),
    "coding of a jpeg": (
        reply(200, JPEG, "Content-Encoding: UTF-8", content_type="image/jpeg", is_framed=False), JPEG, ".jpg",
    ),
    "until the connection ends, png": (reply(is_framed=False), PNG, ".png"),
    "until the connection ends, jpeg": (reply(200, JPEG, content_type=None, is_framed=False), JPEG, ".jpg"),
    "until the connection ends, webp": (reply(200, WEBP, content_type=None, is_framed=False), WEBP, ".webp"),
}  # fmt: skip

BAD: dict[str, tuple[bytes, str]] = {
    "text": (reply(content_type="text/plain"), "content type says text/plain"),
    "html instead": (reply(200, b"<html>no</html>", content_type="text/html"), "text/html"),
    "html called png": (reply(200, b"<html>not today</html>"), "neither PNG"),
    "json": (reply(200, b'{"code": 0, "data": null}', content_type="application/json"), "application/json"),
    "another image": (reply(content_type="image/webp"), "says image/webp, the first bytes PNG"),
    "gif": (reply(200, b"GIF89a" + b"\0" * 50, content_type="image/gif"), "image/gif"),
    "two content types": (reply(200, PNG, "Content-Type: text/html"), "not a picture"),
    "riff without webp": (reply(200, b"RIFF\0\0\0\0WAVEfmt ", content_type="image/webp"), "neither"),
    "empty": (reply(200, b""), "neither PNG"),
    "three bytes": (reply(200, PNG[:3]), "neither PNG"),
    "shorter than it says": (reply(length=len(PNG) + 1), "RemoteProtocolError"),
    "cut within chunks": (chunked(PNG[:2000], PNG[2000:], is_ended=False), "RemoteProtocolError"),
    "cut, unframed png": (reply(200, PNG[:-1], is_framed=False), "not whole"),
    "cut, unframed jpeg": (reply(200, JPEG[:-1], content_type=None, is_framed=False), "not whole"),
    "cut, unframed webp": (reply(200, WEBP[:-1], content_type=None, is_framed=False), "not whole"),
    "unframed mp4": (reply(200, MP4, content_type="video/mp4", is_framed=False), "MP4 is not whole, or cannot tell"),
    "video called png": (reply(200, MP4), "says image/png, the first bytes MP4"),
    "quicktime": (reply(200, MP4.replace(b"isom", b"qt  "), content_type="video/quicktime"), "nor WebM"),
    "gzip": (reply(200, gzip.compress(PNG), "Content-Encoding: gzip"), "compressed (gzip)"),
    "gzip bomb": (reply(200, gzip.compress(PNG + bytes(10_000_000)), "Content-Encoding: x-gzip"), "compressed"),
    **{
        f"codec {coding}": (reply(200, PNG, f"Content-Encoding: {coding}"), "compressed")
        for coding in (
            "gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "br, gzip", "aws-chunked,gzip",
            "gzip,aws-chunked", "UTF-8,\tX-Compress", "identity , br ;q=1", ",,zstd",
        )
    },
    "codec in the second line": (
        reply(200, PNG, "Content-Encoding: aws-chunked", "Content-Encoding: gzip"), "compressed",
    ),
    "compressed under another name": (reply(200, gzip.compress(PNG), "Content-Encoding: UTF-8"), "neither PNG"),
    "chunks of an upload": (
        reply(200, b"%x;chunk-signature=0\r\n%s\r\n0;chunk-signature=0\r\n\r\n" % (len(PNG), PNG),
              "Content-Encoding: aws-chunked"), "neither PNG",
    ),
    "part": (reply(206), "status 206"),
    "nothing": (b"HTTP/1.1 204 No\r\nConnection: close\r\n\r\n", "status 204"),
    "broken service": (reply(500), "status 500"),
    "not http": (b"SSH-2.0-OpenSSH_9.6\r\n", "RemoteProtocolError"),
    "no answer": (b"", "RemoteProtocolError"),
    "redirect to nowhere": (reply(302, b""), "nowhere"),
    "redirect to no URL": (redirect("http://[::"), "nowhere"),
    "unasked switch": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", ""),
}  # fmt: skip


@control("webp")
@kills(
    "A picture whose storage calls its coding UTF-8 is refused.",
    "_core.fetch:Picture._check_headers",
    swap("if not", 'if coding not in ("", "identity") or not'),
    row="coding UTF-8",
)
@pytest.mark.parametrize(("answer", "body", "suffix"), GOOD.values(), ids=GOOD)
def test_picture_becomes_a_file_named_after_the_task(
    server: PictureServer, taker: Face, folder: Path, answer: bytes, body: bytes, suffix: str
) -> None:
    server.routes["/p"] = answer
    assert taker.download(raw_result(f"{server.url}/p"), server.url, folder) == [folder / f"task-1-0{suffix}"]
    assert (folder / f"task-1-0{suffix}").read_bytes() == body
    assert left_in(folder) == [f"task-1-0{suffix}"]


@kills(
    "A picture whose end is missing becomes a file.",
    "_core.fetch:Picture._check_end",
    never("is_whole"),
    row="cut, unframed png",
)
@kills(
    "A download that failed leaves its temporary file.",
    "_io.files:Files._perform",
    swap("case DiscardFile():\n                self._discard()", "case DiscardFile():\n                pass"),
    row="cut within chunks",
)
@kills(
    "A reply whose content type is no picture's becomes a file.",
    "_core.fetch:Picture._check_first_bytes",
    without("agrees_with"),
    row="text",
)
@kills(
    "A reply that is compressed unasked is written as it comes.",
    "_core.fetch:Picture._check_headers",
    never("isdisjoint"),
    row="codec br",
)
@kills(
    "A reply is compressed only if that is all it says.",
    "_core.fetch:Picture._check_headers",
    swap('~.split(",")', "[~]"),
    row="codec aws-chunked,gzip",
)
@kills("A reply with status 206 becomes a file.", "_core.fetch:Picture.start", swap("!= 200", ">= 300"), row="part")
@kills(
    "An error holds a URL with its signature.",
    "_core.download_session:DownloadSession.error",
    swap("bare(~)", "~"),
    row="text",
)
@pytest.mark.parametrize(("answer", "reason"), BAD.values(), ids=BAD)
def test_anything_else_leaves_no_file(
    server: PictureServer, taker: Face, folder: Path, answer: bytes, reason: str
) -> None:
    server.routes["/p"] = answer
    with pytest.raises(DownloadError) as caught:
        taker.download(raw_result(f"{server.url}/p?signature=secret"), server.url, folder)
    assert reason in caught.value.reason
    assert (caught.value.task_id, caught.value.url) == ("task-1", f"{server.url}/p")
    assert caught.value.path is not None
    assert caught.value.path.parent == folder
    assert "secret" not in str(caught.value)
    assert left_in(folder) == []


@pytest.mark.parametrize(("answer", "reason"), BAD.values(), ids=BAD)
def test_stream_ends_with_the_same_errors(server: PictureServer, taker: Face, answer: bytes, reason: str) -> None:
    server.routes["/p"] = answer
    with pytest.raises(DownloadError) as caught:
        taker.stream(raw_result(f"{server.url}/p"), server.url)
    assert reason in caught.value.reason
    assert caught.value.path is None


@pytest.mark.parametrize(("answer", "body", "suffix"), GOOD.values(), ids=GOOD)
def test_stream_gives_the_same_bytes(
    server: PictureServer, taker: Face, answer: bytes, body: bytes, suffix: str
) -> None:
    server.routes["/p"] = answer
    assert taker.stream(raw_result("https://elsewhere.example/", f"{server.url}/p"), server.url, 1) == body


def test_first_bytes_may_come_one_by_one(server: PictureServer, taker: Face, folder: Path) -> None:
    def play(wire: Wire) -> None:
        answer = reply()
        wire.drip(answer[: len(answer) - len(PNG) + 20], 0)
        wire.send(PNG[20:])

    server.routes["/p"] = play
    [path] = taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    assert path.read_bytes() == PNG


def test_result_without_files_is_an_error(taker: Face, folder: Path) -> None:
    with pytest.raises(DownloadError, match="names no file"):
        taker.download(raw_result(), "", folder)


@pytest.mark.parametrize("index", [-1, 1])
def test_stream_of_a_file_that_is_not_there(server: PictureServer, taker: Face, index: int) -> None:
    with pytest.raises(DownloadError, match=f"no file {index}"):
        taker.stream(raw_result(f"{server.url}/p"), server.url, index)


@kills("A download whose connection is lost is not tried again.", "_core.download:begin", always("tries_left"))
def test_lost_connection_is_tried_once_more_from_the_start(server: PictureServer, taker: Face, folder: Path) -> None:
    def lose(wire: Wire) -> None:
        wire.send(reply()[:-500])
        wire.reset()

    server.routes["/p"] = [lose, reply()]
    [path] = taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    assert path.read_bytes() == PNG
    assert len(server.requests) == 2


def test_connection_lost_again_and_again_ends_after_two_tries(server: PictureServer, taker: Face, folder: Path) -> None:
    server.routes["/p"] = Wire.reset
    with pytest.raises(DownloadError) as caught:
        taker.download(raw_result(f"{server.url}/p"), server.url, folder)
    assert caught.value.__cause__ is not None
    assert len(server.requests) == 2


def test_stream_read_after_its_block_does_not_look_whole(server: PictureServer) -> None:
    from modellix.tasks import TaskResult

    server.routes["/p"] = reply(200, PNG * 20)
    with TaskResult("task-1", raw_result(f"{server.url}/p"), server.url).open() as stream:
        next(stream)
    with pytest.raises(DownloadError, match="closed"):
        list(stream)


def test_stream_that_broke_does_not_look_whole_afterwards(server: PictureServer) -> None:
    from modellix.tasks import AsyncTaskResult, TaskResult

    server.routes["/p"] = chunked(PNG, is_ended=False)
    raw = raw_result(f"{server.url}/p")
    with TaskResult("task-1", raw, server.url).open() as stream:
        for _ in range(2):
            with pytest.raises(DownloadError):
                list(stream)

    async def run() -> None:
        async with AsyncTaskResult("task-1", raw, server.url).open() as stream:
            for _ in range(2):
                with pytest.raises(DownloadError):
                    [chunk async for chunk in stream]

    asyncio.run(run())
