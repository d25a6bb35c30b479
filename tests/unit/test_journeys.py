"""Spans and reads fold into journeys, in whatever order they come."""

import random
from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.hops import new_journeys
from web.journeys.journey import Hop, Journey
from web.journeys.journeys import Journeys
from web.journeys.reads import Read, ReadHistory
from web.journeys.spans import Attributes, Span, SpanEvent
from web.room.messages import hops_message, journey_message

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
    """The command takes 4 ms, its transaction the middle 2 of them."""
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
    """When each event was first seen: the time at which that read was asked."""
    return {
        it.event_id: (hop.start_ns or 0) / MS
        for it in journeys.newest(1000)
        for hop in it.hops.values()
        if hop.name == "seen"
    }


def as_told(journeys: Journeys) -> dict[str, object]:
    return {it.event_id: journey_message(it) for it in journeys.newest(1000)}


def hop_names(journey: Journey) -> list[str]:
    return [hop.name for hop in journey.in_order()]


def test_a_journey_has_every_hop_with_the_times_of_the_process_that_did_the_work() -> None:
    journeys = folded(
        a_read(990), *whole_way(LEARN, 1000, "server"), a_read(1020, t1=("Learn CQRS", False))
    )
    [journey] = journeys.newest(500)
    told = [
        (hop.name, (hop.start_ns or 0) / MS, hop.at_ns / MS, hop.process)
        for hop in journey.in_order()
    ]
    assert told == [
        ("received", 0, 1000, "command-service"),
        ("committed", 1001, 1003, "command-service"),
        ("acknowledged", 1000, 1004, "command-service"),
        ("picked-up", 1005, 1006, "relay"),
        ("confirmed", 1006, 1008, "relay"),
        ("delivered", 0, 1009, "projector"),
        ("projected", 1009, 1012, "projector"),
        ("acked", 1012, 1013, "projector"),
        ("seen", 1020, 1022, "web"),
    ]
    assert (journey.trace_id, journey.type, journey.todo_id, journey.version) == (
        TRACE, "todo.created.v1", 1, 1,
    )  # fmt: skip
    assert (journey.title, journey.completed) == ("Learn CQRS", False)


def test_one_command_may_write_two_events_and_both_are_acknowledged_by_it() -> None:
    renamed = Event(1, 2, "renamed", "Teach CQRS", completed=False)
    completed = Event(1, 3, "completed", "Teach CQRS", completed=True)
    for spans in (a_command(10, renamed, completed), a_command(10, renamed, completed)[::-1]):
        journeys = folded(*spans).newest(500)
        assert [it.event_id for it in journeys] == [renamed.id, completed.id]
        assert {tuple(hop_names(it)) for it in journeys} == {
            ("received", "committed", "acknowledged")
        }


