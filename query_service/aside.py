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
        left: how many later events have to be applied before it.
        firing: ends when it is given back.
        by_any: whether those of other todos count, too.
    """

    delivery: Delivery
    event: TodoEvent
    left: int
    firing: Firing
    by_any: bool = False

    def is_overtaken_by(self, applied: Delivery) -> bool:
        """Return whether this is a later event that counts."""
        if applied.event is None:
            return False
        if self.by_any:
            return applied.tag > self.delivery.tag
        mine, other = self.event.todo, applied.event.todo
        return mine.id == other.id and mine.version < other.version


class Aside:
    """What is set aside, in the order in which it came."""

    def __init__(self) -> None:
        self._kept: list[Kept] = []
        # What was given back comes again, and is not overtaken a second time.
        self._given_back: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._kept)

    def keep(self, kept: Kept) -> None:
        """Set a delivery aside until enough later events are applied."""
        self._kept.append(kept)

    def comes_again(self, event: TodoEvent) -> bool:
        """Return whether this was set aside before and given back, and take that as seen."""
        is_known = event.id in self._given_back
        self._given_back.discard(event.id)
        return is_known

    def overtaken_by(self, applied: Iterable[Delivery]) -> list[Kept]:
        """Return, and forget, what enough others have overtaken, now that these are applied."""
        for delivery in applied:
            for kept in self._kept:
                kept.left -= kept.is_overtaken_by(delivery)
        overtaken = [kept for kept in self._kept if kept.left <= 0]
        self._kept = [kept for kept in self._kept if kept.left > 0]
        self._given_back |= {kept.event.id for kept in overtaken}
        return overtaken

    def all(self) -> list[Kept]:
        """Return, and forget, all that is set aside."""
        kept, self._kept = self._kept, []
        self._given_back.clear()
        return kept
