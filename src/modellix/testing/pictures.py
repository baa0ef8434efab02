"""The pictures that the stand-in's tasks end with: a low sun over water, as a real PNG of any size."""

import re
import struct
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

_SKY = 160  # shades, palette entries 0 to 159
_SEA = 80  # shades, palette entries 160 to 239
_SUN, _GLITTER = 240, 241
_COLOURS = {"night": (38, 44, 92), "dusk": (246, 168, 118), "shore": (120, 96, 128), "deep": (20, 28, 60)}
_PIXELS = re.compile(r"([1-9][0-9]{0,4})x([1-9][0-9]{0,4})")


def pixels_of(value: Any) -> tuple[int, int] | None:
    """Width and height that a text such as "1536x1024" states; None for anything else."""
    stated = _PIXELS.fullmatch(value) if isinstance(value, str) else None
    return (int(stated[1]), int(stated[2])) if stated else None


@lru_cache(maxsize=32)
def picture(width: int, height: int) -> bytes:
    """A PNG file of `width` x `height` pixels, 8 bits a pixel from a palette.

    The marks of the format are typed here too, so that a mistake in the client's own (image_format.py) is found.
    """
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    pixels = zlib.compress(b"".join(_rows(width, height)), level=1)
    chunks = ((b"IHDR", header), (b"PLTE", _palette()), (b"IDAT", pixels), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _palette() -> bytes:
    sky = _shades(_COLOURS["night"], _COLOURS["dusk"], _SKY)
    sea = _shades(_COLOURS["shore"], _COLOURS["deep"], _SEA)
    return sky + sea + bytes((255, 236, 196)) + bytes((250, 196, 150))


def _shades(first: tuple[int, ...], last: tuple[int, ...], count: int) -> bytes:
    steps = (step / (count - 1) for step in range(count))
    return bytes(round(a + (b - a) * step) for step in steps for a, b in zip(first, last, strict=True))


def _rows(width: int, height: int) -> Iterator[bytes]:
    """The rows from the top, each after the byte that names its filter (0, none)."""
    horizon = max(1, height * 2 // 3)
    radius = min(width, height) // 5
    for y in range(height):
        if y < horizon:
            background, light, half = y * _SKY // horizon, _SUN, _half_chord(radius, horizon - y)
        else:
            background, light = _SKY + (y - horizon) * _SEA // (height - horizon), _GLITTER
            half = _half_ripple(radius, y - horizon)
        left = width // 2 - half
        lit = min(2 * half, width - left)
        yield b"\0" + bytes([background]) * left + bytes([light]) * lit + bytes([background]) * (width - left - lit)


def _half_chord(radius: int, distance: int) -> int:
    """Half the width of a circle's row that lies `distance` from its middle."""
    return int(max(0, radius**2 - distance**2) ** 0.5)


def _half_ripple(radius: int, depth: int) -> int:
    """Half the width of the sun's light on the water, in stripes that grow narrower with depth."""
    stripe = max(1, radius // 10)
    return 0 if depth // stripe % 2 == 0 else max(0, radius - depth * 2 // 3)
