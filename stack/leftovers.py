"""Finds the processes that an unclean end left behind, by their mark, and ends them."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO

import psutil

from stack import trees
from stack.errors import StackError
from stack.programs import MARK

# Long enough for a database to shut down in order.
PATIENCE_S = 30

LOCK = "lock"


def lock(folder: Path) -> IO[str]:
    """Take the folder for this process, until the file is closed or the process ends.

    Raises:
        StackError: another process has it, or we may not write to the folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = (folder / LOCK).open("a+")
    except PermissionError as error:
        raise StackError(
            f"{folder} cannot be written by this user. If it was made by root, "
            "remove it with `sudo make clean`."
        ) from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.seek(0)
        pid = held.read().strip() or "unknown"
        held.close()
        raise StackError(
            f"The stack in {folder} already runs (pid {pid}). Stop it there with Ctrl-C."
        ) from None
    held.truncate(0)
    held.write(str(os.getpid()))
    held.flush()
    return held


def find(folder: Path) -> list[psutil.Process]:
    """The processes of the stack in this folder that are still alive."""
    return [process for process in psutil.process_iter() if _belongs(process, folder)]


def end(processes: list[psutil.Process]) -> None:
    """End the supervisor first, which ends the others in order, then whatever remains."""
    supervisors = [process for process in processes if _is_supervisor(process)]
    others = [process for process in processes if process not in supervisors]
    for group in (supervisors, others):
        _terminate(group)


def _terminate(processes: list[psutil.Process]) -> None:
    for process in processes:
        _quietly(process.terminate)
        # A frozen program would not notice. PostgreSQL's children do not show the mark, since they
        # overwrite their environment with a title.
        _quietly(partial(trees.thaw, process.pid))
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE_S)
    for process in alive:
        _quietly(process.kill)
    psutil.wait_procs(alive, timeout=5)


def _quietly(act: Callable[[], None]) -> None:
    with contextlib.suppress(psutil.Error):
        act()


def _belongs(process: psutil.Process, folder: Path) -> bool:
    try:
        return process.environ().get(MARK) == str(folder) and process.pid != os.getpid()
    except (psutil.Error, OSError):
        return False


def _is_supervisor(process: psutil.Process) -> bool:
    try:
        return "stack.supervised" in process.cmdline()
    except psutil.Error:
        return False
