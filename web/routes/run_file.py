"""The run as one file: what web has kept, and what pages were sent, as a page opens it again."""

from collections.abc import Iterable, Iterator, Sequence

from web.background.probe_reads import ProbeReads
from web.journeys.aside import Aside
from web.journeys.faults import Firing, Firings
from web.journeys.journey import Journey, ms
from web.journeys.journeys import CAPACITY, Journeys
from web.own_time import OwnTime
from web.room.messages import Message, firings_message, journey_message
from web.room.room import Room
from web.turns import in_turns

PART_BYTES = 64 * 1024


class RunFile:
    """Makes the file.

    Args:
        journeys: the journeys.
        firings: what the lab's switches did.
        room: what the browsers were sent.
        probe_reads: the probe reads.
        own_time: the time of all that.
        aside: what was forgotten when the stack went back.
    """

    def __init__(
        self,
        journeys: Journeys,
        firings: Firings,
        room: Room,
        probe_reads: ProbeReads,
        own_time: OwnTime,
        aside: Aside,
    ) -> None:
        self._journeys = journeys
        self._firings = firings
        self._room = room
        self._probe_reads = probe_reads
        self._own_time = own_time
        self._aside = aside

    def message(self, since_ms: float = 0.0) -> Message:
        """Return the run.

        Args:
            since_ms: what happened before that is left out. What has happened since and was
                forgotten when the stack went back is in it.
        """
        newest = {it.event_id: it for it in self._journeys.newest(CAPACITY)}
        fired = {it.id: it for it in self._firings.newest()}
        probes = list(self._probe_reads.newest)
        if since_ms:
            probes = [*self._aside.probes, *probes]
            newest = {**{it.event_id: it for it in self._aside.journeys}, **newest}
            fired = {**{it.id: it for it in self._aside.firings}, **fired}
        journeys = _since(newest.values(), since_ms)
        firings = [it for it in fired.values() if ms(it.began_ns) >= since_ms]
        return {
            **_of(self._own_time, journeys, firings),
            "reads": [it for it in self._room.reads() if it["at_ms"] >= since_ms],
            "probes": [it for it in probes if it["at_ms"] >= since_ms],
            **self._room.past(since_ms),
        }


def _of(own_time: OwnTime, journeys: Sequence[Journey], firings: Iterable[Firing]) -> Message:
    return {
        "format": "eventually-run",
        "version": 1,
        "at_ms": own_time.now_ms(),
        "day_ahead_ms": own_time.day_ahead_ms(),
        "journeys": [journey_message(it) for it in in_turns(journeys)],
        "firings": firings_message(firings),
    }


def _since(journeys: Iterable[Journey], since_ms: float) -> list[Journey]:
    return [it for it in journeys if not since_ms or (it.hops and ms(it.began_ns) >= since_ms)]


def in_parts(body: bytes) -> Iterator[bytes]:
    """Give a body in parts, so that a client that does not take it costs little memory."""
    for begin in range(0, len(body), PART_BYTES):
        yield body[begin : begin + PART_BYTES]
