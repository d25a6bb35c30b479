"""Checks web's account of 200 events against witnesses that know nothing of its traces.

Everything runs on one host, so there is only one clock. The witnesses:

- The client (this test) notes the moments before its request and after the answer. They bracket the
  command service's own `received` and `acknowledged`; a tap between the two notes when request and
  answer went over the wire.
- PostgreSQL sets pg_xact_commit_timestamp when it makes the commit record, one flush of the
  write-ahead log before it answers the client. It cannot be later than `committed`.
- Taps between the relay and PostgreSQL, the relay and the broker, the broker and the projector, the
  projector and MongoDB, web and the query service note when the rows, the messages, the broker's
  confirms, the projector's acks, MongoDB's answers to writes and the answers to reads went over the
  wire.
- The test reads MongoDB again and again: a version that one answer lacks and the next one shows was
  applied between the first question and the second answer. Only then can it be journaled, which is
  what `projected` means.

Every event is checked for the orders that are the only possible ones. Times have to be right to
5 ms for four in five events of some round: a process that notes the wrong moment does so every
time, but a busy machine makes a process or a witness wait before it notes a moment only sometimes.
"""

from itertools import pairwise

import pytest
import requests

from stack.local import LocalStack
from tests.support import Client, agree, until
from tests.support.browsers import EVERY_HOP
from tests.support.evidence import EVENTS, Evidence, Key, Wire, gathered, journeys_since, tapped
from tests.support.hops import assert_in_possible_order
from tests.support.switches import paused

RIGHT_TO_MS = 5.0
SHARE = 0.8
ROUNDS = 8


def assert_possible(evidence: Evidence, key: Key) -> None:
    """Assert the orders that are the only possible ones, to web's rounding of a microsecond."""
    told, hops = evidence.client[key], evidence.hops(key)
    wire, event_id = evidence.wire, evidence.journeys[key]["event_id"]
    committed_ms = evidence.commits_ms[key]
    absent_ms, present_ms = evidence.absent_ms[key], evidence.present_ms[key]
    at = {name: hop["at_ms"] for name, hop in hops.items()}
    sent_ms = hops["confirmed"]["start_ms"]
    published_ms = wire.messages.published_ms[event_id]
    orders = [
        [told.asked_ms, told.heard.asked_ms, at["received"], committed_ms, at["committed"],
         at["acknowledged"], told.heard.answered_ms, told.answered_ms],
        [committed_ms, wire.picked_up_ms[event_id], at["picked-up"], sent_ms, published_ms,
         wire.messages.confirmed_ms[event_id], at["confirmed"]],
        [published_ms, wire.messages.delivered_ms[event_id], at["delivered"], at["projected"],
         at["acked"]],
        [at["projected"], wire.messages.acked_ms[event_id]],
        [absent_ms, written_ms(wire, key), at["projected"]],
        [at["delivered"], present_ms],
        [evidence.shown_ms[key], at["seen"]],
    ]  # fmt: skip
    for order in orders:
        for earlier_ms, later_ms in pairwise(order):
            assert earlier_ms <= later_ms + 0.002, (order, hops)


def written_ms(wire: Wire, key: Key) -> float:
    """Return when MongoDB had written this version, or a later one into which it was folded."""
    todo_id, version = key
    return min(
        wire.written_ms[todo_id, each]
        for each in range(version, 5)
        if (todo_id, each) in wire.written_ms
    )


def deviations_ms(evidence: Evidence) -> dict[str, list[float]]:
    """Return how far each time is from its witness, event by event."""
    found: dict[str, list[float]] = {}
    wire = evidence.wire
    for key, told in evidence.client.items():
        hops, event_id = evidence.hops(key), evidence.journeys[key]["event_id"]
        at = {name: hop["at_ms"] for name, hop in hops.items()}
        for name, noted_ms, witnessed_ms in [
            ("received", at["received"], told.heard.asked_ms),
            ("acknowledged", at["acknowledged"], told.heard.answered_ms),
            ("committed", at["committed"], evidence.commits_ms[key]),
            ("picked-up", at["picked-up"], wire.picked_up_ms[event_id]),
            ("sent", hops["confirmed"]["start_ms"], wire.messages.published_ms[event_id]),
            ("confirmed", at["confirmed"], wire.messages.confirmed_ms[event_id]),
            ("delivered", at["delivered"], wire.messages.delivered_ms[event_id]),
            ("projected", at["projected"], written_ms(wire, key)),
            ("acked", at["acked"], wire.messages.acked_ms[event_id]),
            ("seen", at["seen"], evidence.shown_ms[key]),
        ]:
            found.setdefault(name, []).append(abs(noted_ms - witnessed_ms))
    return found


def test_no_journey_is_missing_or_invented_and_every_time_is_right(
    stack: LocalStack,
) -> None:
    best_ms: dict[str, float] = {}
    with tapped(stack) as wire:
        for _ in range(ROUNDS):
            until(lambda: agree(stack))
            evidence = gathered(stack, wire)
            assert len(evidence.client) == EVENTS
            assert evidence.journeys.keys() == evidence.client.keys() == evidence.commits_ms.keys()
            for key in evidence.client:
                assert len(evidence.journeys[key]["hops"]) == len(EVERY_HOP)
                assert_possible(evidence, key)
                assert_in_possible_order(evidence.journeys[key]["hops"])
            for name, all_ms in deviations_ms(evidence).items():
                late_ms = sorted(all_ms)[round(SHARE * EVENTS) - 1]
                best_ms[name] = min(late_ms, best_ms.get(name, late_ms))
            if max(best_ms.values()) <= RIGHT_TO_MS:
                assert best_ms.keys() == EVERY_HOP | {"sent"}
                return
    pytest.fail(f"{SHARE:.0%} of the events were told within these ms: {best_ms}")


def test_events_that_web_missed_stay_unknown(stack: LocalStack, client: Client) -> None:
    def hops_of(todo_id: int) -> set[str]:
        journey = journeys_since(stack, 0).get((todo_id, 1), {"hops": []})
        return {hop["hop"] for hop in journey["hops"]}

    def one_more_waits_in_the_queue() -> int:
        todo_id: int = client.post("Half of it is told").json()["id"]
        holds = requests.get(f"{stack.urls.projector}/lab", timeout=10).json()["holds"]
        return todo_id if holds["queue"] >= 3 else 0

    with paused(stack, "projector"):
        untraced = client.post("Nobody tells", traceparent=f"00-{'ab' * 16}-{'cd' * 8}-00")
        todo_id = until(one_more_waits_in_the_queue)
        until(lambda: "confirmed" in hops_of(todo_id) and "acknowledged" in hops_of(todo_id))
        # A restarted web has forgotten everything; the journey goes on while it is away.
        stack.stop_program("web")
        stack.start_program("web")
    client.read_after(untraced)

    until(lambda: hops_of(todo_id) >= {"projected", "acked"})
    forgotten = {"received", "committed", "acknowledged", "picked-up", "confirmed"}
    assert not forgotten & hops_of(todo_id)
    half = journeys_since(stack, 0)[todo_id, 1]
    assert (half["title"], half["completed"]) == (None, None)
    told = {it["todo_id"] for it in journeys_since(stack, 0).values()}
    assert untraced.json()["id"] not in told
