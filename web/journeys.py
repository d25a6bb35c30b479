"""7. Journeys: spans and reads fold into what happened to each event. Pure.

Idempotent and commutative: any order and any repetition of the same spans gives the same
journeys. A record is known by (event id, hop, span id); only `seen` can be found anew, when a
late span shows that another read was the first.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from web.seen import ABSENT, Read, ReadHistory, Version, first_sights
from web.traces import Attributes, Span

_TABLE_VERBS = ("INSERT todos", "UPDATE todos", "DELETE todos")
_PROJECTED = ("projected", "already-applied")
CAPACITY = 5_000


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a journey.

    Args:
        name: which step.
        at_ns: when it happened, in ns since the epoch.
        start_ns: when the work that led to it began, where there was any.
        process: the process that did the work.
        span_id: the span that told of it; None for `seen`.
        details: attempt, reason, redelivered and error, where they apply.
    """

    name: str
    at_ns: int
    start_ns: int | None
    process: str
    span_id: str | None
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Journey:
    """All that happened to one event, as far as it is known; None is what is not."""

    event_id: str
    trace_id: str | None = None
    type: str | None = None
    todo_id: int | None = None
    version: int | None = None
    title: str | None = None
    completed: bool | None = None
    written_ns: int | None = None
    hops: dict[tuple[str, str | None], Hop] = field(default_factory=dict)

    def in_order(self) -> list[Hop]:
        """Return the hops in the order of time."""
        return sorted(self.hops.values(), key=lambda hop: (hop.at_ns, hop.name, hop.span_id or ""))

    def hop(self, name: str) -> Hop | None:
        """Return the first hop of that name, in the order of time."""
        return next((hop for hop in self.in_order() if hop.name == name), None)

    @property
    def began_ns(self) -> int:
        """When the first thing happened that is known of it."""
        return min(hop.at_ns for hop in self.hops.values())

    @property
    def projected_ns(self) -> int | None:
        """When the read model held this version or a later one for certain."""
        times = [hop.at_ns for hop in self.hops.values() if hop.name in _PROJECTED]
        return min(times, default=None)

    @property
    def seen(self) -> bool:
        """Whether a read has shown it."""
        return ("seen", None) in self.hops


Change = tuple[Journey, Hop]
Told = tuple[Attributes, Hop]


def _committed(span: Span) -> Iterator[Told]:
    if not span.failed:
        for event in span.events:
            if event.name == "event written":
                yield event.attributes, _hop("committed", span, span.end_ns, span.start_ns)


def _picked_up(span: Span) -> Iterator[Told]:
    for link in span.links:
        yield link, _hop("picked-up", span, span.end_ns, span.start_ns)


def _published(span: Span) -> Iterator[Told]:
    name = "sent-failed" if span.failed else "confirmed"
    error = {"error": span.attributes.get("error.type", "unknown")} if span.failed else {}
    yield span.attributes, _hop(name, span, span.end_ns, span.start_ns, error)


def _delivered(span: Span) -> Iterator[Told]:
    redelivered = {"redelivered": span.attributes.get("eventually.redelivered") is True}
    yield span.attributes, _hop("delivered", span, span.start_ns, None, redelivered)


def _processed(span: Span) -> Iterator[Told]:
    outcome = span.attributes.get("eventually.outcome")
    if outcome in {"projected", "already-applied", "retried", "dead-lettered"}:
        named = {"attempt": "eventually.attempt", "reason": "eventually.reason"}
        details = {k: span.attributes[a] for k, a in named.items() if a in span.attributes}
        # Where the event went on to its ack, the span ends with that.
        at_ns = next((event.at_ns for event in span.events if event.name == outcome), None)
        if at_ns is not None:
            yield span.attributes, _hop("acked", span, span.end_ns, at_ns)
        yield (
            span.attributes,
            _hop(str(outcome), span, at_ns or span.end_ns, span.start_ns, details),
        )


