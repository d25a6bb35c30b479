"""How a process ends: on SIGTERM or SIGINT it finishes the work in hand."""

import resource
import signal
import sys
import threading
from types import FrameType

MOST_FILES = 10_240


def take_short_turns() -> None:
    """Give this process's threads turns of half a millisecond; Python's default is five.

    Otherwise the working thread waits, at each event, for the one that encodes traces.
    Source: https://docs.python.org/3/library/sys.html#sys.setswitchinterval
    """
    sys.setswitchinterval(0.0005)


def stop_on_signals(stop: threading.Event) -> None:
    """Make SIGTERM and SIGINT set this event; long loops wait on it."""

    def ask(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask)
    signal.signal(signal.SIGINT, ask)


def allow_many_files() -> None:
    """Let this process open as many files as it may: each connection is one.

    The usual limit of 1024 is for programs that still use select(); none of ours does.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # macOS says "infinity", and refuses more than this.
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
