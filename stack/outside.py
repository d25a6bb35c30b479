"""The lab's switches that act on a program from outside: stop, freeze, kill, start.

Each acts on one program of the running stack. What lasts ends by itself, whoever switched it on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from chassis.lab.firings import Firings
from chassis.lab.lab import Lab
from chassis.lab.parameters import LONGEST_S
from chassis.lab.switches import Switch
from chassis.programs import Programs
from stack import trees
from stack.errors import StackError
from stack.programs import BESIDE
from stack.running import state_of
from stack.supervisor_client import UNREACHABLE, Status

# Somebody may stop or start a program by hand, in another terminal.
LOOK_EVERY_S = 1.0
# How exactly it is known when a program is back.
BACK_POLL_S = 0.1
# What it is on its way to run in.
COMING = frozenset({"STARTING", "BACKOFF"})

log = logging.getLogger(__name__)


class Actor(Protocol):
    """Acts on the programs of a stack. Each raises StackError if that cannot be done now."""

    def statuses(self) -> Mapping[str, Status]:
        """Every program's state and pid."""

    def stop(self, name: str) -> None:
        """Stop a program in order."""

    def begin_start(self, name: str) -> None:
        """Start a program, or thaw it, without waiting for it."""

    def kill(self, name: str) -> int:
        """Kill a program with SIGKILL; return its pid."""

    def freeze(self, name: str) -> int:
        """Freeze a program; return its pid."""

    def accepts(self, name: str) -> bool:
        """Whether a program takes requests."""


class Recent:
    """An actor whose statuses are asked for once for all programs that are shown together.

    Args:
        actor: acts on the programs.
        fresh_s: for how long they are good enough; until something is done to one, at most.
    """

    def __init__(self, actor: Actor, fresh_s: float = 0.1) -> None:
        self._actor = actor
        self._fresh_s = fresh_s
        self._asking = threading.Lock()
        self._known: Mapping[str, Status] = {}
        self._until_s = float("-inf")

    def statuses(self) -> Mapping[str, Status]:
        """Every program's state and pid."""
        with self._asking:
            if time.monotonic() >= self._until_s:
                self._known = self._actor.statuses()
                self._until_s = time.monotonic() + self._fresh_s
            return self._known

    def stop(self, name: str) -> None:
        """Stop a program in order."""
        with self._changing():
            self._actor.stop(name)

    def begin_start(self, name: str) -> None:
        """Start a program, or thaw it, without waiting for it."""
        with self._changing():
            self._actor.begin_start(name)

    def kill(self, name: str) -> int:
        """Kill a program with SIGKILL; return its pid."""
        with self._changing():
            return self._actor.kill(name)

    def freeze(self, name: str) -> int:
        """Freeze a program; return its pid."""
        with self._changing():
            return self._actor.freeze(name)

    def accepts(self, name: str) -> bool:
        """Whether a program takes requests."""
        return self._actor.accepts(name)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        try:
            yield
        finally:
            with self._asking:
                self._until_s = float("-inf")


class OutsideSwitch(Switch):
    """One thing that can be done to one program; what it says is in the contract.

    Args:
        program: what it acts on.
    """

    def __init__(self, program: Program) -> None:
        super().__init__()
        self._program = program

    def description(self) -> dict[str, Any]:
        """Return what a panel needs to show it."""
        place, contract = self._program.name, self._program.contract
        return {
            "does": contract.switches[self.name].does,
            "teaches": contract.teaches(place, self.name),
            "kind": self.kind,
            "parameters": [it.description() for it in self.all_parameters],
            **contract.by_hand(place, self.name, "make up"),
        }


class Away(OutsideSwitch):
    """What keeps the program away until it is up again, which takes longer than the switch is on.

    Whoever waits for the program does so because of the lab, as long as it takes no requests.
    """

    def leaves(self, over: Callable[[], None]) -> None:
        """Have it over once the program takes requests again."""
        self._program.when_back(over)


class Stop(Away):
    """Stop the program in order."""

    name = "stop"

    def begins(self) -> None:
        """Do it."""
        self._program.only(self)
        self._program.actor.stop(self._program.name)

    def ends(self) -> None:
        """Start it again."""
        self._program.start()


class Freeze(OutsideSwitch):
    """Stop the program in its tracks."""

    name = "freeze"

    def begins(self) -> None:
        """Do it."""
        self._program.only(self)
        self._program.actor.freeze(self._program.name)

    def ends(self) -> None:
        """Thaw it."""
        self._program.start()


