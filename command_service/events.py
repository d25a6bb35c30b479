"""Events as they are written, and as they travel: CloudEvents 1.0, JSON, structured mode.

PostgreSQL makes the envelope, in the view `cloud_events`; the relay and the event
feed pass it on as it is.
"""

from dataclasses import dataclass

from command_service.todo import Happened

CONTENT_TYPE = "application/cloudevents+json"
EXCHANGE = "todo.events"


@dataclass(frozen=True)
class Written:
    """An event that a transaction has committed."""

    event_id: str
    happened: Happened
    schema_version: int = 1


@dataclass(frozen=True)
class Event:
    """An event on its way out: its position in the outbox, and `cloud_event` as it travels.

    The kind, such as `todo.created`, is the routing key; the traceparent is the command's. Only the
    lab writes another schema version than the first.
    """

    position: int
    id: str
    kind: str
    todo_id: int
    version: int
    traceparent: str
    cloud_event: str
    schema_version: int = 1


def type_of(kind: str, schema_version: int = 1) -> str:
    """Return the CloudEvents type of a kind of event, which names the version of its shape."""
    return f"{kind}.v{schema_version}"
