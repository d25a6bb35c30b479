"""Events as they are written and as they travel: CloudEvents 1.0, JSON, structured mode.

Sources: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md and,
for `sequence` and `traceparent`, the CloudEvents extensions of these names.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from chassis.telemetry import Traced
from command_service.todo import Todo

CONTENT_TYPE = "application/cloudevents+json"
SOURCE = "/command-service"
EXCHANGE = "todo.events"


@dataclass(frozen=True)
class Event:
    """An event as the log keeps it.

    Args:
        position: its place in the log.
        id: made with the event.
        kind: such as `todo.created`; also the routing key.
        todo: the whole state after the event.
        time: when the command wrote it.
        traceparent: the W3C context of the command.
    """

    position: int
    id: UUID
    kind: str
    todo: Todo
    time: datetime
    traceparent: str

    @property
    def type(self) -> str:
        """Return the CloudEvents type, which names the version of the data's shape."""
        return type_of(self.kind)

    @property
    def traced(self) -> Traced:
        """Return the event as the traces name it."""
        return Traced(
            self.traceparent,
            {
                "cloudevents.event_id": str(self.id),
                "cloudevents.event_type": self.type,
                "todo.id": self.todo.id,
                "todo.version": self.todo.version,
            },
        )

    def to_json(self) -> bytes:
        """Return the CloudEvent as it goes over the wire."""
        todo = self.todo
        return json.dumps(
            {
                "specversion": "1.0",
                "id": str(self.id),
                "source": SOURCE,
                "type": self.type,
                "subject": str(todo.id),
                "time": self.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                "datacontenttype": "application/json",
                # The extension makes it a string; the type says that it counts.
                "sequence": str(todo.version),
                "sequencetype": "Integer",
                "traceparent": self.traceparent,
                "data": {
                    "id": todo.id,
                    "title": todo.title,
                    "completed": todo.completed,
                    "version": todo.version,
                },
            },
            ensure_ascii=False,
        ).encode()


def type_of(kind: str) -> str:
    """Return the CloudEvents type of a kind of event."""
    return f"{kind}.v1"
