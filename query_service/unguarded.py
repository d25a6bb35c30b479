"""The read model whose guard against older versions, and whose tombstones, the lab can take off."""

from collections.abc import Sequence

from query_service.events import TodoEvent
from query_service.faults import NoGuard, NoTombstones
from query_service.idempotence import Fate
from query_service.read_model import ReadModel


class Guardable:
    """A read model as the projector keeps it.

    Args:
        read_model: it.
        no_guard: the switch that takes its guard off.
        no_tombstones: the switch that has it leave no tombstones.
    """

    def __init__(
        self, read_model: ReadModel, no_guard: NoGuard, no_tombstones: NoTombstones
    ) -> None:
        self._read_model = read_model
        self._no_guard = no_guard
        self._no_tombstones = no_tombstones

    def project(self, events: Sequence[TodoEvent]) -> Sequence[Fate]:
        """Apply events, and return what became of each. Raises ServerUnavailable."""
        write = self._read_model.overwrite if self._no_guard.on else self._read_model.project
        found = write(events)
        if self._no_tombstones.on:
            self._read_model.bury(events)
        return found
