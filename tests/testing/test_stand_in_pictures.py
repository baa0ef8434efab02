"""The pictures are PNG files that a strict reader accepts, of exactly the size asked."""

import struct
import time
import zlib

import pytest

from modellix.testing.pictures import picture

SIZES = [(1, 1), (2, 1), (1, 2), (7, 5), (1024, 1024), (2048, 1152), (1024, 1536), (2160, 3840)]


def chunks(file: bytes) -> list[tuple[bytes, bytes]]:
    """Name and data of each chunk, with lengths and check sums verified."""
    assert file[:8] == b"\x89PNG\r\n\x1a\n"
    found, position = [], 8
    while position < len(file):
        (length,) = struct.unpack_from(">I", file, position)
        name, data = file[position + 4 : position + 8], file[position + 8 : position + 8 + length]
        (crc,) = struct.unpack_from(">I", file, position + 8 + length)
        assert crc == zlib.crc32(name + data)
        found.append((name, data))
        position += 12 + length
    return found


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_file_is_whole_and_of_the_size_asked(width: int, height: int) -> None:
    (header_name, header), (_, palette), (_, pixels), end = chunks(picture(width, height))
    assert header_name == b"IHDR"
    assert struct.unpack(">IIBBBBB", header) == (width, height, 8, 3, 0, 0, 0)
    assert end == (b"IEND", b"")
    rows = zlib.decompress(pixels)
    assert len(rows) == height * (width + 1)
    assert {rows[y * (width + 1)] for y in range(height)} == {0}
    assert max(rows) < len(palette) // 3 <= 256


def test_the_largest_is_quick_small_and_kept() -> None:
    started = time.process_time()
    file = picture(3840, 2160)
    assert time.process_time() - started < 0.5
    assert len(file) < 100_000
    assert picture(3840, 2160) is file


def test_there_is_something_to_see() -> None:
    rows = zlib.decompress(chunks(picture(1024, 1024))[2][1])
    assert len(set(rows)) > 200
