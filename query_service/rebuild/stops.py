"""Where the lab can stop a rebuild. It is a command, so its switches are options of the command."""

import argparse
import select
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable

from chassis.clock import Clock
from chassis.lab.firings import Firings
from chassis.lab.lab import Lab
from chassis.lab.match import NOBODY
from chassis.lab.points import Crash, Hold
from chassis.settings import Environment
from chassis.telemetry.provider import new_tracer_provider
from query_service.points import BEFORE_SWAP
from query_service.rebuild.progress import say

_LOOK_EVERY_S = 0.2
# What is said before it waits for a line of whoever started it.
ASKS = "[before-swap]"


def add_options(parser: ArgumentParser) -> None:
    """Give the command the options that stop it."""
    points = [BEFORE_SWAP.name]
    parser.add_argument("--crash-at", choices=points, help="end with SIGKILL there, for the lab")
    parser.add_argument("--hold-at", choices=points, help="wait there for Enter, for the lab")
    # For whoever started it and has the switches: the query service.
    parser.add_argument("--ask-at", choices=points, help=argparse.SUPPRESS)


class Stops:
    """The points of a rebuild.

    Args:
        arguments: the options of the command.
        environment: names the page's receiver of traces, if there is one (`TRACES_URL`).
    """

    def __init__(self, arguments: Namespace, environment: Environment) -> None:
        provider = new_tracer_provider("rebuild", environment.text("TRACES_URL", ""), 0)
        tracer, clock = provider.get_tracer("chassis.lab"), Clock()
        firings = Firings(tracer, clock, provider.force_flush, "rebuild")
        self._provider = provider
        self._asks = arguments.ask_at is not None
        self._lab = Lab(Crash(BEFORE_SWAP), Hold(BEFORE_SWAP), firings=firings)
        for name, at in (("crash", arguments.crash_at), ("hold", arguments.hold_at)):
            if at:
                self._lab.set(name, {"on": True, "at": at})

    def before_swap(self) -> None:
        """Crash or wait, if an option says so."""
        if self._asks:
            say(ASKS)
            sys.stdin.readline()
        if self._lab.watches(BEFORE_SWAP):
            self._lab.at(BEFORE_SWAP, [NOBODY], self._wait_for_enter)

    def close(self) -> None:
        """Send the last traces."""
        self._provider.shutdown()

    def _wait_for_enter(self, ended: Callable[[], bool]) -> None:
        say("Held before the swap: the old read model is read. Enter goes on, Ctrl-C ends it.")
        # Whoever runs it without a terminal waits for the hold's time.
        inputs = [] if sys.stdin.closed else [sys.stdin]
        while not ended():
            if select.select(inputs, [], [], _LOOK_EVERY_S)[0]:
                if sys.stdin.readline():
                    return
                inputs = []
