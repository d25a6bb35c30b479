"""How a process ends: on SIGTERM or SIGINT it finishes the work in hand."""

import logging
import os
import resource
import signal
import sys
import threading
import time
from types import FrameType

log = logging.getLogger(__name__)


def take_short_turns() -> None:
    """Give this process's threads turns of half a millisecond; Python's default is five.

    Otherwise the working thread waits, at each event, for the one that encodes traces. A process
    whose threads answer requests loses by it.
    Source: https://docs.python.org/3/library/sys.html#sys.setswitchinterval
    """
    sys.setswitchinterval(0.0005)


def stop_on_signals(stop: threading.Event) -> None:
    """Make SIGTERM and SIGINT set this event; long loops wait on it."""

    def ask(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)


def give_up_after(seconds: float) -> None:
    """Wait, and end the process if it is still there, whatever it waits for. Never returns.

    It is as if it were killed, which every process is made for: PostgreSQL undoes what was not
    committed, what was not confirmed stays in the outbox, and what was not acked comes again.
    """
    time.sleep(seconds)
    log.critical("not everything in hand was finished within %g s; it ends now", seconds)
    os._exit(1)


def allow_files(needed: int) -> int:
    """Let this process open as many files as it needs, if it may; return how many it may open.

    Each connection is one. The usual limit of 1024 is for programs that still use select().
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if not _is_less(soft, needed):
        return needed
    most = hard if _is_less(hard, needed) else needed
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    except (OSError, ValueError) as error:
        # macOS has a further limit (kern.maxfilesperproc) that it does not name here.
        log.debug("the limit of open files stays %d: %s", soft, error)
        return soft
    return most


def _is_less(limit: int, needed: int) -> bool:
    return limit != resource.RLIM_INFINITY and limit < needed
