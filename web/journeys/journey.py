"""A journey: the hops of one event, and what is known of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from web.journeys.contract import Meaning

SEEN = "seen"
NO_DETAILS: Mapping[str, object] = MappingProxyType({})

# The span that recorded a hop sets it apart from another of the same name; `seen` has none.
Key = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a journey.

    Args:
        name: which step.
        at_ns: when it happened, in ns since the epoch.
        start_ns: when the work that led to it began, if there was any.
        process: the process that did the work.
        span_id: the span that recorded it; None for `seen`.
        details: attempt, reason, redelivered and error, where they apply.
        means: what follows from it.
    """

    name: str
    at_ns: int
    start_ns: int | None
    process: str
    span_id: str | None
    details: Mapping[str, object] = field(default_factory=lambda: NO_DETAILS)
    means: Meaning | None = None

    @property
    def key(self) -> Key:
        """What sets it apart from the other hops of its journey."""
        return self.name, self.span_id


@dataclass(slots=True)
class Journey:
    """All that is known to have happened to one event; None stands for what is not known.

    `traced` is the first that is known of its traces: when that began, and its id.
    """

    event_id: str
    traced: tuple[int, str] | None = None
    type: str | None = None
    todo_id: int | None = None
    version: int | None = None
    title: str | None = None
    completed: bool | None = None
    written_ns: int | None = None
    hops: dict[Key, Hop] = field(default_factory=dict)

    def in_order(self) -> list[Hop]:
        """Return the hops by time as the page knows it, then by name, then by span."""
        return sorted(self.hops.values(), key=lambda it: (ms(it.at_ns), it.name, it.span_id or ""))

    def first_that_means(self, meaning: Meaning) -> Hop | None:
        """Return the first hop with this meaning, if there is one."""
        hops = (hop for hop in self.hops.values() if hop.means == meaning)
        return min(hops, key=lambda hop: hop.at_ns, default=None)

    @property
    def trace_id(self) -> str | None:
        """The trace in which it began, if that is known."""
        return self.traced[1] if self.traced else None

    @property
    def began_ns(self) -> int:
        """When the first thing known of it happened."""
        return min(hop.at_ns for hop in self.hops.values())

    @property
    def readable_ns(self) -> int | None:
        """When the read model certainly held this version or a later one."""
        hop = self.first_that_means("readable")
        return hop.at_ns if hop else None

    @property
    def is_seen(self) -> bool:
        """Whether a read has shown it."""
        return (SEEN, None) in self.hops

    @property
    def is_deletion(self) -> bool:
        """Whether the event deleted its todo."""
        return (self.type or "").startswith("todo.deleted.")


@dataclass(frozen=True, slots=True)
class Change:
    """A hop that a journey has gained, or lost if a `seen` turned out to be wrong."""

    journey: Journey
    hop: Hop
    withdrawn: bool = False


def ms(time_ns: int) -> float:
    """Return ns as ms, to the microsecond."""
    return (time_ns + 500) // 1000 / 1000
