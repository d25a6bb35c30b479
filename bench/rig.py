"""The stack as the bench uses it: parts stopped, paused and started, memory read."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
import requests

from bench.stores import Stores
from stack.local import LocalStack
from stack.ports import Ports

OURS = ("command-service", "relay", "projector", "query-service", "web")
# The share of one core, over a second, below which a process has nothing to do.
IDLE = 0.25


@dataclass(frozen=True)
class Rig:
    """A running stack, and what to do with it."""

    stack: LocalStack

    @property
    def stores(self) -> Stores:
        """Return the stack's stores."""
        return Stores(self.stack.urls.database_url, self.stack.urls.mongodb_url)

    def holds(self, process: str) -> dict[str, Any]:
        """Return what a process's store or queue holds."""
        answer = requests.get(f"{self.stack.urls.base(process)}/lab", timeout=10)
        held: dict[str, Any] = answer.json()["holds"]
        return held

    def backlog(self) -> int:
        """Return how many events are on their way from the outbox to the read model."""
        # In the order of the flow: an event that leaves the outbox is then counted in the queue.
        outbox = int(self.stores.sql("SELECT count(*) FROM outbox")[0][0])
        projector = self.holds("projector")
        return outbox + int(projector["queue"]) + int(projector["unacked"])

    def wait_until_drained(self, within_s: float = 120) -> None:
        """Wait until the read model has caught up with the write side."""
        until(lambda: self.backlog() == 0, within_s)

    @contextmanager
    def without(self, *programs: str) -> Iterator[None]:
        """Stop programs for a while."""
        for program in programs:
            self.stack.stop_program(program)
        try:
            yield
        finally:
            for program in programs:
                self.stack.start_program(program)

    @contextmanager
    def paused(self, *programs: str) -> Iterator[None]:
        """Pause the relay or the projector by its switch: it keeps what it has in memory."""
        for program in programs:
            pause(self.stack, self.stack.urls.base(program), on=True)
        try:
            yield
        finally:
            for program in programs:
                pause(self.stack, self.stack.urls.base(program), on=False)

    def memory_mb(self) -> dict[str, float]:
        """Return the memory of each process of ours, its children included."""
        return {name: _memory_mb(self.stack.pid(name)) for name in OURS}

    def wait_until_idle(self, program: str, within_s: float = 120) -> float:
        """Wait until one of our processes has nothing left to do, and return how long, in s."""
        process = psutil.Process(self.stack.pid(program))
        return until(lambda: process.cpu_percent(interval=1) < IDLE * 100, within_s)


def _memory_mb(pid: int | None) -> float:
    if pid is None:
        return 0.0
    process = psutil.Process(pid)
    # The unique part: pages that parent and forked worker share are counted once.
    sizes = [each.memory_full_info().uss for each in (process, *process.children(recursive=True))]
    return sum(sizes) / 1e6


def until(condition: Callable[[], bool], within_s: float, look_s: float = 0.05) -> float:
    """Poll until the condition is true, and return the seconds it took.

    Args:
        condition: each look at it slows down what is measured; drains take seconds.
        within_s: raises TimeoutError after it.
        look_s: from one look to the next.
    """
    began_s = time.perf_counter()
    while not condition():
        if time.perf_counter() - began_s > within_s:
            raise TimeoutError(f"not within {within_s} s")
        time.sleep(look_s)
    return time.perf_counter() - began_s


def answers(base: str) -> bool:
    """Return whether a server answers HTTP, whatever the answer."""
    try:
        requests.get(base, timeout=1)
    except requests.RequestException:
        return False
    return True


def is_ready(base: str) -> bool:
    """Return whether a process of ours reaches its servers."""
    try:
        return requests.get(f"{base}/readyz", timeout=5).ok
    except requests.RequestException:
        return False


def pause(stack: LocalStack, base: str, *, on: bool) -> None:
    """Set the pause switch of a process of a stack, and return once the process obeys it."""
    switch = f"{base}/lab/switches/pause"
    answer = requests.put(switch, json={"on": on}, headers=stack.lab_headers, timeout=10)
    answer.raise_for_status()


@contextmanager
def constant(size_bytes: int, threads: int) -> Iterator[str]:
    """Run a server that answers `/constant` with so many bytes, and lend its address.

    Args:
        size_bytes: as long as the answers that it is compared with.
        threads: as many as the service has that it is compared with.
    """
    port = Ports.free().web
    base = f"http://127.0.0.1:{port}"
    settings = {"PORT": str(port), "SIZE_BYTES": str(size_bytes), "THREADS": str(threads)}
    with process("bench.constant", **settings):
        until(lambda: answers(base), 20)
        yield base


@contextmanager
def process(module: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process for a while."""
    started = subprocess.Popen(
        [sys.executable, "-m", module],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        started.terminate()
        started.wait(timeout=15)
