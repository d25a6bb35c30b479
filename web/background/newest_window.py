"""The newest window: where the newest todos begin, found by looking at a few places. Pure."""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from web.background.todo_page import Page

# A full page says nothing about what comes after it, not even through its ETag, so the window is
# smaller than a page. Once it fills a page, it has to be found again.
WINDOW = 700


@dataclass(frozen=True)
class NewestWindow:
    """Finds the id after which the newest todos begin.

    Args:
        read: reads the page above an id.
        is_any_beyond: says whether there is a todo above an id.
    """

    read: Callable[[int], Page]
    is_any_beyond: Callable[[int], bool]

    def beyond(self, full: Page) -> int:
        """Return where the window begins, given a full page; usually the next page is the last."""
        last = int(full.todos[-1]["id"])
        beyond = self.read(last)
        if beyond.full:
            return self.after(last)
        return int((full.todos + beyond.todos)[-WINDOW]["id"]) - 1

    def after(self, after: int) -> int:
        """Return where the window begins, without reading all todos above that id."""
        last, span = last_id(after, self.is_any_beyond), 2 * WINDOW
        while True:
            begin = max(after, last - span)
            newest = self._last_todos_after(begin)
            if len(newest) == WINDOW:
                return int(newest[0]["id"]) - 1
            if begin == after:
                return after
            # So many were deleted that there are fewer todos than ids.
            span *= 4

    def _last_todos_after(self, begin: int) -> list[Any]:
        """Walk on from there to the last page; return the window's todos, or fewer."""
        newest: list[Any] = []
        while True:
            page = self.read(begin)
            newest = (newest + page.todos)[-WINDOW:]
            if not page.full:
                return newest
            begin = page.todos[-1]["id"]


def last_id(after: int, is_any_beyond: Callable[[int], bool]) -> int:
    """Return the largest id by bisection, or `after` if there is none beyond it.

    Args:
        after: where to begin.
        is_any_beyond: says whether there is a larger id than this one.
    """
    high = after + 1
    while is_any_beyond(high):
        high += high - after
    return bisect_left(range(high), True, lo=after, key=lambda each: not is_any_beyond(each))
