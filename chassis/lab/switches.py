"""Switches that break things on purpose, with real effects in the real code path.

A switch is a class. The processes that have it declare it, and ask it at the line where it acts:
`lab[Pause].on`, or `lab.fires(EatAnswer, subject)` for one that acts on some and not on others.
"""

from collections.abc import Callable, Mapping
from threading import Lock
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from chassis.lab.match import Match, Subject, with_seed
from chassis.lab.parameters import FOR_S, Number, Parameter, Setting, read_setting
from chassis.lab.state import ARMED, OFF, State, Why

# It breaks; it is another way to do it; it protects; it happens once.
Kind = Literal["fault", "variant", "cure", "action"]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Switch:
    """One thing that can go wrong in a process; off at first.

    A subclass gives it a name, says in a sentence what it does and in another what it teaches, and
    lists its parameters. How long it stays on is a parameter of each but an action.

    A switch is `standing` if it acts for as long as it is on; else it acts on what `takes` says.
    """

    name: ClassVar[str]
    does: ClassVar[str]
    teaches: ClassVar[str] = ""
    kind: ClassVar[Kind] = "fault"
    standing: ClassVar[bool] = True
    parameters: tuple[Parameter, ...] = ()

    def __init__(self) -> None:
        # Plain, so that the line where it acts pays one look for it.
        self.on = False
        self._values = _NOTHING
        self._state: State = OFF
        self._match = Match(_NOTHING)
        self._until_ms: int | None = None
        self._lock = Lock()

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """Return what it takes, its time included."""
        return self.parameters if self.kind == "action" else (*self.parameters, FOR_S)

    @property
    def phase(self) -> State:
        """Return how it stands."""
        return self._state

    def value(self, name: str) -> Any:
        """Return a parameter's value; None while the switch is off, or if it was left out."""
        return self._values.get(name) if self.on else None

    def number(self, name: str) -> int:
        """Return a number among its parameters; 0 while the switch is off."""
        return int(self.value(name) or 0)

    def read(self, body: object) -> Setting:
        """Return what a request sets it to. Raises BadSetting."""
        setting = read_setting(body, self.all_parameters)
        return Setting(setting.on, with_seed(setting.values))

    def arm(self, setting: Setting, until_ms: int | None) -> None:
        """Switch it on; what it was set to before is forgotten.

        Args:
            setting: what it is set to.
            until_ms: when it will end by itself, in ms since the epoch.
        """
        with self._lock:
            self._values, self._state = setting.values, ARMED
            self._match, self._until_ms = Match(setting.values), until_ms
            self.on = True

    def takes(self, subject: Subject) -> bool:
        """Return whether it acts on this, and count it. From any thread."""
        with self._lock:
            if not self.on or not self._match.takes(subject):
                return False
            self._state = self._state.fires()
            return True

    @property
    def is_used_up(self) -> bool:
        """Return whether it has acted as often as it may."""
        return self._match.is_used_up

    def clear(self, why: Why) -> None:
        """Switch it off."""
        with self._lock:
            self._state, self._until_ms = self._state.clears(why), None
            self.on = False

    def forget(self) -> None:
        """Be as if it had never been switched on: it could not begin."""
        with self._lock:
            self._values, self._state, self._until_ms = _NOTHING, OFF, None
            self.on = False

    def begins(self) -> None:
        """Do what has to be done when it is switched on: for a switch that no line looks at."""

    def ends(self) -> None:
        """Do what has to be done when it is off again, however it ended."""

    def leaves(self, over: Callable[[], None]) -> None:
        """Have what it did while it was on over: now, or later if that outlasts it.

        Args:
            over: says so.
        """
        over()

    def state(self) -> dict[str, Any]:
        """Return how it is set now. That changes with what happens, and never with time alone."""
        with self._lock:
            shown = self._state.shown()
            return {**shown, "until_ms": self._until_ms, **self._values}

    def description(self) -> dict[str, Any]:
        """Return what a panel needs to show it."""
        return {
            "does": self.does,
            "teaches": self.teaches,
            "kind": self.kind,
            "parameters": [each.description() for each in self.all_parameters],
        }


class Pause(Switch):
    """Stop the flow at this process."""

    name = "pause"
    does = "Takes no new events; what is in hand is finished first."
    teaches = "Events wait where they are safe; a read is stale for as long as they do."


class Slow(Switch):
    """Slow the flow down at this process."""

    name = "slow"
    does = "Takes one event at a time, and waits before each."
    teaches = "The slowest part sets the pace, and what comes faster waits before it."
    standing = False
    parameters = (
        Number("delay_ms", "ms", 0, 60_000, 1000, "How long it waits before each event."),
    )

    @property
    def delay_s(self) -> float:
        """Return how long to wait before each event; 0 while it is off."""
        return self.number("delay_ms") / 1000
