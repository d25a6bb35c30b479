"""The read model whose guard against older versions the lab can take off."""

from collections.abc import Sequence

from query_service.events import TodoEvent
from query_service.faults import NoGuard
from query_service.idempotence import Fate
from query_service.read_model import ReadModel


class Guardable:
    """A read model as the projector keeps it.

    Args:
        read_model: it.
        no_guard: the switch that takes its guard off.
    """

    def __init__(self, read_model: ReadModel, no_guard: NoGuard) -> None:
        self._read_model = read_model
        self._no_guard = no_guard

    def project(self, events: Sequence[TodoEvent]) -> Sequence[Fate]:
        """Apply events, and return what became of each. Raises ServerUnavailable."""
        if self._no_guard.on:
            return self._read_model.overwrite(events)
        return self._read_model.project(events)
