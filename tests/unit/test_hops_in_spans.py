"""Spans are folded by what a contract says, of whatever system it is."""

import pytest

from tests.support.journeys import a_span
from web.journeys.contract import BadContract, parse_contract
from web.journeys.hops_in_spans import HopFinder
from web.journeys.journeys import Journeys
from web.journeys.spans import Attributes, Span, SpanEvent

MS = 1_000_000

# Another team's system: no hop of it is known to the code.
ORDERS = b"""
event: {event_id: order, type: kind, todo_id: item, version: number, title: name, completed: paid}
spans:
  asking:   {process: shop, names: [POST /orders], event_in: children}
  booking:  {process: shop, names: [book], parent: asking, event_in: span_events}
  fetching: {process: van, names: [fetch], event_in: links}
  leaving:  {process: van, names: [leave, hand over], parent: asking, event_in: attributes}
hops:
  asked:     {span: asking, at: start}
  accepted:  {span: asking, at: end, began: start, when: {status: {from: 200, to: 202}}}
  booked:    {span: booking, at: end, failed: false, means: written}
  fetched:   {span: fetching, at: end}
  delivered: {span: leaving, at: [signed, end], details: {by: driver}, when: {left: [door, desk]}}
  signed:    {span: leaving, at: signed, began: [rang, knocked]}
  lost:      {span: leaving, at: end, failed: true}
"""
ORDER: Attributes = {"order": "o1", "kind": "order.placed.v1", "item": 7, "number": 1}


def told(*spans: Span) -> list[tuple[str, float, float | None]]:
    """Return the hops of the only event that these spans name."""
    journeys = Journeys(parse_contract(ORDERS))
    for span in spans:
        journeys.add_span(span)
    [journey] = journeys.newest(10)
    return [
        (hop.name, hop.at_ns / MS, None if hop.start_ns is None else hop.start_ns / MS)
        for hop in journey.in_order()
    ]


def leaving(*events: str, failed: bool = False, **more: str) -> Span:
    happened = tuple(SpanEvent(name, (4 + at) * MS, {}) for at, name in enumerate(events))
    attributes: Attributes = {**ORDER, **more}
    return a_span("van", "leave", 3, 9, attributes=attributes, events=happened, failed=failed)


def test_events_named_by_a_commands_children_share_its_hops() -> None:
    asked = a_span("shop", "POST /orders", 0, 5, span_id="asked", attributes={"status": 202})
    booked = SpanEvent("item", 0, {**ORDER, "name": "Tea", "paid": False})
    booking = a_span("shop", "book", 1, 2, parent_span_id="asked", events=(booked,))
    expected = [("asked", 0, None), ("booked", 2, None), ("accepted", 5, 0)]
    assert told(asked, booking) == told(booking, asked) == expected


@pytest.mark.parametrize("status", [199, 203, "202", None])
def test_a_number_out_of_range_gives_no_hop(status: object) -> None:
    attributes = {} if status is None else {"status": status}
    asked = a_span("shop", "POST /orders", 0, 5, span_id="asked", attributes=attributes)
    left = a_span("van", "hand over", 1, 2, parent_span_id="asked", attributes=ORDER, failed=True)
    assert told(asked, left) == [("asked", 0, None), ("lost", 2, None)]


def test_each_link_names_an_event_but_not_its_trace() -> None:
    journeys = Journeys(parse_contract(ORDERS))
    links = (ORDER, {**ORDER, "order": "o2", "number": 2}, {"driver": "no order"})
    journeys.add_span(a_span("van", "fetch", 1, 2, links=links))
    assert [(it.event_id, it.version, it.trace_id) for it in journeys.newest(10)] == [
        ("o1", 1, None),
        ("o2", 2, None),
    ]


def test_a_hop_happens_at_the_first_moment_that_the_span_has() -> None:
    assert told(leaving("knocked", "signed", left="door")) == [
        ("delivered", 5, None),
        ("signed", 5, 4),
    ]
    assert told(leaving(left="desk")) == [("delivered", 9, None)]


def test_a_span_without_the_moment_or_start_of_a_hop_gives_no_hop() -> None:
    assert told(leaving("signed", failed=True)) == [("lost", 9, None)]
    assert told(leaving("rang", failed=True)) == [("lost", 9, None)]


def test_only_the_details_that_a_span_has_are_kept() -> None:
    finder = HopFinder(parse_contract(ORDERS))
    for span, details in [
        (leaving(left="door", driver="Ann"), {"by": "Ann"}),
        (leaving(left="door"), {}),
    ]:
        recorded = finder.hops_in(span)
        assert recorded is not None
        assert [hop.details for hop in recorded.hops if hop.name == "delivered"] == [details]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"event_in: links", b"event_in: somewhere"),
        (b"means: written", b"means: painted"),
        (b"failed: true", b"failed: maybe"),
        (b"{from: 200, to: 202}", b"{from: 200}"),
        (b"fetched:   {span: fetching", b"fetched:   {span: flying"),
        (b"parent: asking", b"parent: mother"),
    ],
)
def test_a_contract_that_cannot_be_followed_is_refused(right: bytes, wrong: bytes) -> None:
    assert right in ORDERS
    with pytest.raises(BadContract):
        parse_contract(ORDERS.replace(right, wrong, 1))


def test_a_branch_has_the_hops_of_its_own_spans_which_mean_nothing_for_the_journey() -> None:
    copying = b"  copying:  {process: press, names: [copy], event_in: attributes}\nhops:\n"
    branches = b"branches:\n  copy: {booking: copying}\n"
    contract = parse_contract(ORDERS.replace(b"hops:\n", copying) + branches)
    journeys = Journeys(contract)
    [change] = journeys.add_span(a_span("press", "copy", 3, 9, attributes=ORDER))
    assert (change.hop.name, change.hop.at_ns / MS, change.hop.means) == ("copy-booked", 9, None)
    assert journeys.under_way(upto=99, limit=9) == []
    with pytest.raises(BadContract, match="no span 'copying'"):
        parse_contract(ORDERS + branches)
