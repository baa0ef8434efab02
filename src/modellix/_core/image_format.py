"""The picture formats that a download accepts: a new one begins here. Judged by first and last bytes, without I/O."""

from __future__ import annotations

from attrs import frozen

HEAD_BYTES = 12  # how many first bytes tell the kind, and how many last bytes tell that it is whole
_UNTYPED = frozenset({"", "application/octet-stream", "binary/octet-stream"})


@frozen
class Kind:
    """A picture format, the suffix of its files and the media types that name it."""

    name: str
    suffix: str
    media_types: frozenset[str]

    def is_whole(self, head: bytes, tail: bytes, size: int) -> bool:
        """Do the picture's own marks say so? Only asked where the reply itself does not tell where it ends."""
        if self is PNG:
            return tail.endswith(b"\0\0\0\0IEND\xaeB`\x82")
        if self is JPEG:
            return tail.endswith(b"\xff\xd9")
        return size >= int.from_bytes(head[4:8], "little") + 8

    def agrees_with(self, content_type: str) -> bool:
        """Is a reply with that Content-Type free to hold this kind?"""
        media_type = media_type_of(content_type)
        return media_type in _UNTYPED or media_type in self.media_types


PNG = Kind("PNG", ".png", frozenset({"image/png", "image/x-png"}))
JPEG = Kind("JPEG", ".jpg", frozenset({"image/jpeg", "image/jpg", "image/pjpeg"}))
WEBP = Kind("WebP", ".webp", frozenset({"image/webp"}))
KINDS = (PNG, JPEG, WEBP)


def kind_of(head: bytes) -> Kind | None:
    """What the first HEAD_BYTES bytes say, None when they are no picture's that we know."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    return WEBP if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else None


def media_type_of(content_type: str) -> str:
    """`Image/PNG; charset=x` as `image/png`."""
    return content_type.partition(";")[0].strip().lower()
