"""Whether both stores agree, about every todo, and what would cure it if they do not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from web.gateway import Gateway
from web.own_time import OwnTime
from web.room.messages import Message
from web.truths.sides import agree, alive, by_todo, is_answered, window

AT_ONCE = 1_000
# A sentence for each of some hundred todos is more than anybody reads.
MOST_NAMED = 200

LETTERS = "Retry the dead letters."
REBUILD = "Rebuild the read model from the log: python -m query_service.rebuild"


@dataclass(frozen=True)
class Agreement:
    """What a comparison of both stores came to.

    Args:
        is_final: whether nothing that is under way could change it.
        why_not: what is under way, or does not answer, if it is not.
        compared: how many todos there are on either side.
        differing: how many differ.
        todos: some of those, each with both sides and what would cure it.
        dead_letters: how many events are parked.
    """

    is_final: bool
    why_not: str = ""
    compared: int = 0
    differing: int = 0
    todos: list[Message] = field(default_factory=list)
    dead_letters: int = 0

    @property
    def agree(self) -> bool:
        """Return whether both stores hold the same, for good."""
        return self.is_final and not self.differing

    def told(self) -> dict[str, Any]:
        """Return it as an answer says it."""
        cures = sorted({it["cure"] for it in self.todos})
        return {
            "agree": self.agree,
            "final": self.is_final,
            "why_not": self.why_not or None,
            "compared": self.compared,
            "differing": self.differing,
            "todos": self.todos,
            "dead_letters": self.dead_letters,
            "cures": cures,
        }


class Comparison:
    """Compares both stores, and knows whether the result is for good: see web/truths/proof.py.

    Unlike there, a dead letter is no event under way: it waits until somebody decides.

    Args:
        gateway: the way to the processes.
        own_time: the time of what they answer.
    """

    def __init__(self, gateway: Gateway, own_time: OwnTime) -> None:
        self._gateway = gateway
        self._own_time = own_time

    def look(self) -> Agreement:
        """Compare every todo once."""
        log = self._gateway.value("command-service", "/lab/log")
        if not isinstance(log, dict):
            return Agreement(False, "The command service does not answer.")
        if log["outbox"] or log.get("publishing"):
            where = "in the outbox" if log["outbox"] else "for the command service itself"
            return Agreement(False, f"Events wait {where}.")
        idle = self._gateway.value("projector", "/lab/idle")
        if not isinstance(idle, dict) or idle.get("idle") is not True:
            return Agreement(False, "Events wait in the queue, or in the projector's hands.")
        letters = int(idle.get("dead_letters") or 0)
        found = self.compared("todos", letters)
        if found is None:
            return Agreement(False, "A store does not answer.")
        compared, differing = found
        since = self._gateway.value("command-service", f"/lab/log?since={quote(log['snapshot'])}")
        if not isinstance(since, dict) or since["written_since"] or since.get("publishing"):
            return Agreement(False, "Somebody is writing.")
        named = differing[:MOST_NAMED]
        return Agreement(True, "", compared, len(differing), named, letters)

    def compared(self, model: str, letters: int = 0) -> tuple[int, list[Message]] | None:
        """Compare every todo with a read model, whatever is under way.

        Args:
            model: the read model.
            letters: how many events are parked, for what would cure it.

        Returns:
            How many there are on either side, and those that differ; None if a side is away.
        """
        after, compared, differing = 0, 0, list[Message]()
        while True:
            both = window(self._gateway, self._own_time, after, AT_ONCE, model)
            if not is_answered(both):
                return None
            todos = by_todo(both)
            compared += sum(1 for row, document in todos.values() if row or alive(document))
            differing += [
                _differs(todo_id, row, document, letters)
                for todo_id, (row, document) in sorted(todos.items())
                if not agree(row, document)
            ]
            if both["upto"] is None:
                return compared, differing
            after = both["upto"]


def _differs(
    todo_id: int,
    row: Mapping[str, Any] | None,
    document: Mapping[str, Any] | None,
    letters: int,
) -> Message:
    if row is None:
        says = "MongoDB has it, and PostgreSQL does not."
    elif document is None:
        says = "PostgreSQL has it, and MongoDB does not."
    else:
        says = f"PostgreSQL has version {row['version']}, MongoDB {document['version']}."
    cure = LETTERS if letters else REBUILD
    sides = {"postgresql": row, "mongodb": document}
    return {"id": todo_id, "says": says, **sides, "cure": cure}
