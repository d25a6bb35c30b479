"""Turns: long work on many things lets the other requests have theirs in between."""

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

# Some milliseconds of work.
AT_A_TIME = 100


def in_turns(items: Iterable[T]) -> Iterator[T]:
    """Give the items, and after some of them each time, let others run."""
    for number, item in enumerate(items, 1):
        yield item
        if number % AT_A_TIME == 0:
            # Eventlet's, which runs whoever is ready.
            time.sleep(0)
