"""WebSocket frames: a message is zipped and framed once, for all browsers that are sent it.

Each message is zipped by itself, so every browser gets the same bytes.
Sources: RFC 6455, 5.2 (frames) and RFC 7692, 7.2.1 (zipped messages).
"""

import struct
import zlib

# Of the messages that some browser may still be sent, with their frames.
KEPT_BYTES = 4 * 1024 * 1024
# What is shorter gains nothing.
LEAST_ZIPPED_BYTES = 128

_TEXT = 0x81
_ZIPPED = 0x40
_SYNC = b"\x00\x00\xff\xff"


class Frames:
    """Frames for texts; the last ones are kept, as many as fit into so many bytes.

    Args:
        kept_bytes: how much.
    """

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._most = kept_bytes
        self._kept: dict[tuple[str, bool], bytes] = {}
        self._bytes = 0

    def of(self, text: str, *, zipped: bool) -> bytes:
        """Return the frame of a text, zipped if the browser takes that and it is worth it."""
        frame = self._kept.get((text, zipped))
        if frame is None:
            frame = _framed(text.encode(), zipped=zipped)
            self._keep((text, zipped), frame)
        return frame

    def _keep(self, key: tuple[str, bool], frame: bytes) -> None:
        self._kept[key] = frame
        self._bytes += _size(key, frame)
        while self._bytes > self._most:
            oldest = next(iter(self._kept))
            self._bytes -= _size(oldest, self._kept.pop(oldest))


def _size(key: tuple[str, bool], frame: bytes) -> int:
    return len(key[0]) + len(frame)


def _framed(data: bytes, *, zipped: bool) -> bytes:
    first = _TEXT
    if zipped and len(data) >= LEAST_ZIPPED_BYTES:
        first |= _ZIPPED
        zipper = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        data = (zipper.compress(data) + zipper.flush(zlib.Z_SYNC_FLUSH)).removesuffix(_SYNC)
    size = len(data)
    if size < 126:
        return struct.pack("!BB", first, size) + data
    if size < 1 << 16:
        return struct.pack("!BBH", first, 126, size) + data
    return struct.pack("!BBQ", first, 127, size) + data
