"""What a process becomes when it crashes and is to stay away for a while: it waits, and dies.

It replaces the process, whose memory, threads and connections are gone as with SIGKILL. So
whatever supervises the process sees it die later, and starts it again then: the supervisor of
`make up` and Docker alike. Run by path, so that it needs none of our modules.
"""

import os
import signal
import sys
import time

# What a shell gives as the status of a program that SIGKILL ended.
KILLED = 128 + signal.SIGKILL


def die() -> None:
    """End this process at once: nothing is finished, sent or closed by it."""
    os.kill(os.getpid(), signal.SIGKILL)
    # The kernel spares the first process of a container, which cannot kill itself.
    os._exit(KILLED)


def die_for(away_s: float) -> None:
    """End this process at once, and let whatever supervises it notice after so many seconds."""
    if away_s <= 0:
        die()
    # Our sockets are closed by this: Python's, libpq's and libuv's are all marked for it.
    os.execv(sys.executable, [sys.executable, __file__, str(away_s)])  # noqa: S606, our own


def main() -> None:
    """Wait for as many seconds as the argument says, and die; SIGTERM ends the wait."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(128 + signal.SIGTERM))
    signal.signal(signal.SIGINT, lambda *_: os._exit(128 + signal.SIGINT))
    time.sleep(float(sys.argv[1]))
    die()


if __name__ == "__main__":
    main()
