"""How the projector reads events that are newer than it is: a switch of the lab."""

from chassis.lab.parameters import Choice
from chassis.lab.switches import Switch
from query_service.events import TodoEvent, parse_event
from query_service.versions import Parse, knowing, tolerating

_READERS = {
    "knows": knowing(parse_event),
    "tolerates": tolerating(parse_event),
    "refuses": parse_event,
}


class Reader(Switch):
    """Have the projector read events of a newer version in another way."""

    name = "reader"
    does = "Reads events of a version that the projector does not know; usually it refuses them."
    teaches = (
        "To refuse is loud, and loses nothing: the event waits among the dead letters. To tolerate "
        "is silent, and what the reader does not know is missing. To know is to be replaced first."
    )
    kind = "variant"
    parameters = (
        Choice(
            "how",
            {
                "knows": "Knows version 2: a reader that was replaced before the writer.",
                "tolerates": "Takes what it knows of it, and leaves out the rest, the title too.",
                "refuses": "Puts it among the dead letters, as without this switch.",
            },
            "knows",
            "What it does with them.",
        ),
    )

    def __init__(self) -> None:
        super().__init__()
        self._parse: Parse[TodoEvent] = parse_event

    def parse(self, body: bytes) -> TodoEvent:
        """Return the event in a message, as the switch says. Raises BadEvent."""
        return self._parse(body)

    def begins(self) -> None:
        """Read as it says from now on."""
        self._parse = _READERS[str(self.value("how"))]

    def ends(self) -> None:
        """Refuse again what is newer."""
        self._parse = parse_event
