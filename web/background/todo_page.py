"""A page of todos, as the query service answered it. Pure."""

from dataclasses import dataclass
from typing import Any

from web.journeys.reads import Read

# The query service's largest page.
PAGE = 1_000


@dataclass(frozen=True)
class Page:
    """One page of todos, as it was read."""

    read: Read
    todos: list[Any]
    etag: str
    changed: bool

    @property
    def full(self) -> bool:
        """Whether there may be more after it."""
        return len(self.todos) >= PAGE
