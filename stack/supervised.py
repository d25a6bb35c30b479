"""supervisord, except that it ends, with everything it runs, when its parent is gone.

Run as `python -m stack.supervised <parent pid> -c <configuration>`.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from supervisor import supervisord

PR_SET_PDEATHSIG = 1


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


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    supervisord.main(sys.argv[2:])
