"""The projection: what each kind of event means for the read model. No I/O.

Every event carries the whole state of its todo, so one event is enough to know the document after
it. Whether that document is written is decided in `idempotence.py`.
"""

from typing import Any

from query_service.events import TodoEvent

Document = dict[str, Any]


def document_after(event: TodoEvent) -> Document:
    """Return the document that the read model holds once the event is applied."""
    todo = event.todo
    match event.type:
        case "todo.created.v1" | "todo.renamed.v1" | "todo.completed.v1" | "todo.reopened.v1":
            return {
                "_id": todo.id,
                "title": todo.title,
                "completed": todo.completed,
                "version": todo.version,
            }
        case "todo.deleted.v1":
            # A tombstone keeps the version, or an event that comes late would bring the todo back.
            return {"_id": todo.id, "version": todo.version, "deleted": True}
