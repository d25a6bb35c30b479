"""The commands on the whole stack: `up`, `clean` and `check`."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from stack import browser, contents, leftovers, machine
from stack.errors import StackError
from stack.local import LocalStack
from stack.logs import Follower, wants_colour
from stack.ports import EVERYWHERE, LOOPBACK, Ports, own_address
from stack.programs import ROOT
from stack.servers import get
from stack.words import is_terminal, say


def up(folder: Path) -> None:
    """Start everything, show the logs until asked to end, then stop everything."""
    began = time.monotonic()
    opened = page_host(os.environ.get("PAGE_HOST", ""))
    machine.check(ROOT, os.environ)
    get.get_missing(say)
    stack = LocalStack(
        folder,
        Ports.named(os.environ),
        host_key=os.environ.get("HOST_KEY"),
        environment={"web": {"LISTEN_HOST": opened}} if opened else {},
    )
    colour = wants_colour(os.environ, tty=is_terminal(sys.stdout))
    follower = Follower(stack.log_folder, say, colour=colour)
    follower.start()
    try:
        say("Starting the stack.")
        stack.start(say)
        say(_banner(stack, time.monotonic() - began, for_room=opened is not None))
        stack.wait()
    except KeyboardInterrupt:
        say("\nStopping; this takes a few seconds.")
        stack.stop()
        say("Stopped. The data are kept; `make clean` removes them.")
    else:
        raise StackError("The supervisor has ended, which it should not. Start again: `make up`.")
    finally:
        stack.stop()
        follower.stop()


def page_host(given: str) -> str | None:
    """Where the page listens for the room; None if it is for this machine only.

    Raises:
        StackError: it is neither. A single address would be out of reach of the other processes,
            which send their traces over loopback.
    """
    if given not in {"", LOOPBACK, *EVERYWHERE}:
        choice = " or ".join(EVERYWHERE)
        raise StackError(f"PAGE_HOST has to be {choice}, or {LOOPBACK}, and is {given!r}.")
    return given if given in EVERYWHERE else None


def clean(folder: Path) -> None:
    """Say what there is of a stack that is not running, and remove it.

    Raises:
        StackError: it runs, or the folder has something else in it. Then nothing is removed.
    """
    if not folder.exists():
        say("There is nothing to remove.")
        return
    contents.check_ours(folder)
    with leftovers.lock(folder.resolve()):
        leftovers.end(leftovers.find(folder.resolve()))
        say(f"Removing {contents.described(folder)}.")
        contents.remove(folder)
    say("The stack's data and logs are removed.")


def get_what_is_missing(*, with_browser: bool) -> None:
    """Get the servers, and a browser if asked."""
    get.get_missing(say)
    if with_browser:
        browser.get_missing(say)


def _banner(stack: LocalStack, took_s: float, *, for_room: bool) -> str:
    ports = stack.ports
    room = f"\n  For the room      http://{own_address()}:{ports.web}" if for_room else ""
    return f"""
Eventually is ready, after {took_s:.0f} s.

  The page          http://localhost:{ports.web}{room}
  Command service   http://localhost:{ports.command_service}
  Query service     http://localhost:{ports.query_service}
  Host key          {stack.host_key}

Ctrl-C stops everything. Data and the servers' logs are in .stack/.
"""
