"""The machine's own speed, which varies with what its neighbours do."""

import statistics
import time

LOOPS = 3
STEPS = 1_000_000


def loop_ms() -> float:
    """Return how much CPU time a fixed loop of plain Python takes now.

    It is the median of a few. CPU time, since our own processes may take their turn during it.
    """
    return statistics.median(_loop_ms() for _ in range(LOOPS))


def _loop_ms() -> float:
    began_s = time.thread_time()
    total = 0
    for step in range(STEPS):
        total += step & 7
    return (time.thread_time() - began_s) * 1000
