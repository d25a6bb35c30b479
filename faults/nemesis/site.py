"""Where something is broken, and by which chance."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from chassis.sessions import direct_session
from stack.errors import StackError
from stack.local import LocalStack

T = TypeVar("T")

# A busy machine gets there too.
WITHIN_S = 60.0
POLL_S = 0.02


class CannotDo(Exception):
    """A fault could not be made, so nothing can be said of it."""


@dataclass(frozen=True)
class Site:
    """The stack that is broken.

    Attributes:
        stack: the stack.
        chance: decides when, and how often.
        clocks: by process, the file that says by how much its clock is set; if it can be.
    """

    stack: LocalStack
    chance: random.Random
    clocks: dict[str, Path]

    def until(self, condition: Callable[[], T], what: str, within_s: float = WITHIN_S) -> T:
        """Return what a condition comes to once it is true. Raises CannotDo if it is not in time.

        Args:
            condition: asked again and again; a StackError or OSError means not yet.
            what: what is waited for, in words.
            within_s: for how long.
        """
        deadline_s = time.monotonic() + within_s
        while True:
            try:
                if found := condition():
                    return found
            except (StackError, OSError) as error:
                what = f"{what} ({error})" if time.monotonic() > deadline_s else what
            if time.monotonic() > deadline_s:
                raise CannotDo(f"not within {within_s:.0f} s: {what}")
            time.sleep(POLL_S)

    def last(self, least_s: float, most_s: float) -> None:
        """Let time pass while something is broken."""
        threading.Event().wait(self.chance.uniform(least_s, most_s))

    def put(self, url: str, body: dict[str, Any]) -> None:
        """Set a switch at a process itself. Raises CannotDo."""
        with direct_session() as http:
            headers = self.stack.lab_headers
            answer = self.until(lambda: http.put(url, json=body, headers=headers, timeout=5), url)
        if not answer.ok:
            raise CannotDo(answer.text)

    def living(self, name: str) -> int:
        """Return the pid of a program, once it runs."""
        return self.until(lambda: self.stack.pid(name) or 0, f"{name} runs")

    def accepts(self, *names: str) -> None:
        """Return once these take requests."""
        for name in names:
            self.until(lambda: self.stack.accepts(name), f"{name} takes requests")  # noqa: B023


# Breaks something, and returns when the cause is gone. Raises CannotDo.
Fault = Callable[[Site], None]
OURS: Sequence[str] = ("command-service", "relay", "projector", "query-service", "web")
SERVERS: Sequence[str] = ("postgresql", "rabbitmq", "mongodb")
