"""The formats that a download accepts, told by first and last bytes."""

from __future__ import annotations

import pytest

from modellix._core.image_format import HEAD_BYTES, JPEG, KINDS, MP4, PNG, WEBM, WEBP, Kind, kind_of, media_type_of
from tests.support import pictures

SAMPLES = {PNG: pictures.PNG, JPEG: pictures.JPEG, WEBP: pictures.WEBP, MP4: pictures.MP4, WEBM: pictures.WEBM}
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


@each_kind
def test_the_first_bytes_tell_the_kind(kind: Kind) -> None:
    assert kind_of(SAMPLES[kind][:HEAD_BYTES]) is kind


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"\x89PN",
        b"GIF89a",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"<html>",
        b" \xff\xd8\xff",
        b"\0\0\0\x1cftypavif",
        b"\0\0\0\x18ftypheic",
        b"\0\0\0\x14ftypqt  ",
    ],
)
def test_other_bytes_are_no_picture_or_video(head: bytes) -> None:
    assert kind_of(head) is None


@pytest.mark.parametrize("kind", [PNG, JPEG, WEBP], ids=lambda kind: kind.name)
def test_a_picture_is_whole_with_its_last_byte(kind: Kind) -> None:
    data = SAMPLES[kind]
    assert kind.is_whole(data[:HEAD_BYTES], data[-HEAD_BYTES:], len(data))
    cut = data[:-1]
    assert not kind.is_whole(cut[:HEAD_BYTES], cut[-HEAD_BYTES:], len(cut))


@pytest.mark.parametrize("kind", [MP4, WEBM], ids=lambda kind: kind.name)
def test_a_video_does_not_tell_that_it_is_whole(kind: Kind) -> None:
    data = SAMPLES[kind]
    assert not kind.is_whole(data[:HEAD_BYTES], data[-HEAD_BYTES:], len(data))


@each_kind
def test_a_content_type_names_the_kind_or_none_at_all(kind: Kind) -> None:
    for media_type in (*kind.media_types, "", "application/octet-stream"):
        assert kind.agrees_with(f"{media_type.upper()}; charset=binary")
    of_others = {one for other in KINDS if other is not kind for one in other.media_types}
    assert not any(kind.agrees_with(media_type) for media_type in of_others | {"text/html"})


def test_no_two_kinds_share_a_suffix() -> None:
    assert len({kind.suffix for kind in KINDS}) == len(KINDS)


def test_a_media_type_is_read_without_its_parameters() -> None:
    assert media_type_of(" Image/PNG ; charset=x") == "image/png"
