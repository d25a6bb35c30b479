"""The command service's event feed, from which a read model is filled and rebuilt."""

import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar
from urllib.parse import urlencode

import requests

from chassis.errors import first_line
from chassis.sessions import direct_session
from query_service.events import TodoEvent

# Bounds the memory: at most two chunks of events at a time, never the whole log.
CHUNK = 20_000
READ_BYTES = 1 << 20
# A transaction that is still open ends soon.
AGAIN_AFTER_S = 0.02


E = TypeVar("E", bound=TodoEvent)


class FeedUnavailable(Exception):
    """The command service's event feed cannot be read."""


class Feed(Generic[E]):
    """The event feed; each reading resumes where the last one ended.

    Args:
        url: where the command service is.
        parse: reads one event of it. Raises BadEvent.
    """

    def __init__(self, url: str, parse: Callable[[bytes], E]) -> None:
        self._parse = parse
        self._url = f"{url.rstrip('/')}/events"
        self._session = direct_session()
        self._position = ""
        self.length = 0
        self.read = 0
        self.settled_before = 0
        self.next_transaction = 0

    def chunks(self) -> Iterator[list[E]]:
        """Read on to the end, and yield the events in chunks. Raises FeedUnavailable."""
        try:
            yield from self._chunks()
        except requests.RequestException as error:
            raise FeedUnavailable(f"{self._url}: {first_line(error)}") from error

    def chunks_up_to_now(self) -> Iterator[list[E]]:
        """Read on to all that was committed when this was called, however much comes meanwhile.

        Raises FeedUnavailable.
        """
        goal: int | None = None
        while goal is None or self.settled_before < goal:
            yield from self.chunks()
            if goal is None:
                goal = self.next_transaction
            elif self.settled_before < goal:
                time.sleep(AGAIN_AFTER_S)

    def todos(self) -> int:
        """Return how many todos the write side has now. Raises FeedUnavailable."""
        try:
            answer = self._session.get(f"{self._url}/summary", timeout=60)
            answer.raise_for_status()
            return int(answer.json()["todos"])
        except (requests.RequestException, LookupError) as error:
            raise FeedUnavailable(f"{self._url}/summary: {first_line(error)}") from error

    def _chunks(self) -> Iterator[list[E]]:
        query = f"?{urlencode({'after': self._position})}" if self._position else ""
        with self._session.get(self._url + query, stream=True, timeout=30) as answer:
            answer.raise_for_status()
            self.length = int(answer.headers["Log-Length"])
            self.settled_before = int(answer.headers["Log-Settled-Before"])
            self.next_transaction = int(answer.headers["Log-Next-Transaction"])
            lines: list[bytes] = []
            rest = b""
            for block in answer.iter_content(READ_BYTES):
                *whole, rest = (rest + block).split(b"\n")
                lines += whole
                while len(lines) >= CHUNK:
                    yield self._events(lines[:CHUNK])
                    del lines[:CHUNK]
            if lines:
                yield self._events(lines)

    def _events(self, lines: list[bytes]) -> list[E]:
        events = [self._parse(line) for line in lines]
        self._position = events[-1].position
        self.read += len(events)
        return events
