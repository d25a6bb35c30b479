"""What the lab does to the messages in a consumer's hands. While nothing is armed, nothing.

The switches are in faults.py; the projector asks here at the lines where they act.
"""

import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

from chassis.lab.firings import Firing
from chassis.lab.lab import Lab
from query_service.aside import Aside, Kept
from query_service.deliveries import PREFETCH, Delivery, Parse
from query_service.events import TodoEvent
from query_service.faults import (
    ANY_TODO,
    BLOCKS,
    Attempts,
    NoDeadLetters,
    Poison,
    Prefetch,
    Priority,
    Redeliver,
    Reorder,
)
from query_service.points import subject, subjects
from query_service.poison import MOST_ATTEMPTS
from query_service.spoilt import Failing, unreadable

# A consumer without a priority has 0.
FIRST = 10


class Meddling:
    """What the switches of one consumer do.

    Args:
        lab: its switches; those that it does not have are off.
        parse: reads its messages.
    """

    def __init__(self, lab: Lab, parse: Parse) -> None:
        self._lab = lab
        self._parse = parse
        self._aside = Aside()
        self._failing = Failing()

    def forget_all(self) -> None:
        """Forget what was in hand: it comes again."""
        self._failing.forget_all()
        for kept in self._aside.all():
            kept.firing.over()

    def prefetch(self) -> int:
        """Return how many messages may be in hand."""
        return self._lab[Prefetch].number("messages") if self._lab.is_on(Prefetch) else PREFETCH

    def priority(self) -> int:
        """Return how much the broker prefers this consumer to others."""
        return FIRST if self._lab.is_on(Priority) else 0

    def redelivery(self, batch: Sequence[Delivery]) -> Firing | None:
        """Return a firing if the channel is to be closed with these unacked."""
        fired = (self._lab.fires(Redeliver, each) for each in subjects(batch))
        return next(filter(None, fired), None) if self._lab.is_on(Redeliver) else None

    # Poison

    def spoil(self, delivery: Delivery) -> None:
        """Make a message poison that has just been read."""
        event = delivery.event
        if event is None or not (firing := self._lab.fires(Poison, subject(delivery))):
            return
        poison = self._lab[Poison]
        how = str(poison.value("how"))
        if bad_reader := unreadable(how, self._parse):
            with firing:
                delivery.read(bad_reader)
        else:
            self._failing.add(event, how, poison.number("failures"), firing)

    def failing(self, events: Iterable[TodoEvent], *, alone: bool) -> set[str]:
        """Return the ids of the events that fail now; what is tried alone is an attempt."""
        if not self._failing or not self._lab.is_on(Poison):
            return set()
        return {event.id for event in events if self._failing.refuses(event, alone=alone)}

    def most_attempts(self) -> int:
        """Return how often an event is tried before it is a dead letter."""
        if self.tries_for_ever:
            return sys.maxsize
        return (
            self._lab[Attempts].number("attempts") if self._lab.is_on(Attempts) else MOST_ATTEMPTS
        )

    @property
    def tries_for_ever(self) -> bool:
        """Return whether poison stays where it is, in the way of all others."""
        return self._parks_nothing and self._lab[NoDeadLetters].value("instead") == BLOCKS

    @property
    def drops(self) -> bool:
        """Return whether poison is acked and forgotten."""
        return self._parks_nothing and not self.tries_for_ever

    def in_the_way(self, delivery: Delivery) -> AbstractContextManager[object]:
        """Return a block in which poison is that has no place to go to, if it has none."""
        firing = self._lab.fires(NoDeadLetters, subject(delivery)) if self._lab.armed else None
        return firing or nullcontext()

    @property
    def _parks_nothing(self) -> bool:
        return self._lab.is_on(NoDeadLetters)

    def settle(self, batch: Iterable[Delivery]) -> None:
        """Note that these have reached their end."""
        if self._failing:
            self._failing.settle(batch)

    # Order

    @property
    def keeps_some(self) -> bool:
        """Return whether any delivery is set aside, so that none before it may be acked."""
        return bool(self._aside)

    def set_aside(self, batch: list[Delivery]) -> list[Delivery]:
        """Set aside what is to be overtaken, and return the others."""
        if not self._lab.is_on(Reorder):
            return batch
        others = []
        for delivery in batch:
            event = delivery.event
            if event is None or self._aside.comes_again(event):
                others.append(delivery)
            elif firing := self._lab.fires(Reorder, subject(delivery)):
                reorder = self._lab[Reorder]
                later, by_any = reorder.number("events"), reorder.value("by") == ANY_TODO
                self._aside.keep(Kept(delivery, event, later, firing, by_any))
            else:
                others.append(delivery)
        return others

    def overtaken_by(self, batch: Iterable[Delivery]) -> list[Kept]:
        """Return what has been overtaken, now that these are applied."""
        return self._aside.overtaken_by(batch)

    def no_longer_aside(self) -> list[Kept]:
        """Return what was set aside by a switch that is off by now."""
        return [] if self._lab.is_on(Reorder) else self._aside.all()
