"""Work that may never end, such as a regular expression that tries too much."""

import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from chassis.problems import Problem

# A forked process can be ended while it is inside an expression; a thread cannot.
_context = multiprocessing.get_context("fork")


def ends(work: Callable[..., object], *arguments: Any, within_s: float = 60.0) -> bool:
    """Return whether the work ends by the deadline, well or with a ValueError or a Problem."""
    process = _context.Process(target=_tolerant, args=(work, *arguments), daemon=True)
    process.start()
    process.join(within_s)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode == 0


def _tolerant(work: Callable[..., object], *arguments: Any) -> None:
    with suppress(ValueError, Problem):
        work(*arguments)
