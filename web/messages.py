"""What the page is sent, as JSON. Pure. Times are ms since the epoch, to the microsecond."""

from collections.abc import Iterable
from typing import Any

from web.journeys import Change, Hop, Journey
from web.seen import Read

Message = dict[str, Any]


def hops_message(changes: Iterable[Change], now_ns: int) -> Message:
    """Return hops with what is known of their journeys, each once."""
    latest = {(it.event_id, hop.name, hop.span_id): (it, hop) for it, hop in changes}
    hops = [{**_facts(it), **_hop_message(it, hop)} for it, hop in latest.values()]
    return {"now_ms": ms(now_ns), "hops": hops}


def journey_message(journey: Journey) -> Message:
    """Return a journey; its hops do not repeat what the journey says."""
    hops = [_hop_message(journey, hop) for hop in journey.in_order()]
    return {**_facts(journey), "hops": hops}


def read_message(
    read: Read, status: int | None, todos: object, *, more: bool, error: str | None
) -> Message:
    """Return what a poll brought; `status` is None where there was no answer."""
    return {
        "asked_ms": ms(read.asked_ns),
        "at_ms": ms(read.ended_ns),
        "status": status,
        "todos": todos,
        "after": read.after,
        "more": more,
        "error": error,
    }


def _hop_message(journey: Journey, hop: Hop) -> Message:
    return {
        "event_id": journey.event_id,
        "hop": hop.name,
        "start_ms": None if hop.start_ns is None else ms(hop.start_ns),
        "at_ms": ms(hop.at_ns),
        "process": hop.process,
        "span_id": hop.span_id,
        **hop.details,
    }


def _facts(journey: Journey) -> Message:
    return {
        "event_id": journey.event_id,
        "trace_id": journey.trace_id,
        "type": journey.type,
        "todo_id": journey.todo_id,
        "version": journey.version,
        "title": journey.title,
        "completed": journey.completed,
    }


def ms(time_ns: int) -> float:
    """Return ns as ms, to the microsecond."""
    return round(time_ns / 1e6, 3)
