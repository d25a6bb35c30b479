"""Signals to a program together with all its children."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil

CORPSE = str(Path("chassis", "lab", "corpse.py"))


def freeze(pid: int) -> None:
    """Stop a program and its children in their tracks with SIGSTOP; `thaw` lets them go on.

    Parents are stopped before their children are listed, so that none is born unseen.
    """
    for process in _downwards(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.suspend()


def thaw(pid: int) -> None:
    """Let a frozen program go on; nothing happens to one that runs."""
    for process in _downwards(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.resume()


def kill(pid: int) -> None:
    """Kill a program's process group with SIGKILL.

    PostgreSQL's children are outside its group and end when they notice that their parent is
    dead. Frozen, they would never notice.
    """
    outside = list(_downwards(pid))[1:]
    os.killpg(pid, signal.SIGKILL)
    for process in outside:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.resume()


def is_frozen(pid: int) -> bool:
    """Whether a program has been stopped in its tracks."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_STOPPED
    except psutil.NoSuchProcess:
        return False


def is_corpse(pid: int) -> bool:
    """Whether a program has crashed by the lab and stays away for a while (chassis/lab/corpse)."""
    try:
        return any(part.endswith(CORPSE) for part in psutil.Process(pid).cmdline())
    except psutil.Error:
        return False


def _downwards(pid: int) -> Iterator[psutil.Process]:
    """A process, then its children, each before its own children are looked up."""
    waiting: list[psutil.Process] = []
    with contextlib.suppress(psutil.NoSuchProcess):
        waiting.append(psutil.Process(pid))
    while waiting:
        process = waiting.pop()
        yield process
        with contextlib.suppress(psutil.NoSuchProcess):
            waiting += process.children()
