"""What the page is sent, as JSON. Pure. Times are ms since the epoch, to the microsecond.

A field that is left out is not known. What is known of a journey comes only with its first hop in
a batch: at 200 events a second and 100 browsers, the repetition would be most of what is sent.
docs/web.md has every message.
"""

from collections.abc import Iterable
from typing import Any

from web.journeys.faults import Firing
from web.journeys.journey import Change, Hop, Journey, ms
from web.journeys.reads import Read

Message = dict[str, Any]


def hops_message(changes: Iterable[Change], now_ns: int) -> Message:
    """Return hops, each once; the first of each journey with what is known of the journey."""
    latest = {(change.journey.event_id, *change.hop.key): change for change in changes}
    hops: list[Message] = []
    introduced: set[str] = set()
    for change in latest.values():
        journey, hop = change.journey, change.hop
        facts = {"event_id": journey.event_id}
        if change.withdrawn:
            hops.append({**facts, "hop": hop.name, "process": hop.process, "withdrawn": True})
            continue
        if journey.event_id not in introduced:
            introduced.add(journey.event_id)
            facts = {name: fact for name, fact in _facts(journey).items() if fact is not None}
        hops.append(facts | _hop_message(hop))
    return {"now_ms": ms(now_ns), "hops": hops}


def journey_message(journey: Journey) -> Message:
    """Return a journey; its hops do not repeat what the journey says."""
    return {**_facts(journey), "hops": [_hop_message(hop) for hop in journey.in_order()]}


def firings_message(firings: Iterable[Firing]) -> list[Message]:
    """Return what switches did, each whole as it is known now."""
    return [_firing_message(firing) for firing in firings]


def _firing_message(firing: Firing) -> Message:
    over_ms = None if firing.over_ns is None else ms(firing.over_ns)
    said = {
        "id": firing.id,
        "fault": firing.fault,
        "place": firing.place,
        "process": firing.process,
        "began_ms": ms(firing.began_ns),
        "over_ms": over_ms,
        "ended": firing.ended,
        "at": firing.at,
        "file": firing.file,
        "function": firing.function,
        "line": firing.line,
        "trace_id": firing.trace_id,
        "event_id": firing.event_id,
        "todo_id": firing.todo_id,
        "version": firing.version,
    }
    return {name: value for name, value in said.items() if value is not None}


def read_message(
    read: Read, status: int | None, todos: object, *, more: bool, error: str | None
) -> Message:
    """Return what a poll brought; `status` is None if there was no answer."""
    return {
        "asked_ms": ms(read.asked_ns),
        "at_ms": ms(read.ended_ns),
        "status": status,
        "todos": todos,
        "after": read.after,
        "more": more,
        "error": error,
    }


def read_since(before: Message | None, read: Message) -> Message:
    """Return what a read changes since the one before it; the whole read if there was none."""
    if before is None:
        return read
    known = {todo["id"]: todo for todo in before["todos"]}
    shown = {todo["id"] for todo in read["todos"]}
    since = {name: value for name, value in read.items() if name != "todos"}
    since["changed"] = [todo for todo in read["todos"] if known.get(todo["id"]) != todo]
    since["gone"] = [todo_id for todo_id in known if todo_id not in shown]
    return since


def _hop_message(hop: Hop) -> Message:
    message = {"hop": hop.name, "at_ms": ms(hop.at_ns), "process": hop.process, **hop.details}
    if hop.start_ns is not None:
        message["start_ms"] = ms(hop.start_ns)
    if hop.span_id is not None:
        message["span_id"] = hop.span_id
    return message


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
