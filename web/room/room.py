"""The room: every browser that shows the page is sent the same, in batches."""

import logging
import math
import time
from collections import deque
from collections.abc import Mapping
from threading import Event
from typing import Any

from flask_socketio import SocketIO

from chassis.clock import LEAST_CHANGE_NS
from web.journeys.faults import Firing, Firings
from web.journeys.journey import SEEN, Change
from web.journeys.journeys import Journeys
from web.news import News
from web.own_time import OwnTime
from web.room.kept_reads import KeptReads
from web.room.messages import Message, firings_message, hops_message, journey_message, read_since
from web.room.packets import Encoded
from web.room.samples import Samples

BATCH_INTERVAL_S = 0.03
# Pages that join within that time are welcomed with one message: it is over a megabyte, takes more
# than a batch's time to make, and a class opens its pages within seconds.
WELCOMES_APART_S = 0.5
# At rest, a batch is looked for that often: the clock may have been set.
REST_INTERVAL_S = 1.0
NEWEST_JOURNEYS = 500
NEWEST_PROBES = 1_000
NEWEST_FIRINGS = 500
# Every switch ends by itself within that: a firing of which nothing more is heard has ended too.
LONGEST_FIRING_NS = 600_000_000_000
# As much of the past as the charts show.
PAST_MS = 300_000
# Two seconds' worth of batches. A browser further behind comes back and is welcomed again.
MOST_UNSENT = 40
# A burst goes out in parts, so that none of them delays what comes after it.
MOST_HOPS_IN_BATCH = 2_000
# Values that change faster than anyone can read them are sent less often.
LEAST_APART_S = {"holds": 0.25, "switches": 0.25, "burst": 0.1, "lesson": 0.25, "rerun": 0.1}

log = logging.getLogger(__name__)


