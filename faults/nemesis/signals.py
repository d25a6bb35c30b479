"""Programs that are killed, stopped in their tracks, ended and started again."""

import os
import signal

from faults.nemesis.site import Fault, Site
from stack.errors import StackError

MOST_KILLS = 3


def kill(name: str) -> Fault:
    """Return what kills a process of ours with SIGKILL, up to three times."""

    def fault(site: Site) -> None:
        for _ in range(site.chance.randint(1, MOST_KILLS)):
            site.until(lambda: site.stack.kill_program(name), f"{name} runs")
            site.last(0.1, 1.5)

    return fault


def terminate(name: str) -> Fault:
    """Return what ends a process of ours with SIGTERM; it is started again."""

    def fault(site: Site) -> None:
        for _ in range(site.chance.randint(1, 2)):
            pid = site.living(name)
            os.kill(pid, signal.SIGTERM)
            site.until(lambda: site.stack.pid(name) not in {None, pid}, f"{name} is back")  # noqa: B023
            site.last(0.1, 1.0)

    return fault


def kill_server(name: str) -> Fault:
    """Return what kills a server with SIGKILL; it is started again at once."""

    def fault(site: Site) -> None:
        dead = site.until(lambda: site.stack.kill_program(name), f"{name} runs")
        site.until(lambda: site.stack.pid(name) not in {None, dead}, f"{name} is back")
        site.accepts(name)

    return fault


def freeze(name: str) -> Fault:
    """Return what stops a program in its tracks (SIGSTOP), for some seconds."""

    def fault(site: Site) -> None:
        site.until(lambda: site.stack.freeze_program(name), f"{name} runs")
        try:
            site.last(1.0, 6.0)
        finally:
            site.stack.start_program(name)

    return fault


def restart(name: str) -> Fault:
    """Return what stops a server in order, and starts it again after a while."""

    def fault(site: Site) -> None:
        site.stack.stop_program(name)
        try:
            site.last(0.2, 3.0)
        finally:
            site.until(lambda: _starts(site, name), f"{name} starts")

    return fault


def _starts(site: Site, name: str) -> bool:
    try:
        site.stack.start_program(name)
    except StackError:
        return False
    return True
