"""What was injected: the part of an event's time during which a switch of the lab held it up. Pure.

The one rule of docs/decisions/0040, the same as the page's (web/static/js/journal/injected.js); a
test holds the two together. A place can hold an event up only on some stretches. The relay, the
projector, a server and a link do one thing after another, so that whatever holds up one event there
holds up all that wait behind it. The two services serve many at once: what concerns one command
there holds up no other.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from web.journeys.faults import Firing
from web.journeys.journey import Journey
from web.journeys.path import NEVER_NS, UNKNOWN, Paths

Piece = tuple[int, int]

# The stretches on which each place can hold an event up.
HELD_AT: Mapping[str, Sequence[str]] = {
    "client-command-service": ("command", "acknowledged"),
    "command-service": ("command", "commit", "acknowledged"),
    "command-service-postgresql": ("commit", "acknowledged"),
    "postgresql": ("commit", "acknowledged", "outbox", "relay"),
    "relay": ("outbox", "relay", "failed"),
    "relay-postgresql": ("outbox", "relay"),
    "relay-rabbitmq": ("outbox", "relay", "failed"),
    "rabbitmq": ("outbox", "relay", "queue", "projector", "failed"),
    "projector-rabbitmq": ("queue", "projector", "failed"),
    "projector": ("queue", "projector", "failed"),
    "projector-mongodb": ("queue", "projector", "failed"),
    "mongodb": ("queue", "projector", "read", "failed"),
    "query-service-mongodb": ("read",),
    "query-service": ("read",),
}
# The switches that hold up what comes to their place for as long as they act.
ADDS_TIME = frozenset({
    "slow", "pause", "hold", "crash", "stop", "freeze", "kill", "latency", "bandwidth", "timeout",
    "reset_peer", "down", "reorder", "poison", "redeliver", "no-dead-letters",
})  # fmt: skip
# Those that hold up only the event on which they act: the others pass it.
OWN_ONLY = frozenset({"reorder", "poison"})
# The places that serve many at once.
PARALLEL = frozenset({
    "command-service", "query-service", "client-command-service", "command-service-postgresql",
    "query-service-mongodb",
})  # fmt: skip
# The switches that end a process, and whatever it was doing.
ENDS_PROCESS = frozenset({"crash", "kill", "stop"})
# Every switch ends by itself within that.
LONGEST_NS = 600_000_000_000


class Injected:
    """The rule for some firings.

    Args:
        paths: know the stretches of each journey.
        firings: what the lab's switches did.
    """

    def __init__(self, paths: Paths, firings: Iterable[Firing]) -> None:
        self._paths = paths
        self._own: dict[str, list[tuple[Piece, Sequence[str]]]] = defaultdict(list)
        shared: dict[str, list[Piece]] = defaultdict(list)
        for firing, over_ns in _with_ends(firings):
            places = HELD_AT.get(firing.place)
            if places is None or firing.fault not in ADDS_TIME:
                continue
            stretches = (*places, UNKNOWN)
            piece = (firing.began_ns, over_ns)
            key = firing.event_id or firing.trace_id
            if key and (firing.place in PARALLEL or firing.fault in OWN_ONLY):
                self._own[key].append((piece, stretches))
                continue
            for stretch in stretches:
                shared[stretch].append(piece)
        self._shared = {stretch: _united(pieces) for stretch, pieces in shared.items()}
        # A queue may have waited for thousands: how long all were, up to each.
        self._sums = {
            stretch: [0, *accumulate(to_ns - from_ns for from_ns, to_ns in pieces)]
            for stretch, pieces in self._shared.items()
        }

    def between_ns(self, journey: Journey, from_ns: int, to_ns: int) -> int:
        """Return how much was injected between two moments of a journey, wherever it was."""
        if not self._shared and not self._own:
            return 0
        return sum(
            self.within_ns(journey, it.name, max(it.from_ns, from_ns), min(it.to_ns, to_ns))
            for it in self._paths.stretches_so_far(journey)
        )

    def within_ns(self, journey: Journey, stretch: str, from_ns: int, to_ns: int) -> int:
        """Return how much was injected into a stretch.

        Args:
            journey: whose it is.
            stretch: its name.
            from_ns: when it began.
            to_ns: when it ended, or the moment in question.
        """
        if to_ns <= from_ns:
            return 0
        shared = self._shared.get(stretch, [])
        own = self._own_pieces(journey, stretch)
        if own:
            pieces = _united([*shared, *own])
            return sum(max(0, min(b, to_ns) - max(a, from_ns)) for a, b in pieces)
        return self._up_to(stretch, shared, to_ns) - self._up_to(stretch, shared, from_ns)

    def _own_pieces(self, journey: Journey, stretch: str) -> list[Piece]:
        """Return what held up this journey only."""
        if not self._own:
            return []
        keys = (journey.event_id, journey.trace_id or "")
        found = [each for key in keys for each in self._own.get(key, [])]
        return [piece for piece, stretches in found if stretch in stretches]

    def _up_to(self, stretch: str, shared: Sequence[Piece], at_ns: int) -> int:
        """Return how much had been injected by a moment, for everybody."""
        if not shared:
            return 0
        index = bisect_right(shared, at_ns, key=lambda piece: piece[1])
        under_way_ns = at_ns - shared[index][0] if index < len(shared) else 0
        return self._sums[stretch][index] + max(0, under_way_ns)


def _with_ends(firings: Iterable[Firing]) -> list[tuple[Firing, int]]:
    """Return each firing with the moment until which it acts, as far as is known.

    One that is not known to be over acts until its process is ended by another, and never for
    longer than a switch may be on.
    """
    ends: list[tuple[Firing, int]] = []
    crashed: dict[str, int] = {}
    for firing in sorted(firings, key=lambda it: (it.began_ns, it.id), reverse=True):
        over_ns = firing.over_ns
        if over_ns is None:
            over_ns = min(firing.began_ns + LONGEST_NS, crashed.get(firing.place, NEVER_NS))
        ends.append((firing, over_ns))
        if firing.fault in ENDS_PROCESS:
            crashed[firing.place] = firing.began_ns
    return ends


def _united(pieces: Iterable[Piece]) -> list[Piece]:
    """Put pieces that overlap together."""
    found: list[Piece] = []
    for from_ns, to_ns in sorted(pieces):
        if found and found[-1][1] >= from_ns:
            found[-1] = (found[-1][0], max(found[-1][1], to_ns))
        else:
            found.append((from_ns, to_ns))
    return found
