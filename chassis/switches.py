"""Switches that break things on purpose, with real effects in the real code path.

A switch is a class. The processes that have it declare it, and ask it at the line where it acts:
`lab[Pause].on`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, ClassVar


class BadSetting(ValueError):
    """A setting that a switch does not accept; the text says why."""


@dataclass(frozen=True)
class Parameter:
    """A whole number that a switch takes; the default applies if a request leaves it out."""

    name: str
    unit: str
    least: int
    most: int
    default: int

    def read(self, setting: Mapping[str, Any]) -> int:
        """Return the value that a request asks for. Raises BadSetting."""
        value = setting.get(self.name, self.default)
        if type(value) is not int or not self.least <= value <= self.most:
            raise BadSetting(f"{self.name} is a whole number from {self.least} to {self.most}.")
        return value


_OFF: Mapping[str, Any] = MappingProxyType({"on": False})


class Switch:
    """One thing that can go wrong in a process; off at first.

    A subclass gives it a name, says in a sentence what it does, and lists its parameters.
    """

    name: ClassVar[str]
    does: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]] = ()

    # Replaced as a whole, so that no thread ever reads half a setting.
    _setting = _OFF

    @property
    def on(self) -> bool:
        """Return whether it is on."""
        return bool(self._setting["on"])

    def value(self, name: str) -> int:
        """Return a parameter's value; 0 while the switch is off."""
        return int(self._setting.get(name, 0))

    def set(self, setting: object) -> None:
        """Switch it on or off, as in `{"on": true}`. Raises BadSetting."""
        if not isinstance(setting, dict) or not isinstance(setting.get("on"), bool):
            raise BadSetting('Send {"on": true}.')
        values = {each.name: each.read(setting) for each in self.parameters}
        if unknown := setting.keys() - values.keys() - {"on"}:
            raise BadSetting(f"This switch has no parameter {min(unknown)[:40]!r}.")
        self._setting = {"on": True, **values} if setting["on"] else _OFF

    def state(self) -> dict[str, Any]:
        """Return how it is set now."""
        return {"on": self.on, **{each.name: self.value(each.name) for each in self.parameters}}

    def description(self) -> dict[str, Any]:
        """Return what a panel needs to show it."""
        return {"does": self.does, "parameters": [asdict(each) for each in self.parameters]}


class Pause(Switch):
    """Stop the flow at this process."""

    name = "pause"
    does = "Takes no new events; what is in hand is finished first."


class Slow(Switch):
    """Slow the flow down at this process."""

    name = "slow"
    does = "Takes one event at a time, and waits before each."
    parameters = (Parameter("delay_ms", "ms", least=0, most=60_000, default=1000),)

    @property
    def delay_s(self) -> float:
        """Return how long to wait before each event; 0 while it is off."""
        return self.value("delay_ms") / 1000
