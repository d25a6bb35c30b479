"""Events that are set aside, so that later ones overtake them."""

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.lab.firings import Firing
from query_service.deliveries import Delivery
from query_service.events import TodoEvent


@dataclass
class Kept:
    """A delivery that is set aside.

    Args:
        delivery: it.
        event: what it says.
        left: how many later events of its todo have to be applied before it.
        firing: ends when it is given back.
    """

    delivery: Delivery
    event: TodoEvent
    left: int
    firing: Firing

    def is_overtaken_by(self, event: TodoEvent) -> bool:
        """Return whether this is a later event of the same todo."""
        mine, other = self.event.todo, event.todo
        return mine.id == other.id and mine.version < other.version


class Aside:
    """What is set aside, in the order in which it came."""

    def __init__(self) -> None:
        self._kept: list[Kept] = []

    def __bool__(self) -> bool:
        return bool(self._kept)

    def keep(self, delivery: Delivery, event: TodoEvent, left: int, firing: Firing) -> None:
        """Set a delivery aside until so many later events of its todo are applied."""
        self._kept.append(Kept(delivery, event, left, firing))

    def overtaken_by(self, events: Iterable[TodoEvent]) -> list[Kept]:
        """Return, and forget, what enough others have overtaken, now that these are applied."""
        for event in events:
            for kept in self._kept:
                kept.left -= kept.is_overtaken_by(event)
        overtaken = [kept for kept in self._kept if kept.left <= 0]
        self._kept = [kept for kept in self._kept if kept.left > 0]
        return overtaken

    def all(self) -> list[Kept]:
        """Return, and forget, all that is set aside."""
        kept, self._kept = self._kept, []
        return kept
