"""9. The room: everyone who looks at the page is told the same, in batches."""

import logging
import time
from threading import Event
from typing import Any

from flask_socketio import SocketIO

from web.journeys import Change, Journeys
from web.messages import Message, hops_message, journey_message

BATCH_INTERVAL_S = 0.05
NEWEST_JOURNEYS = 500
# Two seconds' worth of batches. Who is further behind comes back, and is told anew.
MOST_UNSENT = 40
# A burst goes out in parts, so that none of them holds up what comes after it.
MOST_HOPS_IN_BATCH = 2_000

log = logging.getLogger(__name__)


class Room:
    """Gathers what is new and tells it to every browser.

    Args:
        socketio: the way to the browsers.
        journeys: what a joining browser is given.
        lab: whether the lab is on.
        poll_interval_ms: how often the poller reads.
    """

    def __init__(
        self, socketio: SocketIO, journeys: Journeys, *, lab: bool, poll_interval_ms: int
    ) -> None:
        self._socketio = socketio
        self._journeys = journeys
        self._facts: Message = {"poll_interval_ms": poll_interval_ms, "lab": lab}
        self._hops: list[Change] = []
        self._latest: dict[str, Message | None] = {"read": None, "health": {}, "holds": {}}
        self._unsent: dict[str, None] = {}

    def welcome(self) -> Message:
        """Return what a browser that joins has to know."""
        journeys = [journey_message(it) for it in self._journeys.newest(NEWEST_JOURNEYS)]
        now_ms = time.time_ns() / 1e6
        return {"now_ms": now_ms, **self._facts, "journeys": journeys, **self._latest}

    def tell_hops(self, changes: list[Change]) -> None:
        """Tell what is new of journeys with the next batch."""
        self._hops += changes

    def tell(self, what: str, message: Message) -> None:
        """Tell the latest read, health or holds with the next batch; an older one is dropped."""
        self._latest[what] = message
        self._unsent[what] = None

    def tell_of(self, what: str, process: str, value: Any) -> None:
        """Tell the health or holds of one process, if it has changed."""
        message = self._latest[what] or {}
        if process not in message or message[process] != value:
            self.tell(what, {**message, process: value})

    def run(self, stop: Event) -> None:
        """Send a batch whenever there is something to tell, at most 20 times a second."""
        while not stop.wait(BATCH_INTERVAL_S):
            try:
                self.send()
            except Exception:
                log.exception("a batch was not sent")

    def send(self) -> None:
        """Send what has gathered since the last batch."""
        if not self._hops and not self._unsent:
            return
        self._drop_slow_browsers()
        unsent, self._unsent = self._unsent, {}
        hops, self._hops = self._hops, []
        for what in unsent:
            self._socketio.emit(what, self._latest[what])
        for first in range(0, len(hops), MOST_HOPS_IN_BATCH):
            part = hops[first : first + MOST_HOPS_IN_BATCH]
            self._socketio.emit("hops", hops_message(part, time.time_ns()))

    def _drop_slow_browsers(self) -> None:
        # Socket.IO queues without a bound for a browser that does not read.
        for browser in list(self._socketio.server.eio.sockets.values()):
            if browser.queue.qsize() > MOST_UNSENT and not browser.closed:
                log.info("a browser is too slow and has to join again")
                while not browser.queue.empty():
                    browser.queue.get_nowait()
                browser.close(wait=False)
