"""Kept reads: the last reads of the poller, for the export. Pure."""

import json
import zlib
from collections import deque

from web.room.messages import Message

MOST_BYTES = 2_000_000


class KeptReads:
    """Keeps as many reads as there is room for; the oldest are the first to go.

    Args:
        most_bytes: how much room there is, compressed.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._reads: deque[bytes] = deque()

    def add(self, read: Message) -> None:
        """Keep a read."""
        # Each has the whole list and hardly differs from the one before.
        self._reads.append(zlib.compress(json.dumps(read).encode(), 1))
        while len(self._reads) > 1 and sum(map(len, self._reads)) > self._most_bytes:
            self._reads.popleft()

    def all(self) -> list[Message]:
        """Return the reads, the oldest first."""
        return [json.loads(zlib.decompress(read)) for read in self._reads]
