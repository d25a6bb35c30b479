"""The machine's own speed, which varies with what its neighbours do."""

import statistics
import time

LOOPS = 3
STEPS = 1_000_000


def loop_ms() -> float:
    """Return how long a fixed loop of plain Python takes now.

    It is the median of a few, since one of our processes may take its turn during a loop.
    """
    return statistics.median(_loop_ms() for _ in range(LOOPS))


def _loop_ms() -> float:
    began_s = time.perf_counter()
    total = 0
    for step in range(STEPS):
        total += step & 7
    return (time.perf_counter() - began_s) * 1000
