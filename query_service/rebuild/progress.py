"""What the rebuild says to the person who runs it, on standard error."""

import sys
import time


class Progress:
    """A progress line, rewritten in place on a terminal, otherwise printed now and then."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._shown_s = 0.0
        self._rewrites = sys.stderr.isatty()

    def show(self, done: int, of: int) -> None:
        """Show how many events have been read, and out of how many."""
        now_s = time.monotonic()
        if now_s - self._shown_s < (0.1 if self._rewrites else 5.0):
            return
        self._shown_s = now_s
        share = min(done / max(of, 1), 1.0)
        bar = ("#" * round(share * 30)).ljust(30)
        say(f"[{bar}] {share:4.0%}  {done} events", "\r" if self._rewrites else "\n")

    def end(self, done: int) -> None:
        """Show how many events were read, and how long it took."""
        took_s = time.monotonic() - self._began_s
        say(f"{done} events read and folded in {took_s:.1f} s".ljust(60))


def say(text: str, end: str = "\n") -> None:
    """Print a line at once."""
    sys.stderr.write(text + end)
    sys.stderr.flush()
