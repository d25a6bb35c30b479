"""The read plan: when the poller reads next. Pure.

A read is due every interval, but one that can have nothing new to show is left out. If it turns out
later that one that was left out would have had something to show, it is made up for at once. So an
event is seen about as soon as if no read were left out. See docs/decisions/0033.
"""

# At rest, whatever web hears of nothing is still read after that time.
REST_NS = 1_000_000_000


class ReadPlan:
    """Plans the reads.

    Args:
        interval_ns: from the end of a read to the next one.
        now_ns: the time now, by a clock that never jumps.
    """

    def __init__(self, interval_ns: int, now_ns: int) -> None:
        self.interval_ns = interval_ns
        self._read_ns = self._since_ns = now_ns
        self._is_expected = False

    def expect(self, since_ns: int) -> None:
        """Note that a read may show something new if it begins after that time."""
        self._is_expected = True
        self._since_ns = min(self._since_ns, since_ns)

    def due_ns(self) -> int:
        """Return when to read: at the first multiple of the interval that may show something."""
        left_ns = max(1, self._since_ns - self._read_ns)
        return self._read_ns - self.interval_ns * (-left_ns // self.interval_ns)

    def begin(self) -> bool:
        """Note that a read begins: what is heard from now on is for the next one.

        Returns:
            Whether it was expected to show something new.
        """
        self._since_ns = self._read_ns + 2**62
        was_expected, self._is_expected = self._is_expected, False
        return was_expected

    def end(self, now_ns: int, *, goes_on: bool) -> None:
        """Note that a read has ended.

        Args:
            now_ns: when.
            goes_on: whether the next one may show something new, too.
        """
        self._read_ns = now_ns
        self._since_ns = min(self._since_ns, now_ns if goes_on else now_ns + REST_NS)
