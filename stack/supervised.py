"""supervisord, except that it ends, with everything it runs, when its parent is gone.

And it takes what its programs write in fewer turns: in each, it looks after all of them, which
costs far more than a line does.

Run as `python -m stack.supervised <parent pid> -c <configuration>`.
"""

from __future__ import annotations

import ctypes
import os
import signal
import stat
import sys
import time

from supervisor import poller, supervisord

PR_SET_PDEATHSIG = 1
# Nobody reads them sooner: the terminal is given new lines every 50 ms.
LINES_TOGETHER_S = 0.025


def end_with_parent(parent_pid: int) -> None:
    """Ask the kernel for SIGTERM when the parent dies (Linux only).

    Elsewhere, or if the parent was gone before we asked, the next start finds what is left.

    Source: prctl(2), PR_SET_PDEATHSIG.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent_pid:
        sys.exit("stack: the process that started the supervisor is gone")


class Unhurried(poller.Poller):  # type: ignore[misc]  # supervisor has no types
    """Waits a little for more, where there is nothing to read but what programs write."""

    def poll(self, timeout: float) -> tuple[list[int], list[int]]:
        """Return what can be read and written."""
        readable, writable = super().poll(timeout)
        if readable and all(stat.S_ISFIFO(os.fstat(it).st_mode) for it in readable):
            time.sleep(LINES_TOGETHER_S)
        return readable, writable


if __name__ == "__main__":
    poller.Poller = Unhurried
    end_with_parent(int(sys.argv[1]))
    supervisord.main(sys.argv[2:])
