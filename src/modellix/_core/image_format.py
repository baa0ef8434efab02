"""The formats that a download accepts: a new one begins here. Judged by first and last bytes, without I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

HEAD_BYTES = 12  # how many first bytes tell the kind, and how many last bytes tell that it is whole
_OTHER_BRANDS = (b"avi", b"hei", b"hev", b"mif", b"msf", b"qt ")  # AVIF, HEIF and QuickTime begin as MP4 does
_UNTYPED = frozenset({"", "application/octet-stream", "binary/octet-stream"})


@dataclass(frozen=True)  # made by the import
class Kind:
    """A format of pictures or videos: the suffix of its files, the media types that name it, and its marks.

    `begins` judges the first HEAD_BYTES bytes. `is_whole` judges these, as many last bytes and the size; it is asked
    only where the reply itself does not tell where it ends.
    """

    name: str
    suffix: str
    media_types: frozenset[str]
    begins: Callable[[bytes], bool]
    is_whole: Callable[[bytes, bytes, int], bool]

    def agrees_with(self, content_type: str) -> bool:
        """Is a reply with that Content-Type free to hold this kind?"""
        media_type = media_type_of(content_type)
        return media_type in _UNTYPED or media_type in self.media_types


PNG = Kind(
    "PNG",
    ".png",
    frozenset({"image/png", "image/x-png"}),
    begins=lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
    is_whole=lambda head, tail, size: tail.endswith(b"\0\0\0\0IEND\xaeB`\x82"),
)
JPEG = Kind(
    "JPEG",
    ".jpg",
    frozenset({"image/jpeg", "image/jpg", "image/pjpeg"}),
    begins=lambda head: head.startswith(b"\xff\xd8\xff"),
    is_whole=lambda head, tail, size: tail.endswith(b"\xff\xd9"),
)
WEBP = Kind(
    "WebP",
    ".webp",
    frozenset({"image/webp"}),
    begins=lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP",
    is_whole=lambda head, tail, size: size >= int.from_bytes(head[4:8], "little") + 8,
)
MP4 = Kind(
    "MP4",
    ".mp4",
    frozenset({"video/mp4", "application/mp4"}),
    begins=lambda head: head[4:8] == b"ftyp" and head[8:11] not in _OTHER_BRANDS,
    is_whole=lambda head, tail, size: False,  # its end has no mark
)
WEBM = Kind(
    "WebM",
    ".webm",
    frozenset({"video/webm"}),
    begins=lambda head: head.startswith(b"\x1aE\xdf\xa3"),
    is_whole=lambda head, tail, size: False,  # its end has no mark
)
KINDS = (PNG, JPEG, WEBP, MP4, WEBM)
NAMES = " nor ".join(", ".join(one.name for one in KINDS).rsplit(", ", 1))


def kind_of(head: bytes) -> Kind | None:
    """What the first HEAD_BYTES bytes say, None when they are of no format that we know."""
    return next((kind for kind in KINDS if kind.begins(head)), None)


def media_type_of(content_type: str) -> str:
    """`Image/PNG; charset=x` as `image/png`."""
    return content_type.partition(";")[0].strip().lower()