def test_several_commands_may_share_one_trace() -> None:
    spans = [*a_command(10, LEARN, span_id="one"), *a_command(20, DONE, span_id="two")]
    first, second = folded(*spans).newest(500)
    assert [hop.at_ns // MS for hop in first.in_order()] == [10, 13, 14]
    assert [hop.at_ns // MS for hop in second.in_order()] == [20, 23, 24]


def test_a_command_that_was_answered_with_an_error_is_not_acknowledged() -> None:
    [journey] = folded(*a_command(10, LEARN, status=503)).newest(500)
    assert hop_names(journey) == ["received", "committed"]


def test_a_transaction_that_failed_is_no_journey() -> None:
    server, commit = a_command(10, LEARN, status=503)
    assert folded(server, replace(commit, failed=True)).newest(500) == []


def test_what_failed_says_why() -> None:
    sent = a_span("relay", "send todo.events", 5, 6, failed=True,
                  attributes={**LEARN.identity, "error.type": "returned"})  # fmt: skip
    parked = processed(LEARN, 8, 9, "dead-lettered")
    parked = replace(parked, attributes={**parked.attributes, "eventually.reason": "bad"})
    [journey] = folded(sent, parked).newest(500)
    assert [(hop.name, hop.details) for hop in journey.in_order()] == [
        ("sent-failed", {"error": "returned"}),
        ("dead-lettered", {"attempt": 1, "reason": "bad"}),
    ]


def test_a_redelivery_is_a_hop_of_its_own() -> None:
    again = a_span("projector", "receive todo.projector", 30, 30,
                   attributes={**LEARN.identity, "eventually.redelivered": True})  # fmt: skip
    spans = [*whole_way(LEARN, 10, "server"), again, processed(LEARN, 31, 32, "already-applied")]
    [journey] = folded(*spans).newest(500)
    assert hop_names(journey)[-4:] == ["projected", "acked", "delivered", "already-applied"]


def test_spans_of_others_are_ignored() -> None:
    told = {**LEARN.identity, "cloudevents.event_id": 5}
    journeys = folded(
        a_span("elsewhere", "send todo.events", 1, 2, attributes=LEARN.identity),
        a_span("relay", "something new", 1, 2, attributes=LEARN.identity),
        a_span("relay", "send todo.events", 1, 2),
        a_span("relay", "send todo.events", 1, 2, attributes=told),
        a_span("query-service", "GET /todos", 1, 2),
    )
    assert journeys.newest(500) == []


def test_only_the_newest_journeys_are_kept() -> None:
    journeys = new_journeys(capacity=3)
    for todo_id in range(1, 11):
        event = replace(LEARN, todo_id=todo_id)
        for span in whole_way(event, 10.0 * todo_id, f"server-{todo_id}"):
            journeys.add_span(span)
    assert [it.todo_id for it in journeys.newest(500)] == [8, 9, 10]
    assert [it.todo_id for it in journeys.newest(2)] == [9, 10]
    assert journeys.under_way(upto=10, limit=500) == [10, 9, 8]


def test_a_batch_tells_each_record_once_with_what_is_known_of_its_journey() -> None:
    journeys = new_journeys()
    changes = [change for span in a_command(10, LEARN) * 2 for change in journeys.add_span(span)]
    message = hops_message(changes + changes, now_ns=20 * MS)
    assert message["now_ms"] == 20.0
    assert [hop["hop"] for hop in message["hops"]] == ["committed", "received", "acknowledged"]
    assert message["hops"][0] == {
        "event_id": LEARN.id, "trace_id": TRACE, "type": "todo.created.v1", "todo_id": 1,
        "version": 1, "title": "Learn CQRS", "completed": False, "hop": "committed",
        "start_ms": 11.0, "at_ms": 13.0, "process": "command-service", "span_id": "INSERT todos@11",
    }  # fmt: skip


def test_what_is_not_known_and_what_was_just_said_is_left_out() -> None:
    journeys = new_journeys()
    changes = [change for span in a_command(10, LEARN) for change in journeys.add_span(span)]
    received = {"hop": "received", "at_ms": 10.0, "process": "command-service", "span_id": "server"}
    assert hops_message(changes, 0)["hops"][1] == {"event_id": LEARN.id, **received}
    [journey] = journeys.newest(1)
    assert journey_message(journey)["hops"][0] == received
    picked_up = a_span("relay", "SELECT outbox", 5, 6, links=(LEARN.identity,))
    [hop] = hops_message(new_journeys().add_span(picked_up), 0)["hops"]
    assert not {"title", "completed", "trace_id"} & hop.keys()


# First seen


def test_a_read_that_began_before_the_trace_came_is_still_found_as_the_first() -> None:
    reads = [
        a_read(990),
        a_read(1015, t1=("Learn CQRS", False)),
        a_read(1270, t1=("Learn CQRS", False)),
    ]
    assert seen_at_ms(folded(*reads, *whole_way(LEARN, 1000, "s"))) == {LEARN.id: 1015}


def test_a_superseded_event_is_seen_by_the_read_that_shows_its_successor() -> None:
    spans = [*whole_way(LEARN, 1000, "a"), *whole_way(DONE, 1002, "b")]
    journeys = folded(a_read(990), a_read(1020, t1=("Learn CQRS", True)), *spans)
    assert seen_at_ms(journeys) == {LEARN.id: 1020, DONE.id: 1020}


def test_a_delete_is_seen_when_the_todo_is_gone_from_a_read_that_covers_it() -> None:
    deleted = Event(1, 2, "deleted", "Learn CQRS", completed=False)
    before: list[Span | Read] = [
        *whole_way(LEARN, 1000, "a"),
        a_read(1020, t1=LEARN.state or ("", False)),
    ]
    elsewhere = Read(1120 * MS, 1122 * MS, 5, None, {9: ("Another", False)})
    spans = whole_way(deleted, 1100, "b")
    assert deleted.id not in seen_at_ms(folded(*before, *spans, elsewhere))
    assert seen_at_ms(folded(*before, *spans, elsewhere, a_read(1200)))[deleted.id] == 1200


def test_a_todo_that_came_and_went_between_two_reads_is_seen_after_it_was_projected() -> None:
    deleted = Event(1, 2, "deleted", "Learn CQRS", completed=False)
    spans = [*whole_way(LEARN, 1000, "a"), *whole_way(deleted, 1010, "b")]
    assert seen_at_ms(folded(a_read(999), *spans, a_read(1011), a_read(1250))) == {
        LEARN.id: 1250,
        deleted.id: 1250,
    }


def test_the_same_state_as_before_is_seen_only_once_it_was_projected() -> None:
    reopened = Event(1, 3, "reopened", "Learn CQRS", completed=False)
    spans = [*a_command(1000, LEARN), *a_command(1001, DONE), *a_command(1002, reopened)]
    same = [a_read(1020, t1=("Learn CQRS", False)), a_read(1270, t1=("Learn CQRS", False))]
    assert seen_at_ms(folded(a_read(990), *spans, *same)) == {LEARN.id: 1020}
    known = [*spans, processed(reopened, 1018, 1021)]
    assert seen_at_ms(folded(a_read(990), *known, *same)) == {
        LEARN.id: 1020, DONE.id: 1270, reopened.id: 1270,
    }  # fmt: skip


def test_a_change_of_a_todo_whose_history_is_unknown_is_seen_by_the_change() -> None:
    old = Event(4, 9, "completed", "Old", completed=True)
    reads = [a_read(990, t4=("Old", False)), a_read(1010, t4=("Old", True))]
    assert seen_at_ms(folded(*reads, *a_command(1000, old))) == {old.id: 1010}


def test_a_state_that_an_unknown_version_may_explain_is_left_out() -> None:
    old = Event(4, 9, "completed", "Old", completed=True)
    assert seen_at_ms(folded(a_read(1010, t4=("Old", True)), *a_command(1000, old))) == {}


def test_a_read_before_the_commit_began_cannot_show_the_event() -> None:
    second = replace(LEARN, version=3, kind="reopened")
    spans = [*a_command(1000, LEARN), *a_command(1300, DONE), *a_command(1301, second)]
    reads = [a_read(1010, t1=("Learn CQRS", False)), a_read(1310, t1=("Learn CQRS", True))]
    assert seen_at_ms(folded(*reads, *spans)) == {LEARN.id: 1010, DONE.id: 1310}


def test_after_a_projection_that_no_read_confirms_nothing_is_claimed() -> None:
    """The state shown is that of no known version: perhaps an untraced one came after it."""
    spans = whole_way(LEARN, 1000, "s")
    untraced = ("Renamed by another", False)
    assert seen_at_ms(folded(a_read(990), *spans, a_read(1020, t1=untraced))) == {}


def test_a_todo_is_under_way_until_a_read_that_covers_it_came_after_its_projection() -> None:
    journeys = folded(*a_command(1000, LEARN))
    assert journeys.under_way(upto=1, limit=20) == [1]
    assert journeys.under_way(upto=0, limit=20) == []
    for told in (processed(LEARN, 1008, 1012), Read(1020 * MS, 1021 * MS, 1, None, {})):
        journeys.add_read(told) if isinstance(told, Read) else journeys.add_span(told)
        assert journeys.under_way(upto=1, limit=20) == [1]
    assert journeys.under_way(upto=1, limit=20, since_ns=1012 * MS) == [1]
    assert journeys.under_way(upto=1, limit=20, since_ns=1013 * MS) == []
    journeys.add_read(Read(1030 * MS, 1031 * MS, 0, 1, {1: ("Learn CQRS", False)}))
    assert journeys.under_way(upto=1, limit=20) == []
    assert seen_at_ms(journeys) == {LEARN.id: 1030}


def test_what_was_shown_before_its_commit_began_was_another_version() -> None:
    reopened = Event(4, 5, "reopened", "Old", completed=False)
    done, undone = ("Old", True), ("Old", False)
    reads = [a_read(990, t4=done), a_read(1010, t4=undone), a_read(1260, t4=done)]
    told: list[Span | Read] = [*reads, *a_command(1300, reopened), a_read(1310, t4=undone)]
    assert seen_at_ms(folded(*told)) == {reopened.id: 1310}


def test_a_change_that_this_event_cannot_have_made_alone_is_left_out() -> None:
    renamed = Event(4, 9, "renamed", "New", completed=False)
    reads = [a_read(990, t4=("Old", True)), a_read(1010, t4=("New", False))]
    assert seen_at_ms(folded(*reads, *a_command(1000, renamed))) == {}


def test_what_an_unexplained_read_hid_is_not_claimed_by_a_later_one() -> None:
    third = Event(1, 3, "completed", "Renamed by another", completed=True)
    told: list[Span | Read] = [
        a_read(990),
        *whole_way(LEARN, 1000, "a"),
        a_read(1020, t1=("Renamed by another", False)),
    ]
    told += [*whole_way(third, 1100, "b"), a_read(1120, t1=("Renamed by another", True))]
    assert seen_at_ms(folded(*told)) == {third.id: 1120}


def test_what_was_told_before_is_not_told_again() -> None:
    journeys = new_journeys()
    spans, read = whole_way(LEARN, 1000, "a"), a_read(1020, t1=("Learn CQRS", False))
    assert [change for span in spans for change in journeys.add_span(span)]
    assert journeys.add_read(read)
    assert [change for span in spans for change in journeys.add_span(span)] == []
    assert journeys.add_read(read) == []


def test_a_read_that_comes_again_after_a_later_one_changes_nothing() -> None:
    history = ReadHistory()
    reads = [a_read(10, t1=("A", False)), a_read(20, t1=("B", False))]
    assert [history.add(read) for read in [*reads, *reads]] == [{1}, {1}, set(), set()]
    assert [sight.state for sight in history.sights(1, [])] == [("A", False), ("B", False)]


def test_what_was_seen_stays_seen_when_its_reads_are_forgotten() -> None:
    journeys = new_journeys(history=ReadHistory(reads=4, todos=0))
    for span in whole_way(LEARN, 1000, "a"):
        journeys.add_span(span)
    for number in range(40):
        journeys.add_read(a_read(1020 + 250 * number, t1=("Learn CQRS", False)))
    for span in whole_way(DONE, 20_000, "b"):
        journeys.add_span(span)
    journeys.add_read(a_read(20_020, t1=("Learn CQRS", True)))
    assert seen_at_ms(journeys) == {LEARN.id: 1020, DONE.id: 20_020}


def test_a_trace_that_comes_after_its_reads_are_forgotten_claims_none_of_the_others() -> None:
    journeys = new_journeys(history=ReadHistory(reads=4))
    for number in range(40):
        journeys.add_read(a_read(1020 + 250 * number, t1=("Learn CQRS", False)))
    for span in whole_way(replace(DONE, version=7, kind="reopened", completed=False), 1000, "a"):
        journeys.add_span(span)
    assert seen_at_ms(journeys) == {}


# Any order, any repetition

VERBS = {"rename": "renamed", "toggle": "completed", "delete": "deleted"}


@dataclass(frozen=True)
class History:
    """What really happened to one todo, and what the pipeline told of it."""

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


@given(histories(), st.randoms(use_true_random=False), st.data())
@settings(max_examples=300, deadline=None)
def test_any_order_and_repetition_gives_the_same_journeys(
    history: History, chance: random.Random, data: st.DataObject
) -> None:
    lost = data.draw(st.sets(st.integers(0, len(history.spans) - 1), max_size=3))
    spans = [span for index, span in enumerate(history.spans) if index not in lost]
    expected = as_told(folded(*spans, *history.reads))

    shuffled = spans + chance.choices(spans, k=3) if spans else []
    chance.shuffle(shuffled)
    told: list[Span | Read] = list(history.reads)
    for span in shuffled:
        told.insert(chance.randrange(len(told) + 1), span)
    journeys = folded(*told)
    for read in history.reads:
        journeys.add_read(read)
    assert as_told(journeys) == expected


@given(histories())
@settings(max_examples=300, deadline=None)
def test_what_is_seen_was_really_shown_and_nothing_stays_unseen(history: History) -> None:
    found = seen_at_ms(folded(*history.spans, *history.reads))
    for event in history.events:
        asked = found[event.id]
        assert history.shown[asked] >= event.version
        truly_first = min(at for at, version in history.shown.items() if version >= event.version)
        distinct = history.shown[truly_first]
        states = [it.state for it in history.events if it.version < event.version]
        if history.events[distinct - 1].state not in [None, *states]:
            assert asked == truly_first


@given(histories(), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_with_spans_lost_nothing_is_seen_before_it_was_shown(
    history: History, chance: random.Random
) -> None:
    versions = [span for span in history.spans if span.name == "process todo.projector"]
    spans = [
        span for span in history.spans if span not in chance.sample(versions, len(versions) // 2)
    ]
    for event_id, asked in seen_at_ms(folded(*spans, *history.reads)).items():
        assert history.shown[asked] >= int(event_id.rsplit("-", 1)[1])


def test_a_record_is_known_by_event_hop_and_span() -> None:
    journeys = folded(*whole_way(LEARN, 10, "server"))
    [journey] = journeys.newest(1)
    assert all(key == (hop.name, hop.span_id) for key, hop in journey.hops.items())
    assert isinstance(journey.in_order()[0], Hop)
