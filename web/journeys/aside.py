"""What was forgotten when the stack went back, kept to be compared with what came after. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from web.journeys.faults import Firing
from web.journeys.journey import Journey

# As many as are kept of those that are not forgotten.
CAPACITY = 5_000


class Aside:
    """Keeps the newest of what was forgotten.

    Args:
        capacity: how many of each kind; what was put aside first is the first to go.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._journeys: dict[str, Journey] = {}
        self._firings: dict[str, Firing] = {}
        self._probes: list[dict[str, Any]] = []

    @property
    def journeys(self) -> list[Journey]:
        """Return the journeys, as they were known then."""
        return list(self._journeys.values())

    @property
    def firings(self) -> list[Firing]:
        """Return what the lab's switches had done."""
        return list(self._firings.values())

    @property
    def probes(self) -> list[dict[str, Any]]:
        """Return the probe reads, as the page was sent them."""
        return list(self._probes)

    def put(
        self,
        journeys: Iterable[Journey],
        firings: Iterable[Firing],
        probes: Iterable[dict[str, Any]],
    ) -> None:
        """Put aside what is about to be forgotten."""
        self._journeys.update(
            (it.event_id, replace(it, hops=dict(it.hops))) for it in journeys if it.hops
        )
        self._firings.update((it.id, replace(it)) for it in firings)
        self._probes = [*self._probes, *probes][-self._capacity :]
        for kept in (self._journeys, self._firings):
            _shorten(kept, self._capacity)


def _shorten(kept: dict[str, Any], capacity: int) -> None:
    for key in list(kept)[: max(0, len(kept) - capacity)]:
        del kept[key]
