"""The journeys: spans and reads fold into what happened to each event. Pure.

Idempotent and commutative: any order and any repetition of the same spans gives the same
journeys. A hop is known by its event, its name and its span; only `seen` can change, when a late
span shows that another read was the first, or that none is known to be.
"""

from collections.abc import Collection, Iterator, Mapping

from web.journeys.commands import MOST_EVENTS_OF_COMMAND, Commands
from web.journeys.contract import Contract
from web.journeys.hops_in_spans import HopFinder, Recorded
from web.journeys.journey import SEEN, Change, Hop, Journey
from web.journeys.reads import ABSENT, Read, ReadHistory
from web.journeys.seen import Version, first_sights
from web.journeys.spans import Attributes, Span
from web.journeys.under_way import TodosUnderWay

CAPACITY = 5_000
# Of one journey: a retry every half second for as long as a switch lasts. More tell nothing new.
MOST_HOPS_OF_ONE = 2_000
# Of all together: twice what the capacity has of usual ones. Then the first have to go.
MOST_HOPS = 200_000

# The fields of a journey that a span may give, and their types.
_FIELDS: Mapping[str, type] = {
    "type": str,
    "version": int,
    "title": str,
    "completed": bool,
    "todo_id": int,
}


class Journeys:
    """The journeys of the newest events.

    Args:
        contract: which hops the spans record.
        capacity: how many are kept; the first that came is the first to go.
        history: the recent reads.
    """

    def __init__(
        self, contract: Contract, capacity: int = CAPACITY, history: ReadHistory | None = None
    ) -> None:
        self._attributes = contract.event
        self._hops = HopFinder(contract)
        self._path = contract.hops.keys()
        self._capacity = capacity
        self._history = history or ReadHistory()
        self._journeys: dict[str, Journey] = {}
        self._of_todo: dict[int, dict[str, Journey]] = {}
        self._commands = Commands(capacity)
        self._under_way = TodosUnderWay()
        self._hop_count = 0

    def newest(self, limit: int) -> list[Journey]:
        """Return the journeys that came last, the oldest first."""
        return list(self._journeys.values())[-limit:]

    def begun_before(self, time_ns: int, limit: int) -> list[Journey]:
        """Return the last journeys that began before that time, the oldest first."""
        earlier = [it for it in self._journeys.values() if it.hops and it.began_ns < time_ns]
        return sorted(earlier, key=lambda it: it.began_ns)[-limit:]

    def get(self, event_id: str) -> Journey | None:
        """Return the journey of an event, if it is known."""
        return self._journeys.get(event_id)

    def of_todo(self, todo_id: int) -> list[Journey]:
        """Return the journeys of a todo's events."""
        return list(self._of_todo.get(todo_id, {}).values())

    def under_way(self, upto: int, limit: int, since_ns: int = 0) -> list[int]:
        """Return todos up to that id that a read has yet to show, the latest news first.

        Args:
            upto: the highest id of interest.
            limit: how many at the most.
            since_ns: those without news since then wait for more than a read.
        """
        return self._under_way.newest(upto, limit, since_ns)

    def go_back(self, at_ns: int, kept: Collection[Journey]) -> int:
        """Forget the journeys that began after a moment, and return how many those were.

        Args:
            at_ns: the moment.
            kept: journeys that were known then, and may have been forgotten since.
        """
        after = [it.event_id for it in self._journeys.values() if _began_after(it, at_ns)]
        for event_id in after:
            self._drop(event_id)
        earlier = {it.event_id: it for it in kept if it.event_id not in self._journeys}
        self._journeys = {**earlier, **self._journeys}
        self._hop_count = sum(len(it.hops) for it in self._journeys.values())
        for journey in earlier.values():
            if journey.todo_id is not None:
                self._of_todo.setdefault(journey.todo_id, {})[journey.event_id] = journey
        return len(after)

    def add_span(self, span: Span) -> list[Change]:
        """Fold a span in, and return what is new."""
        recorded = self._hops.hops_in(span)
        if recorded is None:
            return []
        if recorded.by_children:
            new = self._add_command(recorded, (span.trace_id, span.span_id))
        else:
            new = [
                change
                for attributes in recorded.events
                for change in self._add_event(attributes, recorded)
            ]
        while self._hop_count > MOST_HOPS:
            self._drop(next(iter(self._journeys)))
        return new

    def add_read(self, read: Read) -> list[Change]:
        """Fold in a read, the latest so far, and return what it was the first to show."""
        changed = self._history.add(read).intersection(self._of_todo)
        return [
            change
            for todo_id in sorted(changed | self._under_way.met_by(read))
            for change in self._find_seen(todo_id)
        ]

    def _add_command(self, recorded: Recorded, key: tuple[str, str]) -> list[Change]:
        command = self._commands.get(key)
        command.hops = recorded.hops
        journeys = [self._journeys[i] for i in command.event_ids if i in self._journeys]
        return [
            change for it in journeys for hop in command.hops for change in self._add_hop(it, hop)
        ]

    def _add_event(self, attributes: Attributes, recorded: Recorded) -> list[Change]:
        event_id = attributes.get(self._attributes["event_id"])
        if not isinstance(event_id, str):
            return []
        journey = self._journey(event_id)
        self._learn(journey, attributes, recorded)
        hops = list(recorded.hops)
        if recorded.command:
            command = self._commands.get(recorded.command)
            if len(command.event_ids) < MOST_EVENTS_OF_COMMAND:
                command.event_ids[event_id] = None
            hops += command.hops
        return [change for hop in hops for change in self._add_hop(journey, hop)]

    def _journey(self, event_id: str) -> Journey:
        journey = self._journeys.get(event_id)
        if journey is None:
            journey = self._journeys[event_id] = Journey(event_id)
            if len(self._journeys) > self._capacity:
                self._drop(next(iter(self._journeys)))
        return journey

    def _drop(self, event_id: str) -> None:
        dropped = self._journeys.pop(event_id)
        self._hop_count -= len(dropped.hops)
        todo_id = dropped.todo_id
        if todo_id is not None:
            del self._of_todo[todo_id][event_id]
            if not self._of_todo[todo_id]:
                del self._of_todo[todo_id]
                self._under_way.forget(todo_id)

    def _learn(self, journey: Journey, attributes: Attributes, recorded: Recorded) -> None:
        for field, kind in _FIELDS.items():
            value = attributes.get(self._attributes[field])
            if getattr(journey, field) is None and isinstance(value, kind):
                setattr(journey, field, value)
        if journey.todo_id is not None:
            self._of_todo.setdefault(journey.todo_id, {})[journey.event_id] = journey
        if recorded.trace_id is not None:
            # An event that was sent again by hand has another trace from there on; its first is its
            # command's.
            began_ns = min(it.at_ns if it.start_ns is None else it.start_ns for it in recorded.hops)
            traced = (began_ns, recorded.trace_id)
            journey.traced = min(journey.traced or traced, traced)
        for hop in recorded.hops:
            if hop.means == "written" and journey.title is not None:
                journey.written_ns = hop.start_ns

    def _add_hop(self, journey: Journey, hop: Hop) -> list[Change]:
        if hop.key in journey.hops or len(journey.hops) >= MOST_HOPS_OF_ONE:
            return []
        journey.hops[hop.key] = hop
        self._hop_count += 1
        new, todo_id = [Change(journey, hop)], journey.todo_id
        # What happens on a branch says nothing of what reads show.
        if todo_id is None or hop.name not in self._path:
            return new
        if not journey.is_seen:
            self._under_way.add(todo_id, hop)
        if hop.means == "readable":
            self._under_way.add_readable(todo_id, hop.at_ns)
        if hop.means in {"written", "readable"}:
            new += self._find_seen(todo_id)
        return new

    def _find_seen(self, todo_id: int) -> list[Change]:
        """Work out again which reads were the first to show the todo's events."""
        journeys = self._of_todo[todo_id].values()
        of_version = {it.version: _version(it) for it in journeys if it.version is not None}
        versions = list(of_version.values())
        readable_ns = [it.readable_ns for it in versions if it.readable_ns is not None]
        found = first_sights(versions, self._history.sights(todo_id, readable_ns))
        changes: list[Change] = []
        for journey in journeys:
            version = of_version.get(journey.version or 0)
            if version and self._history.can_tell(todo_id, version.written_ns, version.readable_ns):
                sight = found.get(version.version)
                seen = Hop(SEEN, sight.ended_ns, sight.asked_ns, "web", None) if sight else None
                changes += _seen_by(journey, seen)
        awaits_read = self._under_way.awaits_read(todo_id)
        if all(it.is_seen or (it.readable_ns is not None and not awaits_read) for it in journeys):
            self._under_way.end(todo_id)
        return changes


def _began_after(journey: Journey, at_ns: int) -> bool:
    return not journey.hops or journey.began_ns > at_ns


def _seen_by(journey: Journey, seen: Hop | None) -> Iterator[Change]:
    """Set or clear when a journey was seen; yield what that changes."""
    before = journey.hops.pop((SEEN, None), None)
    if seen:
        journey.hops[seen.key] = seen
    if seen and seen != before:
        yield Change(journey, seen)
    if before and not seen:
        yield Change(journey, before, withdrawn=True)


def _version(journey: Journey) -> Version:
    state = ABSENT
    if journey.title is not None and not journey.is_deletion:
        state = (journey.title, journey.completed is True)
    return Version(
        journey.version or 0, journey.type or "", state, journey.written_ns, journey.readable_ns
    )
