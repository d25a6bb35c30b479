"""The switches of one process: set, heeded, fired, and ended in time by the process itself."""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from chassis.lab.firings import Firing, Firings
from chassis.lab.match import NOBODY, Subject
from chassis.lab.parameters import LONGEST_S, Setting
from chassis.lab.points import AtPoint, Hold, Point, Wait
from chassis.lab.state import Why
from chassis.lab.switches import Switch

# A process that waits for a server looks at its switches only when the server is back.
HEEDED_WITHIN_S = 1.0

S = TypeVar("S", bound=Switch)


class Lab:
    """The switches that one process has, and no others.

    Args:
        switches: they.
        firings: records each time that one acts.
    """

    def __init__(self, *switches: Switch, firings: Firings | None = None) -> None:
        # Plain: while nothing is on, a line where something may act pays one look for it.
        self.armed = False
        self._of_kind = {type(switch): switch for switch in switches}
        self._named = {switch.name: switch for switch in switches}
        self._at_points = [it for it in switches if isinstance(it, AtPoint)]
        self._firings = firings or Firings.unrecorded()
        self._under_way: dict[Switch, int] = {}
        self._standing: dict[Switch, Firing] = {}
        self._timers: dict[Switch, threading.Timer] = {}
        self._lock = threading.RLock()
        self._changes = self._heeded = 0
        self._is_looked_at = False
        self._is_heeded = threading.Condition()
        self._changed: Callable[[], None] = _nobody_waits
        for switch in switches:
            if isinstance(switch, Hold):
                switch.on_release(self._wake)

    def __getitem__(self, kind: type[S]) -> S:
        """Return the switch of this kind. Raises KeyError if the process does not have it."""
        switch = self._of_kind[kind]
        assert isinstance(switch, kind)
        return switch

    # Where the process works

    def is_on(self, kind: type[Switch]) -> bool:
        """Return whether the process has a switch of this kind, and it is on."""
        return self.armed and (switch := self._of_kind.get(kind)) is not None and switch.on

    def on_change(self, wake: Callable[[], None]) -> None:
        """Have a process that waits for something woken whenever a switch is set or ends."""
        self._changed = wake

    @contextmanager
    def heeding(self) -> Iterator[None]:
        """Mark where the process looks at its switches.

        A request that set one before the block is answered once the block ends without an error.
        """
        self._is_looked_at = True
        changes = self._changes
        yield
        if changes != self._heeded:
            with self._is_heeded:
                self._heeded = changes
                self._is_heeded.notify_all()

    def fires(
        self, kind: type[Switch], subject: Subject = NOBODY, point: Point | None = None
    ) -> Firing | None:
        """Return a firing if the switch acts on this now, else None; it is recorded before that.

        The firing is a block, at whose end it is over. Ask only if `armed`: everything else about
        the subject then costs nothing while nothing is on.
        """
        switch = self._of_kind.get(kind)
        return self._fires(switch, subject, point) if switch and switch.on else None

    def watches(self, point: Point) -> bool:
        """Return whether anything may happen at a point that has to be prepared for it."""
        return any(switch.watches(point) for switch in self._at_points)

    def at(self, point: Point, subjects: Iterable[Subject], wait: Wait | None = None) -> None:
        """Crash or wait here, if a switch says so. Call it only if `armed`.

        Args:
            point: this line.
            subjects: what is in hand here; the first that fits makes it happen.
            wait: waits until a condition holds, and does meanwhile what has to go on.
        """
        watching = [switch for switch in self._at_points if switch.watches(point)]
        here = list(subjects) if watching else []
        for switch in watching:
            for subject in here:
                if firing := self._fires(switch, subject, point):
                    with firing:
                        switch.act(firing, self._firings, wait)
                    break

    # Where it is set

    def set(self, name: str, body: object) -> dict[str, Any]:
        """Set a switch, wait until the process heeds it, and return its state.

        The wait ends after HEEDED_WITHIN_S. Raises KeyError, BadSetting, and what the switch raises
        if it cannot begin.
        """
        switch = self._named[name]
        setting = switch.read(body)
        with self._lock:
            self._end(switch, "by-hand")
            if setting.on:
                self._begin(switch, setting)
        self._have_it_heeded()
        return switch.state()

    def clear(self, why: Why = "all-clear", but: Collection[str] = ()) -> list[str]:
        """End all that is on, but for these, and return the names of that."""
        with self._lock:
            on = [name for name, it in self._named.items() if it.on and name not in but]
            for name in on:
                self._end(self._named[name], why)
        if on:
            self._have_it_heeded()
        return on

    def release(self, name: str, firing: str | None = None) -> dict[str, Any]:
        """Let go what a hold has stopped. Raises KeyError if the switch is none.

        Args:
            name: the hold's.
            firing: the id of the firing that stopped it; None for all that waits.
        """
        hold = self._hold(name)
        hold.release(firing)
        return hold.state()

    def kill(self, name: str, firing: str | None = None) -> None:
        """Kill the process at a hold, if that still waits there. Raises KeyError likewise."""
        hold = self._hold(name)
        if hold.is_holding(firing):
            hold.kill(self._firings)

    def holds(self, name: str) -> dict[str, Any]:
        """Return the state of a hold. Raises KeyError if the switch is none."""
        return self._hold(name).state()

    def shown(self) -> dict[str, Any]:
        """Return how each switch is set now, and what it does and takes."""
        return {
            "switches": {name: switch.state() for name, switch in self._named.items()},
            "descriptions": {name: switch.description() for name, switch in self._named.items()},
        }

    def let_go(self) -> None:
        """Let go whatever is held, since the process has to end."""
        for switch in self._at_points:
            switch.ends()

    def _begin(self, switch: Switch, setting: Setting) -> None:
        for_s = int(setting.values.get("for_s", LONGEST_S))
        is_action = switch.kind == "action"
        standing = self._firing_of(switch, NOBODY, None) if switch.standing else None
        switch.arm(setting, None if is_action else self._firings.in_ms(for_s))
        try:
            switch.begins()
        except BaseException:
            switch.forget()
            if standing:
                standing.over()
            raise
        if standing:
            switch.takes(NOBODY)
            self._standing[switch] = standing
        if is_action:
            self._end(switch, "count")
            return
        self.armed = True
        timer = threading.Timer(for_s, self._end_in_time, (switch,))
        timer.daemon, timer.name = True, f"end of {switch.name}"
        self._timers[switch] = timer
        timer.start()

    def _end(self, switch: Switch, why: Why) -> None:
        if not switch.on:
            return
        if timer := self._timers.pop(switch, None):
            timer.cancel()
        switch.clear(why)
        self.armed = any(it.on for it in self._named.values())
        if firing := self._standing.pop(switch, None):
            switch.leaves(firing.over)
        switch.ends()

    def _end_in_time(self, switch: Switch) -> None:
        with self._lock:
            # Another setting may have replaced the one that this thread was to end.
            if self._timers.get(switch) is not threading.current_thread():
                return
            self._end(switch, "time")
        with self._is_heeded:
            self._changes += 1
        self._wake()

    def _fires(self, switch: Switch, subject: Subject, point: Point | None) -> Firing | None:
        return self._firing_of(switch, subject, point) if switch.takes(subject) else None

    def _firing_of(self, switch: Switch, subject: Subject, point: Point | None) -> Firing:
        with self._lock:
            self._under_way[switch] = self._under_way.get(switch, 0) + 1
        over = partial(self._is_over, switch)
        at = point.name if point else ""
        # What acts while it is on does so at no line in particular, and is asked for by a request.
        return self._firings.begin(switch.name, subject, at, over, at_line=not switch.standing)

    def _is_over(self, switch: Switch) -> None:
        with self._lock:
            self._under_way[switch] -= 1
            if not self._under_way[switch] and switch.on and switch.is_used_up:
                self._end(switch, "count")

    def _have_it_heeded(self) -> None:
        with self._is_heeded:
            self._changes += 1
            change = self._changes
            self._wake()
            if self._is_looked_at:
                self._is_heeded.wait_for(lambda: self._heeded >= change, HEEDED_WITHIN_S)

    def _wake(self) -> None:
        self._changed()

    def _hold(self, name: str) -> Hold:
        hold = self._named[name]
        if not isinstance(hold, Hold):
            raise KeyError(name)
        return hold


def _nobody_waits() -> None:
    """Do nothing: the process looks at its switches often enough by itself."""
