"""A run that is being played: what its actions share."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from web.lessons.lesson import Condition, Protection
from web.lessons.requests import Known
from web.lessons.run import Run


class Refused(Exception):
    """An action was not carried out; the text says why.

    Args:
        why: the reason.
        by_hand: whether somebody can do it by typing a command.
    """

    def __init__(self, why: str, *, by_hand: bool = False) -> None:
        super().__init__(why)
        self.by_hand = by_hand


@dataclass
class Playing:
    """A run that is being played.

    Args:
        id: makes its keys its own.
        run: what it has come to.
        protections: how its commands and reads are protected.
        meets: measures a condition; returns whether it holds, and what was seen.
        changed: is called when something has changed that can be seen.
        stop: set when no more is to be done.
        versions: the version of a todo that a reader has read, by reader and todo.
        lock: held while the run is changed.
        aside: what is done in the background.
        number: how many actions were begun.
    """

    id: str
    run: Run
    protections: frozenset[Protection]
    meets: Callable[[Condition], tuple[bool, str]]
    changed: Callable[[], None]
    stop: threading.Event = field(default_factory=threading.Event)
    versions: dict[tuple[str, str], int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    aside: list[threading.Thread] = field(default_factory=list)
    number: int = 0

    def known(self, number: int) -> Known:
        """Return what is known when an action is sent, by its number in the run."""
        with self.lock:
            newest: dict[int, int] = {}
            for it in self.run.sent:
                if it.todo_id is not None and it.version is not None:
                    version = max(it.version, newest.pop(it.todo_id, 0))
                    newest[it.todo_id] = version
            return Known(
                run=self.id,
                number=number,
                todos=dict(self.run.todos),
                tokens=tuple(f"{todo}.{version}" for todo, version in newest.items()),
                versions=dict(self.versions),
                protections=self.protections,
            )
