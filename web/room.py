"""9. The room: everyone who looks at the page is told the same, in batches."""

import json
import logging
import time
import zlib
from collections import deque
from collections.abc import Mapping
from threading import Event
from typing import Any

from flask_socketio import SocketIO

from web.journeys import Change, Journeys
from web.messages import Message, hops_message, journey_message, ms, read_since
from web.samples import Samples

BATCH_INTERVAL_S = 0.03
NEWEST_JOURNEYS = 500
NEWEST_PROBES = 1_000
# What the charts show of the past.
TOLD_OF_MS = 300_000
# Two seconds' worth of batches. Who is further behind comes back, and is told anew.
MOST_UNSENT = 40
# A burst goes out in parts, so that none of them holds up what comes after it.
MOST_HOPS_IN_BATCH = 2_000
MOST_READS_BYTES = 2_000_000
# What changes more often than anyone can read it is told less often.
LEAST_APART_S = {"holds": 0.25, "burst": 0.1}

log = logging.getLogger(__name__)


class Encoded:
    """A message that is JSON already, so that Socket.IO need not search it for bytes."""

    def __init__(self, message: Message) -> None:
        self.json = json.dumps(message, separators=(",", ":"))


class PacketJson:
    """What Socket.IO encodes its packets with: the json module, but for what is encoded already."""

    loads = staticmethod(json.loads)

    @staticmethod
    def dumps(value: Any, **options: Any) -> str:
        """Return a packet's data, which is a list of the event's name and a message, as JSON."""
        if isinstance(value, list) and isinstance(value[-1], Encoded):
            return f"[{json.dumps(value[0])},{value[-1].json}]"
        return json.dumps(value, **options)


class Room:
    """Gathers what is new and tells it to every browser.

    Args:
        socketio: the way to the browsers.
        journeys: what a joining browser is given.
        lab: whether the lab is on.
        ports: where each service can be reached, for what the page shows of curl.
    """

    def __init__(
        self, socketio: SocketIO, journeys: Journeys, *, lab: bool, ports: Mapping[str, int]
    ) -> None:
        self._socketio = socketio
        self._journeys = journeys
        self._lab = lab
        self._ports = dict(ports)
        self._hops: list[Change] = []
        self._probes: list[Message] = []
        self._newest_probes: deque[Message] = deque(maxlen=NEWEST_PROBES)
        self._past = {"holds": Samples(), "health": Samples()}
        self._latest: dict[str, Any] = {
            "read": None,
            "health": {},
            "holds": {},
            "switches": {},
            "burst": None,
        }
        self._unsent: dict[str, None] = {}
        self._due_s: dict[str, float] = {}
        self._reads: deque[bytes] = deque()
        self._sent_read: Message | None = None
        self._joining: list[str] = []

    def join(self, sid: str) -> None:
        """Let a browser in: it is told what it has to know, together with all who join now."""
        self._joining.append(sid)

    def reads(self) -> list[Message]:
        """Return the last reads, the oldest first."""
        return [json.loads(zlib.decompress(read)) for read in self._reads]

    def past(self, since_ms: float = 0.0) -> Message:
        """Return what was told of holds and health since then, as far as it is kept."""
        return {what: samples.since(since_ms) for what, samples in self._past.items()}

    def tell_hops(self, changes: list[Change]) -> None:
        """Tell what is new of journeys with the next batch."""
        self._hops += changes

    def tell_probes(self, probes: list[Message]) -> None:
        """Tell what probe reads have found with the next batch."""
        self._probes += probes

    def tell(self, what: str, message: Message) -> None:
        """Tell the latest of something with the next batch; an older one is dropped."""
        self._latest[what] = message
        self._unsent[what] = None
        if what == "read":
            self._keep(message)

    def _keep(self, read: Message) -> None:
        # Each has the whole list, and hardly differs from the one before.
        self._reads.append(zlib.compress(json.dumps(read).encode(), 1))
        while len(self._reads) > 1 and sum(map(len, self._reads)) > MOST_READS_BYTES:
            self._reads.popleft()

    def tell_of(self, what: str, process: str, value: Any) -> None:
        """Tell the health or holds of one process, if it has changed."""
        message = self._latest[what] or {}
        if process not in message or message[process] != value:
            self.tell(what, {**message, process: value})

    def run(self, stop: Event) -> None:
        """Send a batch whenever there is something to tell, at most 33 times a second."""
        began_s = time.monotonic()
        while not stop.wait(max(0.0, BATCH_INTERVAL_S - (time.monotonic() - began_s))):
            began_s = time.monotonic()
            try:
                self.send()
            except Exception:
                log.exception("a batch was not sent")

    def send(self) -> None:
        """Send what has gathered since the last batch."""
        self._welcome()
        if not (self._hops or self._unsent or self._probes):
            return
        self._drop_slow_browsers()
        hops, self._hops = self._hops, []
        probes, self._probes = self._probes, []
        now_s = time.monotonic()
        for what in [it for it in self._unsent if self._due_s.get(it, 0.0) <= now_s]:
            del self._unsent[what]
            self._due_s[what] = now_s + LEAST_APART_S.get(what, 0.0)
            if what in self._past:
                # Kept as it is told, so that who joins later knows what all others do.
                self._past[what].add(ms(time.time_ns()), self._latest[what])
            self._emit(what, self._since_sent() if what == "read" else self._latest[what])
        for first in range(0, len(hops), MOST_HOPS_IN_BATCH):
            part = hops[first : first + MOST_HOPS_IN_BATCH]
            self._emit("hops", hops_message(part, time.time_ns()))
        if probes:
            self._newest_probes += probes
            self._emit("probes", {"probes": probes})

    def _welcome(self) -> None:
        # One message for all: half a megabyte for each of a hundred browsers would add up.
        joining, self._joining = self._joining, []
        if not joining:
            return
        latest, now_ms = dict(self._latest), ms(time.time_ns())
        message = {
            "now_ms": now_ms,
            "poll_interval_ms": latest.pop("poll")["interval_ms"],
            "lab": self._lab,
            "ports": self._ports,
            "probes": list(self._newest_probes),
            "past": self.past(now_ms - TOLD_OF_MS),
            "journeys": [journey_message(it) for it in self._journeys.newest(NEWEST_JOURNEYS)],
            **latest,
        }
        self._socketio.emit("welcome", Encoded(message), to=joining)

    def _emit(self, what: str, message: Message) -> None:
        self._socketio.emit(what, Encoded(message))

    def _since_sent(self) -> Message:
        before, self._sent_read = self._sent_read, self._latest["read"]
        return read_since(before, self._latest["read"])

    def _drop_slow_browsers(self) -> None:
        # Socket.IO queues without a bound for a browser that does not read.
        for browser in list(self._socketio.server.eio.sockets.values()):
            if browser.queue.qsize() > MOST_UNSENT and not browser.closed:
                log.info("a browser is too slow and has to join again")
                while not browser.queue.empty():
                    browser.queue.get_nowait()
                browser.close(wait=False)