class Beside(OutsideSwitch):
    """Run further ones of a program beside the first."""

    kind = "cure"

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._more = BESIDE[program.name]
        described = program.contract.switches[self.name]
        self.parameters = tuple(each.parameter() for each in described.parameters)

    def begins(self) -> None:
        """Start as many as are wanted, and stop the others."""
        wanted = self.number("count") - 1
        for name in self._more[:wanted]:
            self._program.actor.begin_start(name)
        for name in self._more[wanted:]:
            self._program.actor.stop(name)

    def ends(self) -> None:
        """Stop them."""
        for name in self._more:
            try:
                self._program.actor.stop(name)
            except (StackError, *UNREACHABLE) as error:
                log.warning("%s is not stopped: %s", name, error)


class Projectors(Beside):
    """Several projectors share a queue."""

    name = "projectors"


class Relays(Beside):
    """A second relay stands by."""

    name = "relays"


class Kill(Away):
    """Kill the program."""

    name = "kill"
    kind = "action"

    def begins(self) -> None:
        """Do it. What is frozen does not come back frozen."""
        self._program.only(self)
        self._program.kill_it()


class Start(OutsideSwitch):
    """Start the program, whoever stopped it."""

    name = "start"
    kind = "action"

    def begins(self) -> None:
        """Do it."""
        self._program.only(self)
        self._program.start()


class Program(Lab):
    """A program as a place of the lab.

    Args:
        name: the program.
        actor: acts on it.
        contract: what there is to switch, in words.
        firings: records what is done.
        stopped: set when the stack ends, and with it all waiting.
    """

    def __init__(
        self,
        name: str,
        actor: Actor,
        contract: Programs,
        firings: Firings,
        stopped: threading.Event,
    ) -> None:
        self.name = name
        self.actor = actor
        self.contract = contract
        self._lasting = (Stop(self), Freeze(self))
        self._stopped = stopped
        self._owes_start = False
        self._dead: int | None = None
        here = contract.switches_at(name)
        further = [kind(self) for kind in (Projectors, Relays) if kind.name in here]
        super().__init__(*self._lasting, Kill(self), Start(self), *further, firings=firings)

    def shown(self) -> dict[str, Any]:
        """Return its switches, and what it does now, whoever made it do so."""
        statuses = self.actor.statuses()
        status = statuses[self.name]
        does = {"state": state_of(status), "pid": status.pid or None}
        if self.name in BESIDE:
            more = [it for it in BESIDE[self.name] if it in statuses and statuses[it].pid]
            does["instances"] = (status.pid > 0) + len(more)
        return {**super().shown(), "program": does}

    def only(self, switch: Switch) -> None:
        """End what else is done to it: only one thing can be, at a time."""
        for other in self._lasting:
            if other is not switch and other.on:
                self.set(other.name, {"on": False})

    def kill_it(self) -> None:
        """Kill it; it comes back by itself, with another pid."""
        self._dead = self.actor.kill(self.name)

    def when_back(self, tell: Callable[[], None]) -> None:
        """Have something told once the program is up again, or can no longer be waited for."""
        threading.Thread(
            target=self._await, args=(tell,), daemon=True, name=f"until {self.name} is back"
        ).start()

    def start(self) -> None:
        """Start or thaw it; if that cannot be done now, `look_after` does it later."""
        self._owes_start = True
        self._start()

    def start_if_down(self) -> bool:
        """Start or thaw it if it is down or frozen, and return whether it was.

        One that the lab has crashed, and that was to stay away for a while, is back at once.
        """
        if trees.is_corpse(self.actor.statuses()[self.name].pid):
            self.kill_it()
            return True
        if not self._is_down():
            return False
        self.start()
        return True

    def look_after(self) -> None:
        """Start it if that is owed, and notice what was ended by hand."""
        # Not while a switch that is on already is about to act.
        with self._lock:
            if self._owes_start:
                self._start()
            for switch in self._lasting:
                if switch.on and not self._is_down():
                    self.set(switch.name, {"on": False})

    def _start(self) -> None:
        try:
            self.actor.begin_start(self.name)
            self._owes_start = False
        except (StackError, *UNREACHABLE) as error:
            log.warning("%s is not started yet: %s", self.name, error)

    def _await(self, tell: Callable[[], None]) -> None:
        until_s = time.monotonic() + LONGEST_S
        while not self._is_back() and time.monotonic() < until_s:
            if self._stopped.wait(BACK_POLL_S):
                return
        tell()

    def _is_back(self) -> bool:
        try:
            pid = self.actor.statuses()[self.name].pid
            return pid not in {0, self._dead} and self.actor.accepts(self.name)
        except (StackError, *UNREACHABLE):
            return False

    def _is_down(self) -> bool:
        status = self.actor.statuses()[self.name]
        if status.pid:
            return status.state != "STOPPING" and trees.is_frozen(status.pid)
        return status.state not in COMING


def look_after(programs: Iterable[Program], stop: threading.Event) -> None:
    """Look after programs until stopped."""
    while not stop.wait(LOOK_EVERY_S):
        for program in programs:
            try:
                program.look_after()
            except (StackError, *UNREACHABLE) as error:
                log.warning("%s: %s", program.name, error)
