"""8a. The poller: one reader for the whole room, however many browsers there are."""

import json
import logging
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any

from chassis.errors import ServerUnavailable
from web.gateway import Answer, Gateway
from web.journeys import Journeys
from web.messages import read_message
from web.room import Room
from web.seen import Read

# The query service's page. A full one says nothing of what comes after it, not even by its
# ETag, so the window that is followed is kept smaller. It has to be found anew when it is full.
PAGE = 1_000
WINDOW = 700
MOST_SINGLE_READS = 20
FOLLOWED_FOR_NS = 30_000_000_000
READ_TIMEOUT_S = 5.0
# How soon a new interval counts.
LOOK_INTERVAL_S = 0.1
HEALTH_INTERVAL_S = 1.0
HOLDS_INTERVAL_S = 0.25

log = logging.getLogger(__name__)


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


class Unusable(Exception):
    """The query service answered, and not with todos."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"answered {answer.status}")
        self.answer = answer


class TodoPoller:
    """Reads the newest todos again and again, as a user's page would.

    Args:
        gateway: the way to the query service.
        journeys: what each read is folded into.
        room: whom to tell.
        interval_ms: how long to wait between two reads.
    """

    def __init__(self, gateway: Gateway, journeys: Journeys, room: Room, interval_ms: int) -> None:
        self._gateway = gateway
        self._journeys = journeys
        self._room = room
        self.set_interval(interval_ms)
        self._after = 0
        self._page: Page | None = None
        self._error: str | None = None

    def set_interval(self, interval_ms: int) -> None:
        """Change how long to wait between two reads, also in the wait under way, and tell it."""
        self._interval_s = interval_ms / 1000
        self._room.tell("poll", {"interval_ms": interval_ms})

    def run(self, stop: Event) -> None:
        """Poll until stopped. No failure ends it."""
        polled_s = time.monotonic()
        while not stop.is_set():
            left_s = polled_s + self._interval_s - time.monotonic()
            if left_s > 0:
                stop.wait(min(left_s, LOOK_INTERVAL_S))
                continue
            try:
                self.poll()
            except Exception:
                log.exception("a poll failed")
            polled_s = time.monotonic()

    def poll(self) -> None:
        """Read the window once, then the todos below it that have a journey under way."""
        asked_ns = time.time_ns()
        try:
            page = self._read_window()
            since_ns = asked_ns - FOLLOWED_FOR_NS
            for todo_id in self._journeys.under_way(self._after, MOST_SINGLE_READS, since_ns):
                self._read_one(todo_id)
        except ServerUnavailable as error:
            self._failed(asked_ns, None, error.reason)
            return
        except Unusable as error:
            self._failed(asked_ns, error.answer.status, str(error))
            return
        if page.changed or self._error:
            message = read_message(page.read, 200, page.todos, more=page.full, error=None)
            self._room.tell("read", message)
        self._error = None

    def _failed(self, asked_ns: int, status: int | None, error: str) -> None:
        if error == self._error:
            return
        log.warning("cannot read todos: %s", error)
        self._error = error
        todos = self._page.todos if self._page else []
        read = Read(asked_ns, time.time_ns(), self._after, None, None)
        self._room.tell("read", read_message(read, status, todos, more=False, error=error))

    def _read_window(self) -> Page:
        page = self._read_page(self._after, self._page)
        emptied = self._after > 0 and len(page.todos) < WINDOW // 2
        if page.full or emptied:
            self._after = self._newest_window(0) if emptied else self._newest_after(page)
            page = self._read_page(self._after, None)
        self._page = page
        return page

    def _newest_after(self, full: Page) -> int:
        """Return the id after which the newest todos begin: mostly the next page has the last."""
        last = int(full.todos[-1]["id"])
        beyond = self._read_page(last, None)
        if beyond.full:
            return self._newest_window(last)
        return int((full.todos + beyond.todos)[-WINDOW]["id"]) - 1

    def _newest_window(self, after: int) -> int:
        """Return the id after which the newest todos begin, without reading all of them."""
        last, span = last_id(after, self._is_any_beyond), 2 * WINDOW
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
            page = self._read_page(begin, None)
            newest = (newest + page.todos)[-WINDOW:]
            if not page.full:
                return newest
            begin = page.todos[-1]["id"]

    def _is_any_beyond(self, todo_id: int) -> bool:
        path = f"/todos?limit=1&after={todo_id}"
        return bool(_todos_of(self._gateway.query(path, {}, READ_TIMEOUT_S)))

    def _read_page(self, after: int, known: Page | None) -> Page:
        headers = {"If-None-Match": known.etag} if known and known.etag else {}
        path = f"/todos?limit={PAGE}&after={after}"
        answer = self._gateway.query(path, headers, READ_TIMEOUT_S)
        if known and answer.status == 304:
            upto = known.read.upto
            read = Read(answer.asked_ns, answer.ended_ns, after, upto, None)
            page = Page(read, known.todos, known.etag, changed=False)
        else:
            todos = _todos_of(answer)
            states = {int(it["id"]): (str(it["title"]), bool(it["completed"])) for it in todos}
            upto = max(states) if len(todos) >= PAGE else None
            read = Read(answer.asked_ns, answer.ended_ns, after, upto, states)
            page = Page(read, todos, answer.headers.get("ETag", ""), changed=True)
        self._room.tell_hops(self._journeys.add_read(page.read))
        return page

    def _read_one(self, todo_id: int) -> None:
        answer = self._gateway.query(f"/todos/{todo_id}", {}, READ_TIMEOUT_S)
        states = {}
        if answer.status != 404:
            todo = _json(answer)
            states[todo_id] = (str(todo["title"]), bool(todo["completed"]))
        read = Read(answer.asked_ns, answer.ended_ns, todo_id - 1, todo_id, states)
        self._room.tell_hops(self._journeys.add_read(read))


def last_id(after: int, is_any_beyond: Callable[[int], bool]) -> int:
    """Return the largest id by bisection, or `after` where there is none beyond it.

    Args:
        after: where to begin.
        is_any_beyond: tells whether there is a larger id than this one.
    """
    high = after + 1
    while is_any_beyond(high):
        high += high - after
    return bisect_left(range(high), True, lo=after, key=lambda each: not is_any_beyond(each))


def _json(answer: Answer) -> Any:
    if answer.status != 200:
        raise Unusable(answer)
    try:
        return json.loads(answer.body)
    except ValueError as error:
        raise Unusable(answer) from error


def _todos_of(answer: Answer) -> list[Any]:
    todos = _json(answer)
    if not isinstance(todos, list):
        raise Unusable(answer)
    return todos


class Watch:
    """Asks one process how it is, what its store or queue holds, and what the lab does to it.

    Args:
        gateway: the way to the process.
        room: whom to tell.
        process: its name.
        lab: whether there is a /lab to ask.
    """

    def __init__(self, gateway: Gateway, room: Room, process: str, *, lab: bool) -> None:
        self._gateway = gateway
        self._room = room
        self._process = process
        self._lab = lab

    def run(self, stop: Event) -> None:
        """Ask until stopped. No failure ends it."""
        rounds = round(HEALTH_INTERVAL_S / HOLDS_INTERVAL_S)
        turn = 0
        while not stop.is_set():
            try:
                if turn % rounds == 0:
                    self._room.tell_of("health", self._process, self._health())
                if self._lab:
                    self._tell_lab()
            except Exception:
                log.exception("asking %s failed", self._process)
            turn += 1
            stop.wait(HOLDS_INTERVAL_S)

    def _health(self) -> Mapping[str, Any]:
        try:
            answer = json.loads(self._gateway.probe(self._process, "/readyz").body)
            checks = dict(answer["checks"])
        except ServerUnavailable as error:
            return {"up": False, "checks": None, "error": error.reason}
        except (ValueError, LookupError, TypeError):
            return {"up": False, "checks": None, "error": "did not answer as it should"}
        # A driver's own words are no sentence for a wall; they stay in the process's /readyz.
        told = {name: it if it == "ok" else "cannot be reached" for name, it in checks.items()}
        return {"up": True, "checks": told}

    def _tell_lab(self) -> None:
        lab = self._gateway.value(self._process, "/lab")
        known = lab if isinstance(lab, dict) else {}
        for what in ("holds", "switches"):
            self._room.tell_of(what, self._process, known.get(what))
