"""The point of a rebuild that the query service has started, and what may happen there."""

import time
from collections.abc import Callable

from chassis.lab.lab import Lab
from chassis.lab.match import NOBODY, ONCE
from chassis.lab.points import Crash, Hold
from query_service.points import BEFORE_SWAP

_LOOK_EVERY_S = 0.1


class CrashRebuild(Crash):
    """Kill the rebuild, and not the process that has the switch."""

    does = "Kills the rebuild of the page with SIGKILL at this point; nobody starts it again."
    teaches = "What is not swapped in yet can be thrown away: the old read model is still read."

    def __init__(self, kill: Callable[[], None]) -> None:
        super().__init__(BEFORE_SWAP, die_for=lambda _away_s: kill())
        self.parameters = (self.at, ONCE)


class HoldRebuild(Hold):
    """Make the rebuild wait."""

    does = "Makes the rebuild of the page wait at this point until it is released or killed."
    teaches = "A read model is made again beside the old one, which is read until the swap."

    def __init__(self, kill: Callable[[], None]) -> None:
        super().__init__(BEFORE_SWAP, die_for=lambda _away_s: kill())
        self.parameters = (self.at, ONCE)


def stop_before_swap(lab: Lab, is_running: Callable[[], bool]) -> None:
    """Kill the rebuild or have it wait, if a switch says so.

    Args:
        lab: the query service's switches.
        is_running: whether the rebuild is, as it may be interrupted while it waits.
    """

    def wait(ended: Callable[[], bool]) -> None:
        while is_running() and not ended():
            time.sleep(_LOOK_EVERY_S)

    if lab.armed:
        lab.at(BEFORE_SWAP, [NOBODY], wait)
