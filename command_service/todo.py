"""1. The aggregate: a todo, and the rules that decide which events a command causes. No I/O."""

import unicodedata
from dataclasses import dataclass, replace

MAX_TITLE_CHARACTERS = 200

CREATED = "todo.created"
RENAMED = "todo.renamed"
COMPLETED = "todo.completed"
REOPENED = "todo.reopened"
DELETED = "todo.deleted"
KINDS = (CREATED, RENAMED, COMPLETED, REOPENED, DELETED)


class InvalidTitle(ValueError):
    """A title that no todo can have; says why."""


@dataclass(frozen=True)
class Todo:
    """A todo as it is after its newest event."""

    id: int
    title: str
    completed: bool
    version: int


@dataclass(frozen=True)
class Happened:
    """What a command caused: the kind of event, and the whole state after it."""

    kind: str
    todo: Todo


def title_of(text: str) -> str:
    """Return the title without white space around it.

    Raises InvalidTitle where it is empty, too long, or has characters that are not text.
    """
    title = text.strip()
    if not title:
        raise InvalidTitle("The title is empty.")
    if len(title) > MAX_TITLE_CHARACTERS:
        raise InvalidTitle(
            f"The title has {len(title)} characters; at most {MAX_TITLE_CHARACTERS} are allowed."
        )
    if title.isascii() and title.isprintable():
        return title
    for character in title:
        # Cc: control characters. Cs: a lone surrogate, which is no character and has no UTF-8.
        if unicodedata.category(character) in {"Cc", "Cs"}:
            raise InvalidTitle(f"The title has the character U+{ord(character):04X} in it.")
    return title


def change(todo: Todo, title: str | None, completed: bool | None) -> list[Happened]:
    """Decide what a change causes: an event for each thing that really changes, maybe none.

    Args:
        todo: the todo before.
        title: the wanted title, None to leave it.
        completed: whether it is wanted done, None to leave it.
    """
    happened: list[Happened] = []
    if title is not None and title != todo.title:
        todo = replace(todo, title=title, version=todo.version + 1)
        happened.append(Happened(RENAMED, todo))
    if completed is not None and completed != todo.completed:
        todo = replace(todo, completed=completed, version=todo.version + 1)
        happened.append(Happened(COMPLETED if completed else REOPENED, todo))
    return happened


def delete(todo: Todo) -> Happened:
    """Decide what a deletion causes. The event carries the state that the todo had last."""
    return Happened(DELETED, replace(todo, version=todo.version + 1))
