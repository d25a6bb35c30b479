"""The aggregate: a todo, and the rules that decide which events a command causes. No I/O."""

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Self

MAX_TITLE_CHARACTERS = 200

CREATED = "todo.created"
RENAMED = "todo.renamed"
COMPLETED = "todo.completed"
REOPENED = "todo.reopened"
DELETED = "todo.deleted"
KINDS = (CREATED, RENAMED, COMPLETED, REOPENED, DELETED)


class InvalidTitle(ValueError):
    """A title that no todo can have; the text says why."""


class Title(str):
    """A title that a todo can have. Commands take no other string, so the rules hold for all."""

    __slots__ = ()

    def __new__(cls, typed: str) -> Self:
        """Return what was typed, without the white space around it, and in Unicode's form NFC.

        Raises InvalidTitle if it shows nothing, is too long, or has characters that are not text.
        """
        title = typed.strip()
        if not title:
            raise InvalidTitle("The title is empty.")
        # NFC makes one of at most four characters, and takes long if there are very many.
        _check_length(title, 4 * MAX_TITLE_CHARACTERS)
        if not (title.isascii() and title.isprintable()):
            # The same word, typed on two systems, is the same title (Unicode, UAX #15).
            title = unicodedata.normalize("NFC", title)
            _check_characters(title)
        _check_length(title, MAX_TITLE_CHARACTERS)
        return super().__new__(cls, title)


def _check_length(title: str, most: int) -> None:
    if len(title) > most:
        size = f"The title has {len(title)} characters"
        raise InvalidTitle(f"{size}; at most {MAX_TITLE_CHARACTERS} are allowed.")


# What shows nothing: white space, zero-width characters, soft hyphens, bidi controls, fillers. Not
# by Unicode's categories, as a character of tomorrow, such as an emoji, has none in today's Python.
# The contract has the same. Source: White_Space, Default_Ignorable_Code_Point and the category Cf
# in the Unicode Character Database (16.0), and the blank Braille pattern.
_BLANK = re.compile(
    "[\x00-\x20\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890-\u0891\u08e2\u115f-\u1160\u1680"
    "\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def _check_characters(title: str) -> None:
    shows = False
    for character in title:
        # Cc: control characters. Cs: a lone surrogate, which is no character and has no UTF-8.
        if unicodedata.category(character) in {"Cc", "Cs"}:
            raise InvalidTitle(f"The title has the character U+{ord(character):04X} in it.")
        shows = shows or not _BLANK.match(character)
    if not shows:
        raise InvalidTitle("The title has no character that can be seen.")


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


@dataclass(frozen=True)
class NewTodo:
    """A creation that is decided and has no id yet: the store gives it one as it writes it."""

    kind: str
    title: Title
    completed: bool
    version: int

    def with_id(self, todo_id: int) -> Happened:
        """Return what happened, now that the id is known."""
        return Happened(self.kind, Todo(todo_id, self.title, self.completed, self.version))


def create(title: Title) -> NewTodo:
    """Decide what a creation causes: a todo that is yet to be done, at its first version."""
    return NewTodo(CREATED, title, completed=False, version=1)


def change(todo: Todo, title: Title | None, completed: bool | None) -> list[Happened]:
    """Decide what a change causes: one event for each thing that really changes, perhaps none.

    Args:
        todo: the todo before.
        title: the new title, None to leave it.
        completed: whether it is done now, None to leave it.
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