class Room:
    """Gathers what is new and sends it to every browser.

    Args:
        socketio: the way to the browsers.
        journeys: what a joining browser is given.
        firings: likewise, what the lab's switches did.
        own_time: the time of all that is sent.
        news: is told what happens, and who joins.
        lab: whether the lab is on.
        ports: where each service can be reached, for the page's curl commands.
    """

    def __init__(
        self,
        socketio: SocketIO,
        journeys: Journeys,
        firings: Firings,
        own_time: OwnTime,
        news: News,
        *,
        lab: bool,
        ports: Mapping[str, int],
    ) -> None:
        self._socketio = socketio
        self._journeys = journeys
        self._firings = firings
        self._own_time = own_time
        self._news = news
        self._has_something = Event()
        self._always = {"lab": lab, "ports": dict(ports)}
        self._hops: list[Change] = []
        self._fired: dict[str, Firing] = {}
        self._probes: list[Message] = []
        self._newest_probes: deque[Message] = deque(maxlen=NEWEST_PROBES)
        self._past = {"holds": Samples(), "health": Samples(), "switches": Samples()}
        self._latest: dict[str, Any] = {
            "read": None,
            "health": {},
            "holds": {},
            "switches": {},
            "programs": {},
            "burst": None,
            "mending": None,
            "lesson": None,
            "back": None,
            "rerun": None,
        }
        self._unsent: dict[str, None] = {}
        self._due_s: dict[str, float] = {}
        self._reads = KeptReads()
        self._sent_read: Message | None = None
        self._joining: list[str] = []
        self._welcomed_s = -math.inf
        self._day_ahead_ms = own_time.day_ahead_ms()

    def join(self, sid: str) -> None:
        """Let a browser in: it is welcomed with all that join by then, and told nothing before."""
        self._joining.append(sid)
        self._has_something.set()
        self._news.tell(self._own_time.now_ns())

    def go_back(self, at_ms: float) -> None:
        """Let every browser forget what came after a moment, and welcome it again.

        One that is away just now learns it when it comes back.
        """
        self._hops.clear()
        self._fired.clear()
        self._probes.clear()
        kept = [it for it in self._newest_probes if it["at_ms"] <= at_ms]
        self._newest_probes.clear()
        self._newest_probes += kept
        self.tell("back", {"at_ms": at_ms, "done_ms": self._own_time.now_ms()})
        for sid, _ in self._socketio.server.manager.get_participants("/", None):
            self._joining.append(sid)
        # What they show is no longer so: that is said at once.
        self._welcomed_s = -math.inf

    def is_empty(self) -> bool:
        """Return whether no page is open."""
        return not any(self._socketio.server.manager.get_participants("/", None))

    def reads(self) -> list[Message]:
        """Return the last reads, the oldest first."""
        return self._reads.all()

    def past(self, since_ms: float = 0.0) -> Message:
        """Return the holds, health and switches sent since then, as far as they are kept."""
        return {what: samples.since(since_ms) for what, samples in self._past.items()}

    def tell_hops(self, changes: list[Change]) -> None:
        """Send changes to journeys with the next batch."""
        if changes:
            self._hops += changes
            self._has_something.set()

    def tell_firings(self, firings: list[Firing]) -> None:
        """Send what switches did with the next batch; of each, what is known of it by then."""
        if firings:
            self._fired.update((firing.id, firing) for firing in firings)
            self._has_something.set()

    def note_up(self, process: str, asked_ns: int) -> None:
        """Send that a process which crashed is up again: it has answered what it was asked then."""
        self.tell_firings(self._firings.note_up(process, asked_ns))

    def tell_probes(self, probes: list[Message]) -> None:
        """Send what probe reads have found with the next batch."""
        if probes:
            self._probes += probes
            self._has_something.set()

    def tell(self, what: str, message: Message | None) -> None:
        """Send the latest of something with the next batch; an older one is dropped."""
        self._latest[what] = message
        self._unsent[what] = None
        self._has_something.set()
        if what == "read" and message:
            self._reads.add(message)

    def tell_of(self, what: str, process: str, value: Any) -> bool:
        """Send the health, holds or switches of one process, if they have changed.

        Returns:
            Whether they have.
        """
        message = self._latest[what] or {}
        if process in message and message[process] == value:
            return False
        self.tell(what, {**message, process: value})
        return True

    def run(self, stop: Event) -> None:
        """Send a batch whenever there is something to send, at most 33 times a second."""
        while not stop.is_set():
            began_s = time.monotonic()
            self._has_something.clear()
            try:
                self.send()
            except Exception:
                log.exception("a batch was not sent")
            stop.wait(max(0.0, BATCH_INTERVAL_S - (time.monotonic() - began_s)))
            self._has_something.wait(self._rest_s())

    def _rest_s(self) -> float:
        """Return how long there may be nothing to send."""
        due_s = [self._due_s.get(what, 0.0) - time.monotonic() for what in self._unsent]
        if self._joining:
            due_s.append(self._welcomed_s + WELCOMES_APART_S - time.monotonic())
        return max(0.0, min([REST_INTERVAL_S, *due_s]))

    def send(self) -> None:
        """Send what has gathered since the last batch."""
        self._send_clock()
        self._welcome()
        if self._hops or self._unsent or self._probes or self._fired:
            self._drop_slow_browsers()
            self._send_latest(time.monotonic())
            self._send_hops()
            self._send_firings()
            self._send_probes()

    def _send_clock(self) -> None:
        ahead_ms = self._own_time.day_ahead_ms()
        changed_by_ms = ahead_ms - self._day_ahead_ms
        if abs(changed_by_ms) * 1e6 < LEAST_CHANGE_NS:
            return
        self._day_ahead_ms = ahead_ms
        now_ms = self._own_time.now_ms()
        message = {"now_ms": now_ms, "changed_by_ms": changed_by_ms, "day_ahead_ms": ahead_ms}
        self._emit("clock", message)

    def _welcome(self) -> None:
        joining, now_s = list(self._joining), time.monotonic()
        if not joining or now_s < self._welcomed_s + WELCOMES_APART_S:
            return
        latest, now_ms = dict(self._latest), self._own_time.now_ms()
        since_ns = self._own_time.now_ns() - LONGEST_FIRING_NS
        message = {
            "now_ms": now_ms,
            "day_ahead_ms": self._day_ahead_ms,
            "poll_interval_ms": latest.pop("poll")["interval_ms"],
            "probes": list(self._newest_probes),
            "past": self.past(now_ms - PAST_MS),
            "journeys": [journey_message(it) for it in self._journeys.newest(NEWEST_JOURNEYS)],
            "firings": firings_message(self._firings.shown(NEWEST_FIRINGS, since_ns)),
            **self._always,
            **latest,
        }
        self._socketio.emit("welcome", Encoded(message), to=joining)
        # Not before: should it fail, they are welcomed with the next batch.
        del self._joining[: len(joining)]
        self._welcomed_s = now_s

    def _send_latest(self, now_s: float) -> None:
        for what in [it for it in self._unsent if self._due_s.get(it, 0.0) <= now_s]:
            del self._unsent[what]
            self._due_s[what] = now_s + LEAST_APART_S.get(what, 0.0)
            if what in self._past:
                # Kept as it is sent, so that a browser that joins later knows what the others do.
                self._past[what].add(self._own_time.now_ms(), self._latest[what])
            self._emit(what, self._since_sent() if what == "read" else self._latest[what])

    def _send_hops(self) -> None:
        hops, self._hops = self._hops, []
        happened_ns = [it.hop.at_ns for it in hops if it.hop.name != SEEN]
        if happened_ns:
            self._news.tell(min(happened_ns))
        if self.is_empty():
            return
        for first in range(0, len(hops), MOST_HOPS_IN_BATCH):
            part = hops[first : first + MOST_HOPS_IN_BATCH]
            self._emit("hops", hops_message(part, self._own_time.now_ns()))

    def _send_firings(self) -> None:
        fired, self._fired = list(self._fired.values()), {}
        if fired:
            self._news.tell(min(it.began_ns for it in fired))
        for first in range(0, len(fired), MOST_HOPS_IN_BATCH):
            part = fired[first : first + MOST_HOPS_IN_BATCH]
            self._emit("firings", {"firings": firings_message(part)})

    def _send_probes(self) -> None:
        probes, self._probes = self._probes, []
        if probes:
            self._newest_probes += probes
            self._emit("probes", {"probes": probes})

    def _emit(self, what: str, message: Message | None) -> None:
        if self.is_empty():
            return
        # What is news to the others is part of a welcome.
        self._socketio.emit(what, Encoded(message), skip_sid=list(self._joining))

    def _since_sent(self) -> Message:
        before, self._sent_read = self._sent_read, self._latest["read"]
        return read_since(before, self._latest["read"])

    def _drop_slow_browsers(self) -> None:
        # Socket.IO's queue for a browser that does not read has no bound.
        for browser in list(self._socketio.server.eio.sockets.values()):
            if browser.queue.qsize() > MOST_UNSENT and not browser.closed:
                log.info("a browser is too slow and has to join again")
                while not browser.queue.empty():
                    browser.queue.get_nowait()
                browser.close(wait=False)
