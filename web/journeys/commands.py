"""Commands: spans whose events are named by their children, whichever comes first. Pure."""

from dataclasses import dataclass, field

from web.journeys.journey import Hop

# One writes two events at most.
MOST_EVENTS_OF_COMMAND = 100


@dataclass(slots=True)
class Command:
    """The hops of a command, and the events that it wrote, as far as they are known."""

    hops: list[Hop] = field(default_factory=list)
    # A dictionary keeps the order.
    event_ids: dict[str, None] = field(default_factory=dict)


class Commands:
    """The newest commands.

    Args:
        capacity: how many are kept; the first that came is the first to go.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._commands: dict[tuple[str, str], Command] = {}

    def get(self, key: tuple[str, str]) -> Command:
        """Return the command of that trace and span; an empty one if it is not known yet."""
        command = self._commands.setdefault(key, Command())
        if len(self._commands) > self._capacity:
            del self._commands[next(iter(self._commands))]
        return command
