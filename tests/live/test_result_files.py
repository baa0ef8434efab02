"""Files of results: from where they are fetched, without the key, and what is said of those that are not whole."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image

from contract_tests.harness import result_files
from contract_tests.harness.file_contents import contents_of, unlike
from contract_tests.harness.not_concluded import NotConcluded
from contract_tests.harness.result_files import TRIES, open_ways
from contract_tests.harness.target import Target
from modellix._core.url_policy import AddressRefused

from .apis import KEY, ORIGIN, Answers, Wire, loses, says
from .conftest import OpenTarget

OWN, ELSEWHERE = f"{ORIGIN}/results/1.png", "https://pictures.example.com/1.png"
PLACES = [OWN, ELSEWHERE]


def picture(width: int = 3, height: int = 2, kind: str = "PNG") -> bytes:
    data = BytesIO()
    Image.effect_noise((width, height), 50).convert("RGB").save(data, kind)
    return data.getvalue()


PNG = picture()


def png() -> Answers:
    return says(200, PNG, Content_Type="image/png")


@pytest.fixture
def files(open_target: OpenTarget, monkeypatch: pytest.MonkeyPatch) -> Any:
    """files(*answers) gives a target whose own origin and other hosts answer like this, and their wire."""
    monkeypatch.setattr(result_files.time, "sleep", lambda seconds: None)

    def start(*answers: Answers) -> tuple[Target, Wire]:
        target, wire = open_target(*answers)
        target.files._ways = lambda url: httpx.MockTransport(wire)
        return target, wire

    return start


@pytest.mark.parametrize("url", PLACES)
def test_key_never_goes_with_a_fetch(url: str, files: Any) -> None:
    target, wire = files(png())
    assert target.size_of({"url": url, "width": None, "height": 5}) == (3, 2)
    assert [KEY in f"{request.url} {request.headers!r}" for request in wire.arrived] == [False]
    assert "authorization" not in wire.arrived[0].headers


@pytest.mark.parametrize("url", PLACES)
def test_key_and_cookies_do_not_follow_a_redirect(url: str, files: Any) -> None:
    target, wire = files(says(302, b"", Location="https://other.example.com/1.png", Set_Cookie="a=b"), png())
    assert target.files.get(url).size == (3, 2)
    assert [request.url.host for request in wire.arrived] == [httpx.URL(url).host, "other.example.com"]
    assert not any({"authorization", "cookie"} & set(request.headers) for request in wire.arrived)


def test_size_that_is_told_is_not_fetched(files: Any) -> None:
    target, wire = files(says(500))
    assert target.size_of({"url": OWN, "width": 7, "height": 8}) == (7, 8)
    assert wire.arrived == []


@pytest.mark.parametrize("url", PLACES)
def test_each_file_is_fetched_once(url: str, files: Any) -> None:
    target, wire = files(png())
    for _ in range(3):
        assert target.files.get(url) is target.files.get(url)
    assert len(wire.arrived) == 1
    target.files.get_anew(url)
    assert len(wire.arrived) == 2


@pytest.mark.parametrize("url", PLACES)
@pytest.mark.parametrize("status", [204, 401, 403, 404, 410, 500])
def test_file_that_is_refused_is_a_broken_promise(status: int, url: str, files: Any) -> None:
    target, wire = files(says(status, b""))
    for _ in range(2):
        with pytest.raises(AssertionError, match=f"answers {status} without the key") as found:
            target.files.get(url)
        assert not isinstance(found.value, NotConcluded)
    assert len(wire.arrived) == TRIES, "it may be late, and is not asked for again after that"


@pytest.mark.parametrize("url", PLACES)
def test_file_that_is_late_is_waited_for(url: str, files: Any) -> None:
    target, _ = files(says(404, b""), png())
    assert target.files.get(url).size == (3, 2)


@pytest.mark.parametrize("url", PLACES)
@pytest.mark.parametrize(
    "answer", [says(503, b""), says(429, b""), loses(httpx.ConnectError), loses(httpx.ReadTimeout)]
)
def test_nothing_follows_from_a_host_that_cannot_be_reached(answer: Answers, url: str, files: Any) -> None:
    """It says something about the way to it; and it ends the test alone, not the run."""
    target, wire = files(answer)
    for _ in range(2):
        with pytest.raises(NotConcluded, match=r"Next: (fetch it by hand|run again)"):
            target.files.get(url)
    assert len(wire.arrived) <= TRIES


@pytest.mark.parametrize("url", PLACES)
def test_host_that_is_lost_is_not_asked_for_every_file(url: str, files: Any) -> None:
    target, wire = files(loses(httpx.ReadTimeout))
    for number in range(5):
        with pytest.raises(NotConcluded):
            target.files.get(f"{url}?{number}")
    assert len(wire.arrived) <= TRIES


@pytest.mark.parametrize("url", PLACES)
def test_only_the_first_missing_file_is_waited_for(url: str, files: Any) -> None:
    target, wire = files(says(404, b""))
    for number in range(5):
        with pytest.raises(AssertionError, match="answers 404"):
            target.files.get(f"{url}?{number}")
    assert len(wire.arrived) == TRIES + 4


@pytest.mark.parametrize("url", PLACES)
def test_file_that_ends_before_its_length_is_a_broken_promise(url: str, files: Any) -> None:
    def ends_early(request: httpx.Request) -> httpx.Response:
        raise httpx.RemoteProtocolError(
            "peer closed connection without sending complete message body (received 1 byte)"
        )

    target, wire = files(ends_early)
    with pytest.raises(AssertionError, match="cannot be read to its end") as found:
        target.files.get(url)
    assert not isinstance(found.value, NotConcluded)
    assert len(wire.arrived) == TRIES


@pytest.mark.parametrize(
    "url",
    [
        "http://pictures.example.com/1.png",
        "http://127.0.0.1:1/1.png",
        "//a/b",
        "ftp://a/b",
        "data:,",
        "https://a@b/c",
        "",
    ],
)
def test_what_is_neither_https_nor_the_own_origin_is_not_asked(url: str, files: Any) -> None:
    target, wire = files(png())
    with pytest.raises(pytest.skip.Exception, match="not fetched"):
        target.files.get(url)
    assert wire.arrived == []


@pytest.mark.parametrize(
    "location", ["http://pictures.example.com/1.png", "http://127.0.0.1:1/", "ftp://a/b", "https://a@b/"]
)
@pytest.mark.parametrize("url", PLACES)
def test_redirect_to_what_is_not_https_breaks_a_promise_and_is_not_followed(
    url: str, location: str, files: Any
) -> None:
    target, wire = files(says(302, b"", Location=location), png())
    with pytest.raises(AssertionError, match="leads to"):
        target.files.get(url)
    assert len(wire.arrived) == 1


@pytest.mark.parametrize("url", PLACES)
def test_redirects_end(url: str, files: Any) -> None:
    target, wire = files(says(302, b"", Location=url))
    with pytest.raises(AssertionError, match="leads on and on"):
        target.files.get(url)
    assert len(wire.arrived) == 1 + result_files.HOPS


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "localhost"])
def test_private_address_is_not_connected(host: str, open_target: OpenTarget) -> None:
    target, _ = open_target(png())
    target.files._ways = open_ways()
    with pytest.raises(NotConcluded, match="not an address on the public internet"):
        target.files.get(f"https://{host}/1.png")


def test_private_address_is_not_asked_of_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    with pytest.raises(AddressRefused):
        open_ways()(httpx.URL("https://10.0.0.1/"))


@pytest.mark.parametrize(("limit", "value"), [("MOST_BYTES", 10), ("MOST_SECONDS", -1.0)])
def test_file_without_an_end_is_given_up(limit: str, value: float, files: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_files, limit, value)
    target, _ = files(png())
    with pytest.raises(NotConcluded, match="goes on after"):
        target.files.get(ELSEWHERE)


# Contents


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_whole_picture_is_told_from_one_that_ends_early(kind: str) -> None:
    data = picture(60, 40, kind)
    found = contents_of(data, "image")
    assert (found.fault, found.size) == ("", (60, 40))
    assert contents_of(data + b"more", "image").fault == "", "readers do not mind what follows"
    for length in (10, len(data) // 4, len(data) // 2, len(data) * 9 // 10, len(data) - 4):
        assert contents_of(data[:length], "image").fault, length


def box(name: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + name + content


FILM = box(b"ftyp", b"isom\0\0\0\0") + box(b"moov", b"a" * 50) + box(b"mdat", b"b" * 50)


def test_video_is_judged_by_its_boxes() -> None:
    assert contents_of(FILM, "video").fault == ""
    assert contents_of(FILM[:-58] + b"\0\0\0\0mdat" + b"b" * 50, "video").fault == "", "the last one up to the end"
    assert "middle" in contents_of(FILM[:-20], "video").fault
    assert "no pictures" in contents_of(FILM[:16], "video").fault
    assert contents_of(b"\x1aE\xdf\xa3 webm", "video").fault == ""


@pytest.mark.parametrize(
    "data", [b"", b"<!doctype html><p>Gone", b"{}", b"\x1f\x8b\x08 gzip", b"iVBORw0KGgo=", bytes(99)]
)
def test_what_is_no_picture_is_called_so(data: bytes) -> None:
    assert contents_of(data, "image").fault
    assert bool(contents_of(data, "audio").fault) is (data == b""), "nobody knows what that looks like"


@pytest.mark.parametrize(
    ("resource", "is_like"),
    [
        ({"type": "image", "format": "png"}, True),
        ({"type": "image", "format": "PNG"}, True),
        ({"type": "image", "format": None}, True),
        ({"type": "picture", "format": "image/png"}, True),
        ({"type": "video"}, False),
        ({"type": "image", "format": "jpeg"}, False),
        ({"type": "image", "format": "jpg"}, False),
        ({"type": "image", "format": "webp"}, False),
    ],
)
def test_file_is_what_the_read_says(resource: dict[str, Any], is_like: bool) -> None:
    assert (unlike(contents_of(PNG, "image"), resource) == "") is is_like


def test_video_is_no_image_and_animations_are_either() -> None:
    assert unlike(contents_of(FILM, "image"), {"type": "image"})
    assert not unlike(contents_of(FILM, "video"), {"type": "video"})
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    data = BytesIO()
    frames[0].save(data, "WEBP", save_all=True, append_images=frames[1:])
    assert not unlike(contents_of(data.getvalue(), "video"), {"type": "video"})
