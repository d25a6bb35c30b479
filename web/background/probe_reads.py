"""Probe reads: real reads at random times after an acknowledgement, for the staleness curve."""

import logging
import random
import threading
import time
from collections import deque
from dataclasses import dataclass

from chassis.errors import ServerUnavailable
from chassis.numbers import whole_number
from web.background.sampling import Sampling
from web.gateway import UNTRACED, Answer, Gateway
from web.journeys.journey import ms
from web.journeys.journeys import Journeys
from web.own_time import OwnTime
from web.room.messages import Message
from web.room.room import Room

# Spread evenly over the orders of magnitude, because most of what happens is at the start.
SHORTEST_DELAY_S = 0.001
LONGEST_DELAY_S = 1.0
READ_TIMEOUT_S = 5.0
# Traces come within a second, or were lost.
FORGET_AFTER_S = 10.0
MOST_KEPT = 5_000
MATCH_INTERVAL_S = 0.25
REST_INTERVAL_S = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Probed:
    """What a read found; the trace of its command may still be on its way."""

    todo_id: int
    version: int
    weight: float
    visible: bool
    asked_ns: int
    ended_ns: int


class ProbeReads:
    """Reads a sample of the acknowledged todos, once each, as a reader without a token would.

    Args:
        gateway: the way to the query service.
        journeys: know which event it was, and when it was acknowledged.
        room: gets what was found.
        own_time: the time of that.
    """

    def __init__(self, gateway: Gateway, journeys: Journeys, room: Room, own_time: OwnTime) -> None:
        self._own_time = own_time
        self._gateway = gateway
        self._journeys = journeys
        self._room = room
        self._sampling = Sampling()
        self._waiting: deque[_Probed] = deque(maxlen=MOST_KEPT)
        self._has_found = threading.Event()
        self.newest: deque[Message] = deque(maxlen=MOST_KEPT)

    def sample(self, acknowledged: Answer) -> None:
        """Read what this command wrote, after a delay, if it is one of the sample.

        Args:
            acknowledged: the answer to a POST or PATCH. After a DELETE, finding nothing says
                little: the todo may be gone, or may never have arrived.
        """
        token = acknowledged.headers.get("Consistency-Token", "")
        todo_id, version = map(whole_number, token.partition(".")[::2])
        if acknowledged.status not in {200, 201} or todo_id is None or version is None:
            return
        weight = self._sampling.weight(time.monotonic())
        if weight is None:
            return
        delay_s = SHORTEST_DELAY_S * (LONGEST_DELAY_S / SHORTEST_DELAY_S) ** random.random()  # noqa: S311, no secret
        due = threading.Timer(delay_s, self._read, (todo_id, version, weight))
        due.daemon = True
        due.start()

    def _read(self, todo_id: int, version: int, weight: float) -> None:
        try:
            answer = self._gateway.query(f"/todos/{todo_id}", UNTRACED, READ_TIMEOUT_S)
        except ServerUnavailable:
            return
        shown = whole_number(answer.headers.get("ETag", "").strip('"'))
        if answer.status == 404 or (answer.status == 200 and shown is not None):
            visible = answer.status == 200 and shown is not None and shown >= version
            found = _Probed(todo_id, version, weight, visible, answer.asked_ns, answer.ended_ns)
            self._waiting.append(found)
            self._has_found.set()

    def forget_after(self, at_ms: float) -> None:
        """Forget what was found after a moment."""
        self._waiting.clear()
        kept = [it for it in self.newest if it["at_ms"] <= at_ms]
        self.newest.clear()
        self.newest += kept

    def run(self, stop: threading.Event) -> None:
        """Send what was found, as the traces arrive. No failure ends it."""
        while not stop.wait(MATCH_INTERVAL_S):
            # At rest, it wakes only to see whether it has to stop.
            if not self._has_found.wait(REST_INTERVAL_S):
                continue
            try:
                self.match()
            except Exception:
                log.exception("probe reads were not matched")
            if not self._waiting:
                self._has_found.clear()

    def match(self) -> None:
        """Send each probe read whose command's trace has arrived."""
        matched: list[Message] = []
        for _ in range(len(self._waiting)):
            probed = self._waiting.popleft()
            message = self._message(probed)
            if message:
                matched.append(message)
            elif self._own_time.now_ns() - probed.ended_ns < FORGET_AFTER_S * 1e9:
                self._waiting.append(probed)
        self.newest += matched
        self._room.tell_probes(matched)

    def _message(self, probed: _Probed) -> Message | None:
        of_todo = {it.version: it for it in self._journeys.of_todo(probed.todo_id)}
        journey = of_todo.get(probed.version)
        acknowledged = journey.first_that_means("acknowledged") if journey else None
        # A missing todo may have been deleted, so its absence says nothing about the read.
        gone = any(it.is_deletion for it in of_todo.values())
        if journey is None or acknowledged is None or (gone and not probed.visible):
            return None
        # The read looked into MongoDB between asking and the answer; the middle is off by least.
        looked_ns = (probed.asked_ns + probed.ended_ns) // 2
        return {
            "event_id": journey.event_id,
            "t_ms": ms(looked_ns - acknowledged.at_ns),
            "weight": round(probed.weight, 3),
            "visible": probed.visible,
            "asked_ms": ms(probed.asked_ns),
            "at_ms": ms(probed.ended_ns),
        }
