"""WebSocket frames: a text is framed once, and whoever unzips it by itself finds it."""

import struct
import zlib

import pytest

from web.http.frames import LEAST_ZIPPED_BYTES, Frames

LONG = "Ein Ereignis für alle. " * 10_000


def read(frame: bytes) -> tuple[bool, str]:
    """Whether a frame is zipped, and its text, as a browser reads it."""
    first, size = frame[0], frame[1]
    start = 2
    if size == 126:
        [size], start = struct.unpack("!H", frame[2:4]), 4
    elif size == 127:
        [size], start = struct.unpack("!Q", frame[2:10]), 10
    data = frame[start:]
    assert first & 0b1011_1111 == 0x81, "it is one whole text"
    assert size == len(data)
    zipped = bool(first & 0x40)
    if zipped:
        data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data + b"\x00\x00\xff\xff")
    return zipped, data.decode()


@pytest.mark.parametrize("size", [0, 1, 125, 126, LEAST_ZIPPED_BYTES, 65_535, 65_536, len(LONG)])
def test_a_text_is_read_as_it_was(size: int) -> None:
    text, frames = LONG[:size], Frames()

    assert read(frames.of(text, zipped=False)) == (False, text)
    assert read(frames.of(text, zipped=True)) == (len(text.encode()) >= LEAST_ZIPPED_BYTES, text)


def test_all_browsers_share_a_frame() -> None:
    frames = Frames()

    assert frames.of(LONG, zipped=True) is frames.of(LONG[:], zipped=True)
    assert frames.of(LONG, zipped=False) is not frames.of(LONG, zipped=True)


def test_only_the_last_frames_are_kept() -> None:
    frames = Frames(kept_bytes=2000)
    first = frames.of("1" * 500, zipped=False)
    second = frames.of("2" * 500, zipped=False)

    assert frames.of("1" * 500, zipped=False) is not first
    assert frames.of("1" * 500, zipped=False) is not second
    assert read(frames.of(LONG, zipped=False)) == (False, LONG)
