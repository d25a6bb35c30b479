"""`python -m stack up | clean | check`: what the Makefile calls."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType

from stack import browser, leftovers
from stack.errors import StackError
from stack.local import LocalStack
from stack.logs import Follower, wants_colour
from stack.ports import Ports
from stack.programs import ROOT
from stack.servers import get, postgresql

FOLDER = ROOT / ".stack"

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Run one command. What goes wrong is said in words, without a traceback."""
    parser = argparse.ArgumentParser(prog="python -m stack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start the whole stack and stay until Ctrl-C")
    commands.add_parser("clean", help="remove the stack's data and logs")
    check = commands.add_parser("check", help="get the servers that are missing")
    check.add_argument("--browser", action="store_true", help="and a browser for the tests")
    arguments = parser.parse_args()
    try:
        with _ended_by_signals():
            if arguments.command == "up":
                return up()
            if arguments.command == "clean":
                return clean()
            return get_what_is_missing(with_browser=arguments.browser)
    except KeyboardInterrupt:
        return 0
    except StackError as error:
        say(f"\n{error}")
    except OSError as error:
        say(f"\n{_in_words(error)}")
    return 1


def up() -> int:
    """Start everything, show the logs until told to end, then stop everything."""
    began = time.monotonic()
    get.get_missing(say)
    stack = LocalStack(FOLDER, Ports.default(), host_key=os.environ.get("HOST_KEY"))
    colour = wants_colour(os.environ, tty=sys.stdout.isatty())
    follower = Follower(stack.log_folder, say, colour=colour)
    follower.start()
    try:
        say("Starting the stack.")
        stack.start(say)
        say(_banner(stack, time.monotonic() - began))
        stack.wait()
    except KeyboardInterrupt:
        say("\nStopping; this takes a few seconds.")
        stack.stop()
        say("Stopped. The data are kept; `make clean` removes them.")
        return 0
    else:
        raise StackError("The supervisor has ended, which it should not. Start again: `make up`.")
    finally:
        stack.stop()
        follower.stop()


def clean() -> int:
    """Remove the data and logs of a stack that does not run."""
    if not FOLDER.exists():
        say("There is nothing to remove.")
        return 0
    with leftovers.lock(FOLDER):
        leftovers.end(leftovers.find(FOLDER))
        postgresql.remove(FOLDER)
        shutil.rmtree(FOLDER)
    say("The stack's data and logs are removed.")
    return 0


def get_what_is_missing(*, with_browser: bool) -> int:
    """Get the servers, and a browser if asked."""
    get.get_missing(say)
    if with_browser:
        browser.get_missing(say)
    return 0


def say(text: str) -> None:
    """Write a line; a terminal that is gone must not keep us from stopping in order."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


def _banner(stack: LocalStack, took_s: float) -> str:
    ports = stack.ports
    return f"""
Eventually is ready, after {took_s:.0f} s.

  The page          http://localhost:{ports.web}
  Command service   http://localhost:{ports.command_service}
  Query service     http://localhost:{ports.query_service}
  Host key          {stack.host_key}

Ctrl-C stops everything. Data and the servers' logs are in .stack/.
"""


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Make the first of Ctrl-C, SIGTERM and a closed terminal end us in order; ignore more."""

    def end(_number: int, _frame: FrameType | None) -> None:
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in ENDING_SIGNALS:
        signal.signal(number, end)
    yield


def _in_words(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"The disk that holds {error.filename or FOLDER} is full."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return (
            f"This user may not write {error.filename or FOLDER}. If root made it, "
            "remove it with `sudo make clean`."
        )
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
