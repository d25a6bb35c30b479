"""Durations survive that the clock is set, and each time that it is set is said."""

import itertools

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis.clock import LEAST_CHANGE_NS, Clock, in_words
from chassis.telemetry.requests import trace_requests
from chassis.telemetry.sampling import TracesPerSecond
from command_service.commands import CreateTodo
from command_service.hops import CommandHops
from command_service.todo import Title
from query_service.hops import ProjectorHops
from query_service.idempotence import PROJECTED
from tests.support.clocks import Machine, S
from tests.support.recorded import Recorded
from tests.unit.test_projector_hops import delivery

CHANGES = st.integers(-(10**6), 10**6).map(lambda tenths: tenths * S // 10)
HOUR = 3600 * S


@given(st.lists(st.tuples(CHANGES, st.integers(1, 10**12)), max_size=8))
@settings(deadline=None)
def test_a_clock_follows_the_time_of_day_however_it_is_set(steps: list[tuple[int, int]]) -> None:
    machine = Machine()
    clock = machine.clock()
    for change_ns, passed_ns in steps:
        machine.set_by(change_ns)
        machine.pass_ns(passed_ns)
        assert machine.steady() + clock.offset_ns() == machine.wall()


@given(CHANGES.filter(lambda it: abs(it) > 2 * S), st.integers(0, S // 2), st.integers(0, S // 2))
@settings(deadline=None)
def test_a_time_from_before_the_clock_was_set_is_known_for_one(
    change_ns: int, before_ns: int, after_ns: int
) -> None:
    machine = Machine()
    clock, before = machine.clock(), machine.offset_ns
    stamped_ns = machine.wall()
    machine.pass_ns(before_ns)
    machine.set_by(change_ns)
    machine.pass_ns(after_ns)
    assert clock.offset_of_ns(stamped_ns) == before
    assert clock.offset_of_ns(machine.wall()) == machine.offset_ns
    machine.pass_ns(60 * S)
    assert clock.offset_of_ns(machine.wall() - 30 * S) == machine.offset_ns


def test_each_change_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    machine = Machine()
    clock = machine.clock()
    for change_ns in (-HOUR, 90 * S, -LEAST_CHANGE_NS, LEAST_CHANGE_NS // 2):
        machine.set_by(change_ns)
        for _ in range(3):
            clock.offset_ns()
            machine.pass_ns(S)
    assert caplog.messages == [
        "the clock went back by 3,600 s",
        "the clock went forward by 90 s",
        "the clock went back by 0.1 s",
    ]


def test_a_process_that_was_put_aside_between_two_looks_sees_no_change(
    caplog: pytest.LogCaptureFixture,
) -> None:
    machine = Machine()
    pauses = itertools.cycle([0, 0, 0, 0, 0, 0, 0, S])

    def wall() -> int:
        machine.pass_ns(next(pauses))
        at_ns = machine.wall()
        machine.pass_ns(next(pauses))
        return at_ns

    clock = Clock(wall, machine.steady)
    assert {clock.offset_ns() for _ in range(100)} == {machine.offset_ns}
    assert not caplog.messages


@pytest.mark.parametrize(
    ("change_ns", "said"),
    [(-HOUR, "back by 3,600 s"), (S // 5, "forward by 0.2 s"), (-15 * S // 10, "back by 1.5 s")],
)
def test_a_change_in_words(change_ns: int, said: str) -> None:
    assert in_words(change_ns) == said


@pytest.mark.parametrize("change_ns", [-HOUR, -S // 2, S // 2, HOUR])
def test_a_batch_takes_as_long_as_it_did_if_the_clock_is_set_meanwhile(
    change_ns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine()
    monkeypatch.setattr("time.monotonic_ns", machine.steady)
    monkeypatch.setattr("time.time_ns", machine.wall)
    recorded = Recorded(ProjectorHops, "events_projected_total", machine.clock())
    batch = [delivery(PROJECTED)]
    recorded.hops.taken()
    machine.pass_ns(3)
    machine.set_by(change_ns)
    recorded.hops.projected()
    machine.pass_ns(2)
    recorded.hops.parked()
    recorded.hops.acked(batch)
    [span] = recorded.spans
    end_ns = machine.wall()
    assert (span.start_time, span.events[0].timestamp, span.end_time) == (
        end_ns - 5, end_ns - 2, end_ns,
    )  # fmt: skip


@pytest.mark.parametrize("change_ns", [-HOUR, HOUR])
def test_a_request_takes_as_long_as_it_did_if_the_clock_is_set_meanwhile(
    change_ns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, exporter = Machine(), InMemorySpanExporter()
    monkeypatch.setattr("time.monotonic_ns", machine.steady)
    monkeypatch.setattr("time.time_ns", machine.wall)
    provider, clock = TracerProvider(shutdown_on_exit=False), machine.clock()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    app, recorded = Flask("app"), Recorded(CommandHops, "events_written_total", clock)
    trace_requests(app, provider.get_tracer("test"), clock, TracesPerSecond(9))

    @app.post("/todos")
    def post_todo() -> str:
        with recorded.hops.committing(CreateTodo(Title("Learn CQRS"), "")):
            machine.pass_ns(4)
            machine.set_by(change_ns)
        machine.pass_ns(3)
        return ""

    app.test_client().post("/todos")
    [server], [committed] = exporter.get_finished_spans(), recorded.spans
    for span, took_ns in ((server, 7), (committed, 4)):
        assert span.start_time is not None
        assert span.end_time is not None
        assert span.end_time - span.start_time == took_ns


@given(CHANGES, CHANGES)
def test_a_clock_that_is_wrong_on_purpose_still_follows_how_it_is_set(
    ahead_ns: int, change_ns: int
) -> None:
    machine = Machine()
    clock = machine.clock()
    clock.be_ahead_by(ahead_ns)
    assert machine.steady() + clock.offset_ns() == machine.wall() + ahead_ns
    machine.set_by(change_ns)
    assert machine.steady() + clock.offset_ns() == machine.wall() + ahead_ns
    clock.be_ahead_by(0)
    assert machine.steady() + clock.offset_ns() == machine.wall()
