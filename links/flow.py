"""One way of one connection: what has come in, and when it may go on. A rule, without I/O."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

# With a rate, this much of a second's bytes goes on at a time.
PIECE_S = 0.02


@dataclass(frozen=True)
class Shape:
    """What is done to the bytes of one way.

    Args:
        latency_ms: how much later they go on.
        jitter_ms: how much more or less than that.
        rate_kb_s: how many go on in a second, in 1,000 bytes; 0 for as many as come.
        limit_bytes: how many go on before the connection is cut; None for as many as come.
        close_delay_ms: how much later the end goes on.
        is_held: whether nothing goes on.
    """

    latency_ms: int = 0
    jitter_ms: int = 0
    rate_kb_s: int = 0
    limit_bytes: int | None = None
    close_delay_ms: int = 0
    is_held: bool = False


PLAIN = Shape()


class Pulled(NamedTuple):
    """What goes on now.

    Args:
        data: the bytes; there may be more, so ask again until there are none.
        is_end: that was all, as the sender has ended.
        is_cut: the limit is reached.
        again_at: when to ask again, in s of the clock that was given; None for not before there is
            something new.
    """

    data: bytes = b""
    is_end: bool = False
    is_cut: bool = False
    again_at: float | None = None


class Flow:
    """Bytes that have come in and not gone on. They go on unchanged, and in order.

    Args:
        draw: a number between two others, for the jitter.
    """

    def __init__(self, draw: Callable[[float, float], float]) -> None:
        self.waiting_bytes = 0
        self._draw = draw
        self._shape = PLAIN
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._last_at = self._free_at = float("-inf")
        self._left: int | None = None
        self._ends_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Return whether what comes in now may go on as it is."""
        return self._shape is PLAIN and not self._waiting and self._ends_at is None

    def reshape(self, shape: Shape, now: float) -> None:
        """Treat what has not gone on, and all that comes, in another way.

        What waits for a delay that is no more goes on at once. A limit counts from here.
        """
        if shape.limit_bytes != self._shape.limit_bytes:
            self._left = shape.limit_bytes
        if not shape.latency_ms and not shape.jitter_ms:
            self._waiting = deque((min(ready_at, now), data) for ready_at, data in self._waiting)
            self._last_at = min(self._last_at, now)
        if not shape.close_delay_ms and self._ends_at is not None:
            self._ends_at = min(self._ends_at, max(now, self._last_at))
        if shape.rate_kb_s != self._shape.rate_kb_s:
            self._free_at = now
        self._shape = shape

    def push(self, data: bytes, now: float) -> None:
        """Take in bytes."""
        self._last_at = max(self._last_at, now + self._delay_s())
        self._waiting.append((self._last_at, data))
        self.waiting_bytes += len(data)

    def end(self, now: float) -> None:
        """Take in the sender's end, which goes on after all its bytes."""
        self._last_at = max(self._last_at, now + self._delay_s())
        self._ends_at = self._last_at + self._shape.close_delay_ms / 1000

    def pull(self, now: float) -> Pulled:
        """Return what goes on now."""
        if self._shape.is_held:
            return Pulled()
        if not self._waiting:
            return self._pull_end(now)
        if self._left == 0:
            return Pulled(is_cut=True)
        ready_at = max(self._waiting[0][0], self._free_at if self._shape.rate_kb_s else now)
        if ready_at > now:
            return Pulled(again_at=ready_at)
        data = self._next_piece()
        if self._shape.rate_kb_s:
            self._free_at = now + len(data) / (self._shape.rate_kb_s * 1000)
        if self._left is not None:
            self._left -= len(data)
        return Pulled(data, is_cut=self._left == 0)

    def _pull_end(self, now: float) -> Pulled:
        if self._ends_at is None:
            return Pulled()
        return Pulled(is_end=True) if self._ends_at <= now else Pulled(again_at=self._ends_at)

    def _next_piece(self) -> bytes:
        ready_at, data = self._waiting.popleft()
        most = len(data)
        if self._shape.rate_kb_s:
            most = min(most, max(1, int(self._shape.rate_kb_s * 1000 * PIECE_S)))
        if self._left is not None:
            most = min(most, self._left)
        if most < len(data):
            self._waiting.appendleft((ready_at, data[most:]))
        self.waiting_bytes -= most
        return data[:most]

    def _delay_s(self) -> float:
        latency_ms, jitter_ms = self._shape.latency_ms, self._shape.jitter_ms
        drawn_ms = self._draw(-jitter_ms, jitter_ms) if jitter_ms else 0
        return max(0.0, latency_ms + drawn_ms) / 1000
