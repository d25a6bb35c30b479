"""The poller: one reader for the whole room, however many browsers there are."""

import logging
from threading import Event

from chassis.errors import ServerUnavailable
from web.background.newest_window import WINDOW, NewestWindow
from web.background.read_plan import ReadPlan
from web.background.todo_page import Page
from web.background.todo_pages import TodoPages, Unusable
from web.gateway import Gateway
from web.journeys.journeys import Journeys
from web.journeys.reads import Read
from web.news import News
from web.own_time import OwnTime
from web.room.messages import read_message
from web.room.room import Room

MOST_SINGLE_READS = 20
FOLLOWED_FOR_NS = 30_000_000_000
ANY_TODO = 2**63 - 1

log = logging.getLogger(__name__)


class TodoPoller:
    """Reads the newest todos again and again, as a user's page would, while there may be news.

    Args:
        gateway: the way to the query service.
        journeys: what each read is folded into.
        room: gets what was read.
        own_time: the time of that.
        news: that something has happened.
        interval_ms: how long to wait between two reads.
    """

    def __init__(
        self,
        gateway: Gateway,
        journeys: Journeys,
        room: Room,
        own_time: OwnTime,
        news: News,
        interval_ms: int,
    ) -> None:
        self._own_time = own_time
        self._plan = ReadPlan(interval_ms * 1_000_000, own_time.now_ns())
        self._is_planned_anew = Event()
        self._pages = TodoPages(gateway)
        self._window = NewestWindow(self._read_page, self._pages.is_any_beyond)
        self._journeys = journeys
        self._room = room
        self.set_interval(interval_ms)
        self._after = 0
        self._page: Page | None = None
        self._error: str | None = None
        news.to(self._expect)

    def set_interval(self, interval_ms: int) -> None:
        """Change the wait between two reads, even the one under way, and announce it."""
        self._plan.interval_ns = interval_ms * 1_000_000
        self._is_planned_anew.set()
        self._room.tell("poll", {"interval_ms": interval_ms})

    def _expect(self, since_ns: int) -> None:
        due_ns = self._plan.due_ns()
        self._plan.expect(since_ns)
        if self._plan.due_ns() < due_ns:
            self._is_planned_anew.set()

    def run(self, stop: Event) -> None:
        """Poll until stopped. No failure ends it."""
        while not stop.is_set():
            left_ns = self._plan.due_ns() - self._own_time.now_ns()
            if left_ns > 0:
                self._is_planned_anew.wait(left_ns / 1e9)
                self._is_planned_anew.clear()
                continue
            was_expected = self._plan.begin()
            goes_on = False
            try:
                # A change of which nothing was heard is not traced, and may go on.
                is_surprise = self.poll() and not was_expected
                goes_on = is_surprise or self._is_any_under_way()
            except Exception:
                log.exception("a poll failed")
            self._plan.end(self._own_time.now_ns(), goes_on=goes_on)

    def poll(self) -> bool:
        """Read the window once, then the todos below it that have a journey under way.

        Returns:
            Whether the window has changed.
        """
        asked_ns = self._own_time.now_ns()
        try:
            page = self._read_window()
            since_ns = asked_ns - FOLLOWED_FOR_NS
            for todo_id in self._journeys.under_way(self._after, MOST_SINGLE_READS, since_ns):
                self._fold(self._pages.one(todo_id))
        except ServerUnavailable as error:
            self._failed(asked_ns, None, error.reason)
            return False
        except Unusable as error:
            self._failed(asked_ns, error.answer.status, str(error))
            return False
        if page.changed or self._error:
            message = read_message(page.read, 200, page.todos, more=page.full, error=None)
            self._room.tell("read", message)
        self._error = None
        return page.changed

    def _is_any_under_way(self) -> bool:
        since_ns = self._own_time.now_ns() - FOLLOWED_FOR_NS
        return bool(self._journeys.under_way(ANY_TODO, 1, since_ns))

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
