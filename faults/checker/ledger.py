"""What a history says was committed, and what the stores held when all was quiet."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from faults.history import Attempt

# A todo's title and completion; None for one that is not there.
State = tuple[str, bool] | None
COMMANDS = frozenset({"create", "change", "delete"})
PLACES = ("write-side", "read-side", "log", "wire", "rebuilt")


@dataclass(frozen=True)
class Ledger:
    """The attempts of a history, sorted by what they say.

    Attributes:
        attempts: all of them.
    """

    attempts: Sequence[Attempt]

    @cached_property
    def looks(self) -> Mapping[str, Sequence[Any]]:
        """What was found in each place, for each place that was looked at; the last time counts."""
        done = [it for it in self.attempts if it.what == "look" and it.end == "ok"]
        return {it.asked["at"]: it.answer["found"] for it in done}

    @cached_property
    def commands(self) -> Sequence[Attempt]:
        """Every attempt at a command, answered or not."""
        return [it for it in self.attempts if it.what in COMMANDS]

    @cached_property
    def acknowledged(self) -> Sequence[Attempt]:
        """The commands that were answered with success."""
        return [it for it in self.commands if it.end == "ok"]

    @cached_property
    def reads(self) -> Sequence[Attempt]:
        """The reads that were answered."""
        return [it for it in self.attempts if it.what == "read" and it.end == "ok"]

    @cached_property
    def log(self) -> Mapping[int, Mapping[int, State]]:
        """Each version of each todo that was committed, and its state."""
        log: dict[int, dict[int, State]] = {}
        for todo_id, version, title, completed in self.looks.get("log", ()):
            state = None if title is None else (title, completed)
            log.setdefault(todo_id, {})[version] = state
        return log

    def held(self, place: str) -> Mapping[int, tuple[State, int]]:
        """Return each todo that a store held, tombstones too: its state and its version."""
        return {
            todo_id: (None if title is None else (title, completed), version)
            for todo_id, title, completed, version in self.looks.get(place, ())
        }

    @cached_property
    def sent_ns(self) -> Mapping[tuple[int, int], int]:
        """When each version can have been written at the earliest, where that is known.

        Every attempt at the same thing may have been the one.
        """
        by_title: dict[str, int] = {}
        deleted: dict[int, int] = {}
        for it in self.commands:
            if it.what == "delete":
                deleted.setdefault(it.asked["id"], it.asked_ns)
            else:
                by_title.setdefault(it.asked["title"], it.asked_ns)
        found: dict[tuple[int, int], int] = {}
        for todo_id, versions in self.log.items():
            for version, state in versions.items():
                at_ns = deleted.get(todo_id) if state is None else by_title.get(state[0])
                if at_ns is not None:
                    found[todo_id, version] = at_ns
        return found


def wanted(command: Attempt) -> State | str:
    """Return the state that a command asked for: all of it, or the title if that is all it says."""
    if command.what == "delete":
        return None
    if command.what == "create":
        return command.asked["title"], False
    return command.asked["title"], command.asked["completed"]


def unknown(ledger: Ledger) -> Iterable[str]:
    """Yield why a history cannot be judged whole."""
    for place in PLACES:
        if place not in ledger.looks:
            yield f"nobody looked at {place}"
    if not ledger.acknowledged:
        yield "no command was acknowledged"
    if not ledger.reads:
        yield "no read was answered"
    for it in ledger.attempts:
        if it.what == "break" and it.end != "ok":
            yield f"{it.asked['fault']}: {it.answer.get('why', 'it did not end')}"
