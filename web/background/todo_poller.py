"""The poller: one reader for the whole room, however many browsers there are."""

import logging
import time
from threading import Event

from chassis.errors import ServerUnavailable
from web.background.newest_window import WINDOW, NewestWindow
from web.background.todo_page import Page
from web.background.todo_pages import TodoPages, Unusable
from web.gateway import Gateway
from web.journeys.journeys import Journeys
from web.journeys.reads import Read
from web.own_time import OwnTime
from web.room.messages import read_message
from web.room.room import Room

MOST_SINGLE_READS = 20
FOLLOWED_FOR_NS = 30_000_000_000
# How soon a new interval takes effect.
LOOK_INTERVAL_S = 0.1

log = logging.getLogger(__name__)


class TodoPoller:
    """Reads the newest todos again and again, as a user's page would.

    Args:
        gateway: the way to the query service.
        journeys: what each read is folded into.
        room: gets what was read.
        own_time: the time of that.
        interval_ms: how long to wait between two reads.
    """

    def __init__(
        self,
        gateway: Gateway,
        journeys: Journeys,
        room: Room,
        own_time: OwnTime,
        interval_ms: int,
    ) -> None:
        self._own_time = own_time
        self._pages = TodoPages(gateway)
        self._window = NewestWindow(self._read_page, self._pages.is_any_beyond)
        self._journeys = journeys
        self._room = room
        self.set_interval(interval_ms)
        self._after = 0
        self._page: Page | None = None
        self._error: str | None = None

    def set_interval(self, interval_ms: int) -> None:
        """Change the wait between two reads, even the one under way, and announce it."""
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
        asked_ns = self._own_time.now_ns()
        try:
            page = self._read_window()
            since_ns = asked_ns - FOLLOWED_FOR_NS
            for todo_id in self._journeys.under_way(self._after, MOST_SINGLE_READS, since_ns):
                self._fold(self._pages.one(todo_id))
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
        read = Read(asked_ns, self._own_time.now_ns(), self._after, None, None)
        self._room.tell("read", read_message(read, status, todos, more=False, error=error))

    def _read_window(self) -> Page:
        page = self._read_page(self._after, self._page)
        emptied = self._after > 0 and len(page.todos) < WINDOW // 2
        if page.full or emptied:
            self._after = self._window.after(0) if emptied else self._window.beyond(page)
            page = self._read_page(self._after)
        self._page = page
        return page

    def _read_page(self, after: int, known: Page | None = None) -> Page:
        page = self._pages.page(after, known)
        self._fold(page.read)
        return page

    def _fold(self, read: Read) -> None:
        self._room.tell_hops(self._journeys.add_read(read))
