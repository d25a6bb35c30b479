"""Points: named lines at which a process can be made to crash, or to wait until it is let go.

Source of the word: https://docs.rs/fail/latest/fail/
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from chassis.lab.corpse import die_for
from chassis.lab.firings import Firing, Firings
from chassis.lab.match import MATCH_ONCE, MATCH_ONE
from chassis.lab.parameters import Choice, Number, Parameter
from chassis.lab.switches import Switch

# Waits until a condition holds, and does meanwhile what has to go on, such as heartbeats.
Wait = Callable[[Callable[[], bool]], None]

log = logging.getLogger(__name__)


class Point(NamedTuple):
    """A line at which a process can be stopped: its name, and where that is, in words."""

    name: str
    says: str


class AtPoint(Switch):
    """A switch that acts at a point.

    Args:
        points: those that the process has.
        die_for: ends the process for some seconds.
    """

    standing = False

    def __init__(self, *points: Point, die_for: Callable[[float], None] = die_for) -> None:
        super().__init__()
        self._die_for = die_for
        says = {point.name: point.says for point in points}
        self.at = Choice("at", says, points[0].name, "Where it acts.")

    def watches(self, point: Point) -> bool:
        """Return whether it acts at this point, if what comes there fits."""
        return self.on and self.value("at") == point.name

    def act(self, firing: Firing, firings: Firings, wait: Wait | None) -> None:
        """Act at the point.

        Args:
            firing: this time.
            firings: what records it.
            wait: waits until a condition holds, and does meanwhile what has to go on.
        """
        raise NotImplementedError


class Crash(AtPoint):
    """Kill the process at a point, as a power cut would.

    Args:
        points: those that the process has.
        also: what else it can match.
        die_for: ends the process for some seconds.
    """

    name = "crash"
    does = "Kills the process with SIGKILL at this point; what supervises it starts it again."
    teaches = "What a process has not made durable is lost, and what it has is done again."

    def __init__(
        self,
        *points: Point,
        also: tuple[Parameter, ...] = (),
        die_for: Callable[[float], None] = die_for,
    ) -> None:
        super().__init__(*points, die_for=die_for)
        away = Number(
            "delay_ms", "ms", 0, 60_000, 0, "How long it stays away before it is started again."
        )
        self.parameters = (self.at, away, *MATCH_ONCE, *also)

    def act(self, firing: Firing, firings: Firings, wait: Wait | None) -> None:
        """Die, once the firing is on its way. Does not return."""
        firings.flush()
        log.warning("crashes at %s, as the lab says", firing.at)
        self._die_for(self.number("delay_ms") / 1000)


@dataclass(eq=False)
class Held:
    """What waits at a point, until it is let go."""

    firing: Firing
    since_ms: float
    is_released: bool = False

    def shown(self) -> dict[str, Any]:
        """Return it as `GET /lab` shows it."""
        named, subject = self.firing.subject.named, self.firing.subject
        return {
            "firing": self.firing.id,
            "at": self.firing.at,
            "event": named.get("cloudevents.event_id"),
            "todo": subject.todo_id,
            "title": subject.title or None,
            "since_ms": round(self.since_ms),
        }


class Hold(AtPoint):
    """Make the work wait at a point until somebody lets it go.

    Args: likewise.
    """

    name = "hold"
    does = "Makes the work wait at this point until it is released or killed."
    teaches = "Look into the stores now: this is what a crash here would leave behind."

    def __init__(
        self,
        *points: Point,
        also: tuple[Parameter, ...] = (),
        die_for: Callable[[float], None] = die_for,
    ) -> None:
        super().__init__(*points, die_for=die_for)
        self._holding: list[Held] = []
        self._let_go = threading.Condition()
        self._wake: Callable[[], None] = _nobody
        self.parameters = (self.at, *MATCH_ONE, *also)

    def on_release(self, wake: Callable[[], None]) -> None:
        """Have something called whenever what waits is let go."""
        self._wake = wake

    def act(self, firing: Firing, firings: Firings, wait: Wait | None) -> None:
        """Wait until this is let go, in the thread that does the work."""
        held = Held(firing, firings.told_ms(firing.began_ns))
        with self._let_go:
            self._holding.append(held)
        log.warning("held at %s, as the lab says", firing.at)
        try:
            # It may have ended since this fired, and then nobody lets go what it holds now.
            (wait or self._wait)(lambda: held.is_released or not self.on)
        finally:
            with self._let_go:
                self._holding.remove(held)

    def is_holding(self, firing: str | None = None) -> bool:
        """Return whether anything waits there, or what one firing holds."""
        return any(firing in {None, held.firing.id} for held in self._kept())

    def release(self, firing: str | None = None) -> None:
        """Let go what waits: all of it, or what one firing holds."""
        with self._let_go:
            for held in self._holding:
                if firing in {None, held.firing.id}:
                    held.is_released = True
            self._let_go.notify_all()
        self._wake()

    def kill(self, firings: Firings) -> None:
        """Kill the process while it waits there."""
        killed = [(held.firing, held.firing.then) for held in self._kept()]
        for firing, _then in killed:
            # What waits must not go on because its hold is over.
            firing.then = _nobody
            firing.over()
        firings.flush()
        log.warning("is killed at a hold, as the lab says")
        self._die_for(0)
        # Another process has died, such as a rebuild.
        for _firing, then in killed:
            then()

    def ends(self) -> None:
        """Let all go, however the switch ended."""
        self.release()

    def state(self) -> dict[str, Any]:
        """Return how it is set now, and what waits."""
        with self._let_go:
            return {**super().state(), "holding": [held.shown() for held in self._kept()]}

    def _kept(self) -> list[Held]:
        """Return what waits and was not let go; a thread may take a while to wake."""
        return [held for held in self._holding if not held.is_released]

    def _wait(self, ended: Callable[[], bool]) -> None:
        with self._let_go:
            self._let_go.wait_for(ended)


def _nobody() -> None:
    """Do nothing: nobody waits anywhere else."""
