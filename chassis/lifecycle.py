"""How a process ends: on SIGTERM or SIGINT it finishes the work in hand."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.util import Finalize
from types import FrameType


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


def before_exit(act: Callable[[], object]) -> None:
    """Call something when this worker ends.

    Granian forks its worker with multiprocessing, whose children run these finalizers at the end
    and skip the callbacks of atexit.
    """
    Finalize(None, act, exitpriority=1)


def end_with_parent() -> None:
    """End this worker when the process that started it is gone.

    Granian serves from a child process. A parent killed with -9 cannot take its child along, and
    the orphan would go on listening on the port that the restarted service needs.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(1)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()
