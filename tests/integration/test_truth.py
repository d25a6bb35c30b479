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

Every event is checked for the orders that are the only possible ones. How close each time is to its
witness depends on the machine; `make bench` measures that.
"""

from itertools import pairwise

import requests

from stack.local import LocalStack
from tests.support import Client, agree, until
from tests.support.browsers import EVERY_HOP
from tests.support.evidence import (
    EVENTS,
    Evidence,
    Key,
    deviations_ms,
    gathered,
    journeys_since,
    tapped,
    written_ms,
)
from tests.support.hops import assert_in_possible_order
from tests.support.switches import paused


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


def test_no_journey_is_missing_or_invented_and_every_hop_lies_between_its_witnesses(
    stack: LocalStack,
) -> None:
    until(lambda: agree(stack))
    with tapped(stack) as wire:
        evidence = gathered(stack, wire)
    assert len(evidence.client) == EVENTS
    assert evidence.journeys.keys() == evidence.client.keys() == evidence.commits_ms.keys()
    for key in evidence.client:
        assert len(evidence.journeys[key]["hops"]) == len(EVERY_HOP)
        assert_possible(evidence, key)
        assert_in_possible_order(evidence.journeys[key]["hops"])
    assert deviations_ms(evidence).keys() == EVERY_HOP | {"sent"}


def test_events_that_web_missed_stay_unknown(stack: LocalStack, client: Client) -> None:
    def hops_of(todo_id: int) -> set[str]:
        journey = journeys_since(stack, 0).get((todo_id, 1), {"hops": []})
        return {hop["hop"] for hop in journey["hops"]}

    def one_more_waits_in_the_queue() -> int:
        todo_id: int = client.post("Half of it is told").json()["id"]
        holds = requests.get(f"{stack.urls.projector}/lab", timeout=60).json()["holds"]
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
