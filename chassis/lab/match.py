"""What a switch acts on: which todo, whose, the how many-th, how often, and by chance. No I/O."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.lab.parameters import Number, Parameter, Text

Named = Mapping[str, str | int | bool]
MAX_ID = 2**63 - 1
MAX_SEED = 2**31 - 1

_TODO = Number("todo", "id", 1, MAX_ID, None, "Only this todo.", "match")
_WORD = Text("word", 200, None, "Only todos with this in their title.", "match")
_NTH = Number(
    "nth", "match", 1, 1_000_000, None, "The first ones pass; it acts from this one on.", "match"
)
TIMES = Number("times", "times", 1, 1_000_000, None, "At most so often; then it ends.", "match")
_PERCENT = Number("percent", "%", 1, 100, None, "Only so many of a hundred, by chance.", "match")
_SEED = Number("seed", "", 0, MAX_SEED, None, "The same seed draws the same ones again.", "match")
SENDER = Text(
    "sender", 200, None, "Only requests with this `sender` in their `baggage` header.", "match"
)
WINDOW = Number(
    "window", "match", 2, 1_000_000, None, "Of each so many, it acts only on the `nth`.", "match"
)
MATCH: tuple[Parameter, ...] = (_TODO, _WORD, _NTH, TIMES, _PERCENT, _SEED)
# What happens once and ends the process: it cannot be counted, so it has no `times`.
MATCH_ONCE: tuple[Parameter, ...] = (_TODO, _WORD, _NTH, _PERCENT, _SEED)
# For what is held or acts once unless more is asked for.
ONCE = Number("times", "times", 1, 1_000_000, 1, TIMES.does, "match")
MATCH_ONE: tuple[Parameter, ...] = (_TODO, _WORD, _NTH, ONCE, _PERCENT, _SEED)


@dataclass(frozen=True)
class Subject:
    """What a switch may act on: an event, a command, a request.

    Args:
        todo_id: the todo that it is about, if that is known.
        title: that todo's title, if that is known.
        sender: who sent it, if that is known.
        traceparent: the W3C context of what caused it.
        named: the attributes that name it in a trace.
    """

    todo_id: int | None = None
    title: str = ""
    sender: str = ""
    traceparent: str = ""
    named: Named = field(default_factory=dict)


NOBODY = Subject()


class Match:
    """Which subjects a switch acts on, and how many it has acted on since it was armed.

    Args:
        values: the setting's: `todo`, `word`, `sender`, `nth`, `window`, `times`, `percent` and
            `seed`, each of which may be missing.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self._chance = random.Random(values.get("seed"))  # noqa: S311, it is no secret
        self._seen = 0
        self.taken = 0

    @property
    def is_used_up(self) -> bool:
        """Return whether it has acted as often as it may."""
        times: int | None = self._values.get("times")
        return times is not None and self.taken >= times

    def takes(self, subject: Subject) -> bool:
        """Return whether the switch acts on this, and count it."""
        if self.is_used_up or not self._fits(subject):
            return False
        self._seen += 1
        if not self._is_its_turn():
            return False
        percent: int | None = self._values.get("percent")
        if percent is not None and self._chance.random() * 100 >= percent:
            return False
        self.taken += 1
        return True

    def _is_its_turn(self) -> bool:
        nth, window = self._values.get("nth", 1), self._values.get("window")
        return bool(self._seen % window == nth % window if window else self._seen >= nth)

    def _fits(self, subject: Subject) -> bool:
        wanted = self._values
        return (
            wanted.get("todo") in {None, subject.todo_id}
            and wanted.get("sender") in {None, subject.sender}
            and wanted.get("word", "").casefold() in subject.title.casefold()
        )


def with_seed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the setting with a seed, if it draws by chance and was not given one."""
    if "percent" in values and "seed" not in values:
        return {**values, "seed": random.randint(0, MAX_SEED)}  # noqa: S311
    return dict(values)
