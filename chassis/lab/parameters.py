"""What a switch takes: numbers, choices and text, each with its bounds and a default. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

# What the switch itself takes; what it acts on; how long it stays on.
Group = Literal["setting", "match", "time"]


class BadSetting(ValueError):
    """A setting that a switch does not accept; the text says why."""


class Parameter(Protocol):
    """Something that a switch takes. A default of None means that it may be left out."""

    @property
    def name(self) -> str:
        """Return its name in a setting."""

    @property
    def default(self) -> int | str | None:
        """Return what applies if a setting leaves it out."""

    def check(self, value: object) -> None:
        """Raise BadSetting if a setting may not have this value."""

    def description(self) -> dict[str, Any]:
        """Return what a panel needs to ask for it."""


@dataclass(frozen=True)
class Number:
    """A whole number, and its unit.

    Args:
        name: its name in a setting.
        unit: in words for a panel: `ms`, `events`.
        least, most: its bounds.
        default: what applies if it is left out.
        does: what it does, in a sentence.
        group: what it is part of.
    """

    name: str
    unit: str
    least: int
    most: int
    default: int | None
    does: str = ""
    group: Group = "setting"

    def check(self, value: object) -> None:
        """Raise BadSetting unless it is a whole number within the bounds."""
        if type(value) is not int or not self.least <= value <= self.most:
            raise BadSetting(f"{self.name} is a whole number from {self.least} to {self.most}.")

    def description(self) -> dict[str, Any]:
        """Return what a panel needs to ask for it."""
        bounds = {"unit": self.unit, "least": self.least, "most": self.most}
        return {**_head(self, "number"), **bounds, "default": self.default}


@dataclass(frozen=True)
class Choice:
    """One of several words.

    Args:
        name: its name in a setting.
        choices: what each word says, in the order of a panel.
        default: what applies if it is left out.
        does: what it does, in a sentence.
        group: what it is part of.
    """

    name: str
    choices: Mapping[str, str]
    default: str | None
    does: str = ""
    group: Group = "setting"

    def check(self, value: object) -> None:
        """Raise BadSetting unless it is one of the words."""
        if not isinstance(value, str) or value not in self.choices:
            raise BadSetting(f"{self.name} is one of {', '.join(self.choices)}.")

    def description(self) -> dict[str, Any]:
        """Return what a panel needs to ask for it."""
        choices = [{"value": value, "says": says} for value, says in self.choices.items()]
        return {**_head(self, "choice"), "choices": choices, "default": self.default}


@dataclass(frozen=True)
class Text:
    """Some text, which is not empty.

    Args:
        name: its name in a setting.
        most: how many characters it may have.
        default: what applies if it is left out.
        does: what it does, in a sentence.
        group: what it is part of.
    """

    name: str
    most: int
    default: str | None = None
    does: str = ""
    group: Group = "setting"

    def check(self, value: object) -> None:
        """Raise BadSetting unless it is text of such a length."""
        if not isinstance(value, str) or not 0 < len(value) <= self.most:
            raise BadSetting(f"{self.name} is text of 1 to {self.most} characters.")

    def description(self) -> dict[str, Any]:
        """Return what a panel needs to ask for it."""
        bounds = {"unit": "characters", "least": 1, "most": self.most}
        return {**_head(self, "text"), **bounds, "default": self.default}


# How long a switch stays on: nothing outlives whoever switched it on by more than that.
LONGEST_S = 600
FOR_S = Number(
    "for_s", "s", 1, LONGEST_S, LONGEST_S, "After so many seconds it ends by itself.", "time"
)


@dataclass(frozen=True)
class Setting:
    """What a request sets a switch to. `values` has all that the switch takes and was given."""

    on: bool
    values: Mapping[str, Any] = field(default_factory=dict)


def read_setting(body: object, parameters: Sequence[Parameter]) -> Setting:
    """Return the setting in a request's body, such as `{"on": true, "delay_ms": 500}`.

    Raises BadSetting.
    """
    if not isinstance(body, dict) or not isinstance(body.get("on"), bool):
        raise BadSetting('Send {"on": true}.')
    known = {parameter.name: parameter for parameter in parameters}
    if unknown := body.keys() - known.keys() - {"on"}:
        raise BadSetting(f"This switch has no parameter {min(unknown)[:40]!r}.")
    values: dict[str, Any] = {}
    for name, parameter in known.items():
        # What a panel leaves empty comes as null.
        value = body.get(name)
        if value is None:
            value = parameter.default
        else:
            parameter.check(value)
        if value is not None:
            values[name] = value
    return Setting(body["on"], values)


def _head(parameter: Number | Choice | Text, kind: str) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "does": parameter.does,
        "kind": kind,
        "group": parameter.group,
    }
