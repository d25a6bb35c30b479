"""What can be done to a program from outside, as `contracts/programs.yaml` describes it."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from chassis.lab.parameters import FOR_S, Number

Supervisor = Literal["make up", "docker"]


class OutsideNumber(msgspec.Struct, frozen=True):
    """A whole number that a switch takes, with its unit, its bounds and its default."""

    name: str
    unit: str
    least: int
    most: int
    default: int
    does: str

    def parameter(self) -> Number:
        """Return it as the lab has it."""
        return Number(self.name, self.unit, self.least, self.most, self.default, self.does)


class OutsideSwitch(msgspec.Struct, frozen=True):
    """A switch that acts on a program from outside.

    Args:
        kind: whether it lasts, or happens once.
        does: what it does.
        teaches: what can be learned from it, where the place has no words of its own.
        ended_by: the name of the command that undoes it; None if it happens once.
        only_at: the places that have it; empty for all.
        parameters: what it takes, its time excepted.
    """

    kind: Literal["fault", "action", "cure"]
    does: str
    teaches: str
    ended_by: str | None = None
    only_at: tuple[str, ...] = ()
    parameters: tuple[OutsideNumber, ...] = ()

    def all_parameters(self) -> tuple[Number, ...]:
        """Return what it takes."""
        taken = tuple(each.parameter() for each in self.parameters)
        return (*taken, FOR_S) if self.ended_by else taken


class ProgramPlace(msgspec.Struct, frozen=True):
    """A program as a place of the lab.

    Args:
        service: its name in docker-compose.yml, if it has another there.
        teaches: what each switch teaches here, by its name.
    """

    service: str | None = None
    teaches: Mapping[str, str] = {}


class Programs(msgspec.Struct, frozen=True):
    """The contract: the switches, the commands that do the same, and the places."""

    version: Literal[1]
    switches: Mapping[str, OutsideSwitch]
    commands: Mapping[Supervisor, Mapping[str, str]]
    places: Mapping[str, ProgramPlace]

    def switches_at(self, place: str) -> dict[str, OutsideSwitch]:
        """Return the switches of a place."""
        return {
            name: it for name, it in self.switches.items() if not it.only_at or place in it.only_at
        }

    def teaches(self, place: str, name: str) -> str:
        """Return what a switch teaches at a place."""
        return self._place(place).teaches.get(name, self.switches[name].teaches)

    def by_hand(self, place: str, name: str, by: Supervisor) -> dict[str, str]:
        """Return the command that does what a switch does, and the one that undoes it."""
        commands = {"by_hand": name, "by_hand_off": self.switches[name].ended_by}
        return {
            what: self.commands[by][command].format(
                program=place, service=self._place(place).service or place
            )
            for what, command in commands.items()
            if command
        }

    def described_by_hand(self, place: str) -> dict[str, dict[str, Any]]:
        """Return the switches of a place where only people can do what they do: with Docker."""
        return {
            name: {
                "does": switch.does,
                "teaches": self.teaches(place, name),
                "kind": switch.kind,
                "parameters": [it.description() for it in switch.all_parameters()],
                **self.by_hand(place, name, "docker"),
                "only_by_hand": True,
            }
            for name, switch in self.switches_at(place).items()
        }

    def _place(self, name: str) -> ProgramPlace:
        return self.places.get(name, ProgramPlace())


def parse_programs(text: bytes) -> Programs:
    """Read the contract. Raises msgspec.ValidationError."""
    return msgspec.yaml.decode(text, type=Programs)
