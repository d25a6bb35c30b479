"""A machine's two clocks, of which one can be set."""

from dataclasses import dataclass

from chassis.clock import Clock

S = 1_000_000_000
NOON_NS = 1_700_000_000 * S


@dataclass
class Machine:
    """Where time passes only when a test lets it.

    Args:
        steady_ns: the monotonic clock.
        offset_ns: what the time of day has more than that.
    """

    steady_ns: int = 5 * S
    offset_ns: int = NOON_NS

    def steady(self) -> int:
        return self.steady_ns

    def wall(self) -> int:
        return self.steady_ns + self.offset_ns

    def pass_ns(self, duration_ns: int) -> None:
        self.steady_ns += duration_ns

    def set_by(self, change_ns: int) -> None:
        """Set the clock by that much, as NTP does, or a laptop that wakes."""
        self.offset_ns += change_ns

    def clock(self) -> Clock:
        """Return the clock of a process that starts now."""
        return Clock(self.wall, self.steady)
