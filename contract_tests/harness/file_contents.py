"""Whether the bytes of a result are a whole picture or video, as far as its format can be read here."""

from __future__ import annotations

import warnings
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image, UnidentifiedImageError

from modellix._core.image_format import HEAD_BYTES, JPEG, KINDS, MP4, PNG, WEBM, WEBP, kind_of

_SEEN = ("image", "video")  # types of results whose formats are known
_FORMATS = ("png", "jpeg", "webp")
_SAME = {"jpg": "jpeg"}
_OTHERS = (b"\xff\x0a", b"\0\0\0\x0cJXL ", b"<svg", b"<?xml")  # pictures that cannot be decoded here
_FILMS = ("moov", "moof", "meta")  # one of these boxes says where pictures and frames lie


@dataclass(frozen=True)
class Contents:
    """What a file holds; with a fault nobody can use it."""

    fault: str = ""
    type: str = ""  # image or video; "" where nobody knows
    format: str = ""  # png, jpeg, webp
    size: tuple[int, int] | None = None  # width and height of a picture in pixels
    look: int = 0  # the same for pictures that look the same, or for equal bytes


def contents_of(data: bytes, type_told: object) -> Contents:
    """Decodes a picture whole; judges videos by their signature and their boxes, other types by being there at all."""
    if not data:
        return Contents("the file is empty")
    try:
        return _decoded(data)
    except UnidentifiedImageError:
        kind = kind_of(data[:HEAD_BYTES])
        type_ = "video" if kind in (MP4, WEBM) else ""
        return Contents(_fault_of_others(data, type_told), type_, look=zlib.crc32(data))
    except Image.DecompressionBombError:
        return Contents(look=zlib.crc32(data))
    except Exception as error:  # decoders raise whatever they stumble over
        return Contents(f"the picture cannot be decoded whole: {error}")


def _decoded(data: bytes) -> Contents:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about odd metadata, and sizes that are large but asked for
        with Image.open(BytesIO(data)) as picture:
            picture.load()
            size, look = picture.size, zlib.crc32(picture.tobytes())
            format_ = str(picture.format).lower()
            type_ = "" if getattr(picture, "is_animated", False) else "image"
        if format_ == "png":
            with Image.open(BytesIO(data)) as picture:
                picture.verify()  # the sums that decoding does without
    fault = "" if _has_its_end(data) else "the end of the file is missing"
    return Contents(fault, type_, format_ if format_ in _FORMATS else "", size, look)


def unlike(contents: Contents, resource: dict[str, Any]) -> str:
    """Where a file is not what the read of the task says of it; "" when it is, as far as both can be known."""
    type_told, format_told = resource.get("type"), str(resource.get("format")).lower()
    format_told = _SAME.get(format_told, format_told)
    if contents.type and type_told in _SEEN and type_told != contents.type:
        return f"the file is of type {contents.type}, the read says {type_told}"
    if contents.format and format_told in _FORMATS and format_told != contents.format:
        return f"the file is {contents.format}, the read says {format_told}"
    return ""


def _has_its_end(data: bytes) -> bool:
    """Decoders do without the last mark of a file. Something may follow it."""
    kind = kind_of(data[:HEAD_BYTES])
    if kind is PNG:
        return b"IEND\xaeB`\x82" in data
    if kind is JPEG:
        return data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda")  # within the scan neither can stand
    return kind is not WEBP or WEBP.is_whole(data[:HEAD_BYTES], data[-HEAD_BYTES:], len(data))


def _fault_of_others(data: bytes, type_told: object) -> str:
    """What is wrong with a file that is no picture for the decoder; "" when nothing can be said."""
    kind = kind_of(data[:HEAD_BYTES])
    if data[4:8] == b"ftyp":
        return _fault_of_boxes(data)
    if kind in (PNG, JPEG, WEBP):
        return f"the {kind.name} cannot be decoded"
    if kind in KINDS or data.lstrip().startswith(_OTHERS) or type_told not in _SEEN:
        return ""
    return f"the file is neither picture nor video, it begins with {data[:24]!r}"


def _fault_of_boxes(data: bytes) -> str:
    """MP4 and its relatives are boxes, each with its length in front."""
    at, names = 0, []
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        names.append(data[at + 4 : at + 8].decode("latin-1"))
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        if length == 0:  # up to the end
            at = len(data)
        elif length < 8:
            return f"box {len(names)} of the file has {length} bytes"
        at += length
    if at > len(data):
        return f"the file ends in the middle: its boxes need {at} bytes, it has {len(data)}"
    return "" if set(names) & set(_FILMS) else f"the file has no pictures, only {', '.join(names[:5])}"
