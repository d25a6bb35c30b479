"""Neighbours: whether others kept the machine busy while something was measured.

Time that the hypervisor took (steal), cores that other processes used, and a fixed loop that got
slower all say so. What was disturbed is measured again a few times, and marked if it still is.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.report import Row
from bench.speed import loop_ms
from bench.turns import Tell

# As parts of one core.
MOST_STOLEN = 0.05
MOST_BY_OTHERS = 0.2
# Than the fastest loop of the same section.
SLOWER = 1.25
# How often a disturbed measurement is taken at most, and how long all that takes altogether.
TIMES = 3
AGAIN_S = 60.0

DISTURBED_IF = (
    f"other processes used more than {MOST_BY_OTHERS:g} of a core, the hypervisor took more than "
    f"{MOST_STOLEN:g} of one, or a fixed loop took {SLOWER:g} times as long as the section's "
    "fastest, each time it was measured"
)

Take = Callable[[], list[Row]]


@dataclass(frozen=True)
class Look:
    """What the kernel has counted until now, in s of one core, and the machine's speed.

    Args:
        at_s: when.
        stolen_s: taken by the hypervisor for other machines.
        busy_s: used by processes.
        ours_s: used by the bench and all that it has started.
        loop_ms: how long a fixed loop takes now.
    """

    at_s: float
    stolen_s: float
    busy_s: float
    ours_s: float
    loop_ms: float

    @classmethod
    def now(cls) -> "Look":
        """Look at the machine. Source: proc_stat(5)."""
        loop = loop_ms()
        counted = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
        user, nice, system, _idle, _iowait, _irq, _softirq, stolen = (
            int(each) / os.sysconf("SC_CLK_TCK") for each in counted[:8]
        )
        return cls(time.perf_counter(), stolen, user + nice + system, _of_tree_s(), loop)


def disturbance(before: Look, after: Look, fastest_ms: float) -> str:
    """Return how neighbours kept the machine busy in between, in words; empty if they did not.

    Args:
        before: a look before it.
        after: a look after it.
        fastest_ms: the fastest loop of the section.
    """
    took_s = max(after.at_s - before.at_s, 0.001)
    stolen = (after.stolen_s - before.stolen_s) / took_s
    others = (after.busy_s - before.busy_s - (after.ours_s - before.ours_s)) / took_s
    slower = max(before.loop_ms, after.loop_ms) / fastest_ms
    words = []
    if others > MOST_BY_OTHERS:
        words.append(f"others used {others:.1f} cores")
    if stolen > MOST_STOLEN:
        words.append(f"{stolen:.2f} cores were stolen")
    if slower > SLOWER:
        words.append(f"a loop took {slower:.1f} times as long")
    return ", ".join(words)


class Neighbours:
    """Takes measurements of one section, again where neighbours disturbed them.

    Args:
        tell: reports progress.
        again_s: how long measuring again may take, in s.
        look: looks at the machine.
    """

    def __init__(
        self, tell: Tell, again_s: float = AGAIN_S, look: Callable[[], Look] = Look.now
    ) -> None:
        self._tell = tell
        self._again_s = again_s
        self._look = look
        self._fastest_ms = float("inf")
        self.spent_s = 0.0

    def begin(self) -> float:
        """Begin a section, and return how long the loop takes now, in ms."""
        self._fastest_ms = self._look().loop_ms
        return self._fastest_ms

    def calm(self, take: Take, times: int = TIMES) -> list[Row]:
        """Take a measurement until nobody disturbs it, and mark its rows if somebody always did.

        Args:
            take: measures, and returns rows.
            times: how often at most; 1 for what cannot be measured again.
        """
        for number in range(1, times + 1):
            before = self._look()
            rows = take()
            after = self._look()
            self._fastest_ms = min(self._fastest_ms, before.loop_ms, after.loop_ms)
            if number > 1:
                self.spent_s += after.at_s - before.at_s
            words = disturbance(before, after, self._fastest_ms)
            if not words:
                return rows
            left_s = self._again_s - self.spent_s
            if number == times or after.at_s - before.at_s > left_s:
                break
            self._tell(f"neighbours: {words}; once more")
        return [row.marked(words) for row in rows]


def _of_tree_s() -> float:
    """Return the CPU time of this process and all that it has started, what has ended included."""
    us = psutil.Process()
    total = 0.0
    for process in (us, *us.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.Error:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


@contextmanager
def busy_core() -> Iterator[None]:
    """Keep one core busy by another process."""
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        process.kill()
        process.wait()
