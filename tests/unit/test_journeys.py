"""Spans fold into journeys: what each span records, and of which events."""

from dataclasses import replace

from tests.support.hops import new_journeys
from tests.support.journeys import (
    DONE,
    LEARN,
    MS,
    TRACE,
    Event,
    a_command,
    a_read,
    a_span,
    folded,
    hop_names,
    processed,
    whole_way,
)  # fmt: skip
from web.journeys.journey import Hop
from web.room.messages import hops_message, journey_message


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


def test_a_failed_transaction_makes_no_journey() -> None:
    server, commit = a_command(10, LEARN, status=503)
    assert folded(server, replace(commit, failed=True)).newest(500) == []


def test_a_failed_hop_says_why() -> None:
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


def test_spans_outside_the_contract_are_ignored() -> None:
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


def test_a_batch_sends_each_record_once_with_what_is_known_of_its_journey() -> None:
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


def test_unknown_and_repeated_fields_are_left_out() -> None:
    journeys = new_journeys()
    changes = [change for span in a_command(10, LEARN) for change in journeys.add_span(span)]
    received = {"hop": "received", "at_ms": 10.0, "process": "command-service", "span_id": "server"}
    assert hops_message(changes, 0)["hops"][1] == {"event_id": LEARN.id, **received}
    [journey] = journeys.newest(1)
    assert journey_message(journey)["hops"][0] == received
    picked_up = a_span("relay", "SELECT outbox", 5, 6, links=(LEARN.identity,))
    [hop] = hops_message(new_journeys().add_span(picked_up), 0)["hops"]
    assert not {"title", "completed", "trace_id"} & hop.keys()


def test_a_record_is_known_by_event_hop_and_span() -> None:
    journeys = folded(*whole_way(LEARN, 10, "server"))
    [journey] = journeys.newest(1)
    assert all(key == (hop.name, hop.span_id) for key, hop in journey.hops.items())
    assert isinstance(journey.in_order()[0], Hop)


def test_hops_in_the_same_microsecond_are_ordered_by_name_and_then_by_span() -> None:
    at = LEARN.identity
    sent = [
        a_span("relay", "send todo.events", 8.0002, 8.0004, span_id="b", attributes=at),
        a_span("relay", "send todo.events", 8.0001, 8.0003, span_id="c", attributes=at),
        a_span("relay", "SELECT outbox", 8, 8.00045, links=(at,)),
        a_span("projector", "receive todo.projector", 8.0004, 9, attributes=at),
    ]
    for spans in (sent, sent[::-1]):
        [journey] = folded(*spans).newest(1)
        told = [(hop["hop"], hop["span_id"]) for hop in journey_message(journey)["hops"]]
        assert told == [
            ("confirmed", "b"), ("confirmed", "c"), ("delivered", "receive todo.projector@8.0004"),
            ("picked-up", "SELECT outbox@8"),
        ]  # fmt: skip


def test_going_back_forgets_what_began_later_and_takes_in_again_what_was_kept() -> None:
    journeys = folded(*whole_way(LEARN, 1000, "server"))
    kept = journeys.newest(500)
    for span in whole_way(DONE, 2000, "another"):
        journeys.add_span(span)
    assert journeys.go_back(1500 * MS, kept) == 1
    assert [it.event_id for it in journeys.newest(500)] == [LEARN.id]
    # A web with less room may have forgotten it since.
    other = new_journeys()
    assert other.go_back(1500 * MS, kept) == 0
    assert [it.event_id for it in other.of_todo(LEARN.todo_id)] == [LEARN.id]
    assert other.go_back(0, ()) == 1
    assert other.of_todo(LEARN.todo_id) == []