def _hop(
    name: str,
    span: Span,
    at_ns: int,
    start_ns: int | None,
    details: Mapping[str, object] | None = None,
) -> Hop:
    return Hop(name, at_ns, start_ns, span.process, span.span_id, details or {})


# What each span tells, by the process that did the work and what it did.
_TELLS: Mapping[tuple[str, str], Callable[[Span], Iterable[Told]]] = {
    **{("command-service", verb): _committed for verb in _TABLE_VERBS},
    ("relay", "SELECT outbox"): _picked_up,
    ("relay", "send todo.events"): _published,
    ("projector", "receive todo.projector"): _delivered,
    ("projector", "process todo.projector"): _processed,
}


@dataclass(slots=True)
class _Command:
    """A command's SERVER span and its events, whichever was told first."""

    hops: list[Hop] = field(default_factory=list)
    event_ids: dict[str, None] = field(default_factory=dict)


class Journeys:
    """The journeys of the newest events.

    Args:
        capacity: how many are kept; the first that came is the first to go.
        history: the recent reads.
    """

    def __init__(self, capacity: int = CAPACITY, history: ReadHistory | None = None) -> None:
        self._capacity = capacity
        self._history = history or ReadHistory()
        self._journeys: dict[str, Journey] = {}
        self._of_todo: dict[int, dict[str, Journey]] = {}
        self._commands: dict[tuple[str, str], _Command] = {}
        # Projected todos, and when: the first read that begins later has to be looked at.
        self._await_read: dict[int, int] = {}
        # Todos that a read has yet to show, and their latest hop, in the order of hearing of it.
        self._under_way: dict[int, int] = {}

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
        """Return todos up to that id which a read has yet to show, the latest news first.

        Args:
            upto: the highest id of interest.
            limit: how many at the most.
            since_ns: those that nothing was heard of since then wait for more than a read.
        """
        told = (
            todo_id
            for todo_id, at_ns in reversed(self._under_way.items())
            if todo_id <= upto and at_ns >= since_ns
        )
        return list(islice(told, limit))

    def add_span(self, span: Span) -> list[Change]:
        """Fold a span in, and return what is new."""
        if span.server:
            return self._add_command(span) if span.process == "command-service" else []
        tells = _TELLS.get((span.process, span.name))
        changes: list[Change] = []
        for attributes, hop in tells(span) if tells else ():
            event_id = attributes.get("cloudevents.event_id")
            if not isinstance(event_id, str):
                continue
            journey = self._journey(event_id)
            self._learn(journey, attributes, span, hop)
            changes += self._add_hop(journey, hop)
            if hop.name == "committed":
                command = self._command(span.trace_id, span.parent_span_id)
                command.event_ids[event_id] = None
                for told in command.hops:
                    changes += self._add_hop(journey, told)
        return changes

    def _add_command(self, span: Span) -> list[Change]:
        if span.attributes.get("http.request.method") not in {"POST", "PATCH", "DELETE"}:
            return []
        hops = [_hop("received", span, span.start_ns, None)]
        status = span.attributes.get("http.response.status_code")
        if isinstance(status, int) and 200 <= status < 300:
            hops.append(_hop("acknowledged", span, span.end_ns, span.start_ns))
        command = self._command(span.trace_id, span.span_id)
        command.hops = hops
        journeys = [self._journeys[i] for i in command.event_ids if i in self._journeys]
        return [change for it in journeys for hop in hops for change in self._add_hop(it, hop)]

    def add_read(self, read: Read) -> list[Change]:
        """Fold in a read, later than all before, and return what it was the first to show."""
        changed = self._history.add(read)
        ready = [todo_id for todo_id in self._await_read if read.covers(todo_id)]
        changes: list[Change] = []
        for todo_id in sorted(changed.intersection(self._of_todo).union(ready)):
            if self._await_read.get(todo_id, read.asked_ns) <= read.asked_ns:
                self._await_read.pop(todo_id, None)
            changes += self._find_seen(todo_id)
        return changes

    def _journey(self, event_id: str) -> Journey:
        journey = self._journeys.get(event_id)
        if journey is None:
            journey = self._journeys[event_id] = Journey(event_id)
            if len(self._journeys) > self._capacity:
                self._drop(next(iter(self._journeys)))
        return journey

    def _drop(self, event_id: str) -> None:
        todo_id = self._journeys.pop(event_id).todo_id
        if todo_id is not None:
            del self._of_todo[todo_id][event_id]
            if not self._of_todo[todo_id]:
                del self._of_todo[todo_id]
                self._await_read.pop(todo_id, None)
                self._under_way.pop(todo_id, None)

    def _command(self, trace_id: str, span_id: str) -> _Command:
        command = self._commands.setdefault((trace_id, span_id), _Command())
        if len(self._commands) > self._capacity:
            del self._commands[next(iter(self._commands))]
        return command

    def _learn(self, journey: Journey, attributes: Attributes, span: Span, hop: Hop) -> None:
        kind, title = attributes.get("cloudevents.event_type"), attributes.get("todo.title")
        todo_id, version = attributes.get("todo.id"), attributes.get("todo.version")
        completed = attributes.get("todo.completed")
        if journey.type is None and isinstance(kind, str):
            journey.type = kind
        if journey.version is None and isinstance(version, int):
            journey.version = version
        if journey.todo_id is None and isinstance(todo_id, int):
            journey.todo_id = todo_id
            self._of_todo.setdefault(todo_id, {})[journey.event_id] = journey
        if hop.name != "picked-up":  # a batch has a trace of its own
            journey.trace_id = span.trace_id
        if hop.name == "committed" and isinstance(title, str) and isinstance(completed, bool):
            journey.title, journey.completed = title, completed
            journey.written_ns = span.start_ns

    def _add_hop(self, journey: Journey, hop: Hop) -> list[Change]:
        key = (hop.name, hop.span_id)
        if key in journey.hops:
            return []
        journey.hops[key] = hop
        if journey.todo_id is not None and not journey.seen:
            latest_ns = max(hop.at_ns, self._under_way.pop(journey.todo_id, 0))
            self._under_way[journey.todo_id] = latest_ns
        if journey.todo_id is None or hop.name not in ("committed", *_PROJECTED):
            return [(journey, hop)]
        if hop.name in _PROJECTED:
            latest_ns = self._await_read.get(journey.todo_id, 0)
            self._await_read[journey.todo_id] = max(latest_ns, hop.at_ns)
        return [(journey, hop), *self._find_seen(journey.todo_id)]

    def _find_seen(self, todo_id: int) -> list[Change]:
        journeys = self._of_todo[todo_id].values()
        of_version = {it.version: _version(it) for it in journeys if it.version is not None}
        versions = list(of_version.values())
        projections_ns = [v.projected_ns for v in versions if v.projected_ns is not None]
        found = first_sights(versions, self._history.sights(todo_id, projections_ns))
        changes: list[Change] = []
        for journey in journeys:
            if journey.version is None or not self._history.can_tell(
                todo_id, of_version[journey.version]
            ):
                continue
            before = journey.hops.pop(("seen", None), None)
            sight = found.get(journey.version)
            if sight:
                hop = Hop("seen", sight.ended_ns, sight.asked_ns, "web", None)
                journey.hops["seen", None] = hop
                if hop != before:
                    changes.append((journey, hop))
        awaited = todo_id in self._await_read
        if all(it.seen or (it.projected_ns is not None and not awaited) for it in journeys):
            self._under_way.pop(todo_id, None)
        return changes


def _version(journey: Journey) -> Version:
    state = ABSENT
    if journey.title is not None and not (journey.type or "").startswith("todo.deleted."):
        state = (journey.title, journey.completed is True)
    return Version(
        journey.version or 0, journey.type or "", state, journey.written_ns, journey.projected_ns
    )
