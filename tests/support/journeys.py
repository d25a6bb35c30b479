"""What really happened to todos, as the spans and reads from which web makes journeys."""

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from tests.support.hops import new_journeys
from web.journeys.journey import Journey
from web.journeys.journeys import Journeys
from web.journeys.reads import Read
from web.journeys.spans import Attributes, Span, SpanEvent
from web.room.messages import journey_message

MS = 1_000_000
TRACE = "aa" * 16


@dataclass(frozen=True)
class Event:
    """An event as the spans name it."""

    todo_id: int
    version: int
    kind: str
    title: str
    completed: bool

    @property
    def id(self) -> str:
        return f"event-{self.todo_id}-{self.version}"

    @property
    def identity(self) -> Attributes:
        return {
            "cloudevents.event_id": self.id,
            "cloudevents.event_type": f"todo.{self.kind}.v1",
            "todo.id": self.todo_id,
            "todo.version": self.version,
        }

    @property
    def written(self) -> SpanEvent:
        attributes = dict(self.identity)
        attributes |= {"todo.title": self.title, "todo.completed": self.completed}
        return SpanEvent("event written", 0, attributes)

    @property
    def state(self) -> tuple[str, bool] | None:
        return None if self.kind == "deleted" else (self.title, self.completed)


LEARN = Event(1, 1, "created", "Learn CQRS", completed=False)
DONE = Event(1, 2, "completed", "Learn CQRS", completed=True)


def a_span(process: str, name: str, start_ms: float, end_ms: float, **fields: object) -> Span:
    start_ns, end_ns = round(start_ms * MS), round(end_ms * MS)
    span_id = f"{name}@{start_ms}"
    span = Span(process, TRACE, span_id, "", name, False, start_ns, end_ns, {})
    return replace(span, **fields)  # type: ignore[arg-type]  # fields by name, as the tests give them


def a_command(
    start_ms: float, *events: Event, span_id: str = "server", status: int = 201
) -> list[Span]:
    """The command takes 4 ms; its transaction is the middle 2 ms."""
    asked = {"http.request.method": "POST", "http.response.status_code": status}
    return [
        a_span("command-service", "POST /todos", start_ms, start_ms + 4, span_id=span_id,
               attributes=asked),
        a_span("command-service", "INSERT todos", start_ms + 1, start_ms + 3,
               parent_span_id=span_id, events=tuple(event.written for event in events)),
    ]  # fmt: skip


def processed(
    event: Event,
    start_ms: float,
    certain_ms: float,
    outcome: str = "projected",
    acked_ms: float | None = None,
) -> Span:
    attributes = {**event.identity, "eventually.outcome": outcome, "eventually.attempt": 1}
    name = "process todo.projector"
    if acked_ms is None:
        return a_span("projector", name, start_ms, certain_ms, attributes=attributes)
    certain = SpanEvent(outcome, round(certain_ms * MS), {})
    return a_span("projector", name, start_ms, acked_ms, attributes=attributes, events=(certain,))


def whole_way(event: Event, start_ms: float, span_id: str) -> list[Span]:
    at = event.identity
    batch = "bb" * 16
    return [
        *a_command(start_ms, event, span_id=span_id),
        a_span("relay", "SELECT outbox", start_ms + 5, start_ms + 6, trace_id=batch, links=(at,)),
        a_span("relay", "send todo.events", start_ms + 6, start_ms + 8, attributes=at),
        a_span("projector", "receive todo.projector", start_ms + 9, start_ms + 9,
               attributes={**at, "eventually.redelivered": False}),
        processed(event, start_ms + 9, start_ms + 12, acked_ms=start_ms + 13),
    ]  # fmt: skip


def a_read(asked_ms: float, **shown: tuple[str, bool]) -> Read:
    todos = {int(name[1:]): state for name, state in shown.items()}
    return Read(round(asked_ms * MS), round((asked_ms + 2) * MS), 0, None, todos)


def folded(*told: Span | Read) -> Journeys:
    journeys = new_journeys()
    for each in told:
        journeys.add_read(each) if isinstance(each, Read) else journeys.add_span(each)
    return journeys


def seen_at_ms(journeys: Journeys) -> dict[str, float]:
    """When each event was first seen: the time at which that read was sent."""
    return {
        it.event_id: (hop.start_ns or 0) / MS
        for it in journeys.newest(1000)
        for hop in it.hops.values()
        if hop.name == "seen"
    }


def as_told(journeys: Journeys) -> dict[str, dict[str, Any]]:
    return {it.event_id: journey_message(it) for it in journeys.newest(1000)}


def hop_names(journey: Journey) -> list[str]:
    return [hop.name for hop in journey.in_order()]


VERBS = {"rename": "renamed", "toggle": "completed", "delete": "deleted"}


@dataclass(frozen=True)
class History:
    """What really happened to one todo, and what the pipeline reported."""

    events: list[Event]
    spans: list[Span]
    reads: list[Read]
    shown: dict[float, int]
    """The version that the read asked at that time really showed."""


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A read model that lags behind the commits and is read now and then, in true order."""
    verbs = draw(st.lists(st.sampled_from(["rename", "toggle", "toggle"]), max_size=5))
    if draw(st.booleans()):
        verbs.append("delete")
    titles, title, done = ["A", "B"], "A", False
    events = [Event(1, 1, "created", title, completed=done)]
    for version, verb in enumerate(verbs, start=2):
        kind = VERBS[verb]
        if verb == "rename":
            title = titles[title == "A"]
        if verb == "toggle":
            done = not done
            kind = "completed" if done else "reopened"
        events.append(Event(1, version, kind, title, completed=done))

    gap = st.integers(min_value=1, max_value=60)
    begun, visible, told = 100, 0, []
    times: list[int] = []
    for event in events:
        begun += 5 + draw(gap)
        visible = max(visible + 1, begun + 2 + draw(gap))
        times.append(visible)
        told += a_command(begun, event, span_id=f"server-{event.version}")
        told.append(processed(event, begun + 3, visible + draw(st.integers(1, 20)) + 0.5))

    asked, reads, shown = 50, [], {}
    while asked < visible + 100:
        at = asked + 1
        version = sum(time <= at for time in times)
        state = events[version - 1].state if version else None
        reads.append(a_read(asked, **({"t1": state} if state else {})))
        shown[float(asked)] = version
        asked += 4 + draw(gap)
    return History(events, told, reads, shown)
