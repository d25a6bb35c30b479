"""Hops in spans: which hops a span records, and of which events, as the contract says. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from web.journeys.contract import Condition, Contract, HopRule, Moments, Range, SpanRule
from web.journeys.journey import NO_DETAILS, Hop
from web.journeys.spans import Attributes, Span, Value


@dataclass(frozen=True)
class Recorded:
    """What one span records.

    Args:
        hops: the hops, each of which happened to each of the events.
        events: the attributes that name each event.
        by_children: whether the span's children name the events.
        command: trace and span of the command whose hops these events share.
        trace_id: the events' trace; None if the span has a trace of its own.
    """

    hops: list[Hop]
    events: list[Attributes]
    by_children: bool
    command: tuple[str, str] | None
    trace_id: str | None


class HopFinder:
    """Finds the hops in spans.

    Args:
        contract: defines the hops.
    """

    def __init__(self, contract: Contract) -> None:
        all_hops = contract.all_hops
        self._spans = {
            (process, name): (span, _hops_of(key, all_hops))
            for key, span in contract.spans.items()
            for process in (span.process, *span.also)
            for name in span.names
        }
        self._commands = {
            key for key, span in contract.spans.items() if span.event_in == "children"
        }

    def hops_in(self, span: Span) -> Recorded | None:
        """Return what a span records; None if it belongs to no known event."""
        rule, hop_rules = self._spans.get((span.process, span.name), _NO_RULE)
        hops = [hop for name, each in hop_rules.items() for hop in _hop(name, each, span)]
        if not hops:
            return None
        has_command = rule.parent in self._commands and span.parent_span_id
        return Recorded(
            hops,
            list(_events(rule, span)),
            rule.event_in == "children",
            (span.trace_id, span.parent_span_id) if has_command else None,
            None if rule.event_in == "links" else span.trace_id,
        )


_NO_RULE: tuple[SpanRule, Mapping[str, HopRule]] = (SpanRule("", ()), {})


def _hops_of(key: str, all_hops: Mapping[str, HopRule]) -> Mapping[str, HopRule]:
    return {name: rule for name, rule in all_hops.items() if rule.span == key}


def _events(rule: SpanRule, span: Span) -> Iterator[Attributes]:
    if rule.event_in == "attributes":
        yield span.attributes
    elif rule.event_in == "links":
        yield from span.links
    elif rule.event_in == "span_events":
        yield from (event.attributes for event in span.events)


def _hop(name: str, rule: HopRule, span: Span) -> Iterator[Hop]:
    """Yield the hop, if it happened during this span."""
    if rule.failed not in {None, span.failed}:
        return
    if not all(_fits(span.attributes.get(it), wanted) for it, wanted in rule.when.items()):
        return
    at_ns, began_ns = _moment(rule.at, span), _moment(rule.began or (), span)
    if at_ns is None or (rule.began and began_ns is None):
        return
    details = {it: span.attributes[a] for it, a in rule.details.items() if a in span.attributes}
    # Most hops have none, and journeys are kept by the thousand.
    shared = details or NO_DETAILS
    yield Hop(name, at_ns, began_ns, span.process, span.span_id, shared, rule.means)


def _fits(value: Value | None, wanted: Condition) -> bool:
    if isinstance(wanted, Range):
        return isinstance(value, int) and wanted.least <= value <= wanted.most
    if isinstance(wanted, tuple):
        return value in wanted
    return value == wanted


def _moment(moments: Moments, span: Span) -> int | None:
    """Return the first of these moments that the span has, in ns since the epoch."""
    for moment in (moments,) if isinstance(moments, str) else moments:
        if moment in {"start", "end"}:
            return span.start_ns if moment == "start" else span.end_ns
        for event in span.events:
            if event.name == moment:
                return event.at_ns
    return None
