"""The commands of a recorded run, from the events that they wrote. Pure.

An event says what its command was: `renamed` was a PATCH with the title that the todo has since.
Commands are played in the order in which they were acknowledged, and at the same distances; those
of one todo never in another order than that of its versions. What cannot be played again is said.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from web.journeys.journey import Journey
from web.rerun.record import NS_IN_MS, Window

CREATED, DELETED = "created", "deleted"
CHANGES = ("renamed", "completed", "reopened")
KINDS = (CREATED, *CHANGES, DELETED)
# When a command was answered; if that is not known, the latest before it that is.
_MOMENTS = ("acknowledged", "committed", "received")

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Command:
    """A command to be sent again.

    Args:
        number: its place in the order, from 1.
        at_ms: when it is sent, after the first one.
        method: POST, PATCH or DELETE.
        todo: the todo's id in the record.
        body: what is sent; None for a DELETE.
        events: the ids of the events that it wrote, in the order of their versions. Empty for a
            command that only brings about what was there before the run began.
    """

    number: int
    at_ms: float
    method: str
    todo: int
    body: Body | None
    events: tuple[str, ...]


@dataclass(frozen=True)
class Left:
    """What cannot be played again.

    Args:
        event_id: the event; None for one that the record lacks.
        todo: its todo, if that is known.
        version: its version, if that is known.
        why: what is missing, in a sentence.
    """

    event_id: str | None
    todo: int | None
    version: int | None
    why: str


@dataclass(frozen=True)
class Plan:
    """What is to be played.

    Args:
        before: what is sent first, to bring about what was there before the run began.
        commands: the commands of the run.
        left: what of it cannot be played.
    """

    before: Sequence[Command]
    commands: Sequence[Command]
    left: Sequence[Left]

    @property
    def takes_ms(self) -> float:
        """How long it takes to send all commands of the run."""
        return self.commands[-1].at_ms if self.commands else 0.0


@dataclass(frozen=True)
class _Event:
    """An event of which all is known that is needed to place it."""

    journey: Journey
    kind: str
    todo: int
    version: int
    at_ns: int

    @property
    def body(self) -> Body | None:
        """What its command said; None if it cannot be known, or said nothing."""
        if self.kind in {CREATED, "renamed"}:
            return None if self.journey.title is None else {"title": self.journey.title}
        return {"completed": self.kind == "completed"} if self.kind in CHANGES else None

    def left(self, why: str) -> Left:
        return Left(self.journey.event_id, self.todo, self.version, why)


@dataclass(frozen=True)
class _Draft:
    """A command that has no number yet."""

    at_ns: int
    todo: int
    version: int
    method: str
    body: Body | None
    events: tuple[str, ...] = ()


def planned(
    journeys: Iterable[Journey], window: Window | None = None, longest_pause_ms: float | None = None
) -> Plan:
    """Return what is to be played.

    Args:
        journeys: what happened to each event of the run, and of those before it.
        window: the part that is played; all by default.
        longest_pause_ms: a longer one between two commands is shortened to this; None for none.
    """
    window = window or Window()
    events, left = _sorted_out(journeys, window)
    before: list[_Draft] = []
    drafts: list[_Draft] = []
    for of_todo in events.values():
        if not any(window.has(it.at_ns) for it in of_todo):
            continue
        first, chain, missing = _chain(of_todo, window)
        before += first
        drafts += _commands_in(chain)
        left += missing
    drafts.sort(key=lambda it: (it.at_ns, it.todo, it.version))
    before.sort(key=lambda it: (it.todo, it.version))
    return Plan(
        [_numbered(it, number, 0.0) for number, it in enumerate(before, start=1)],
        [
            _numbered(it, number, at_ms)
            for number, (it, at_ms) in enumerate(
                _with_offsets(drafts, longest_pause_ms), start=len(before) + 1
            )
        ],
        left,
    )


def moment_ns(journey: Journey) -> int | None:
    """Return when a command was acknowledged, as far as that is known of its event."""
    for name in _MOMENTS:
        times = [hop.at_ns for hop in journey.hops.values() if hop.name == name]
        if times:
            return min(times)
    return min((hop.at_ns for hop in journey.hops.values()), default=None)


def kind_of(journey: Journey) -> str | None:
    """Return what happened to the todo, as `created`; None if that is not known."""
    _, _, kind = (journey.type or "").partition("todo.")
    kind = kind.partition(".")[0]
    return kind if kind in KINDS else None


def _sorted_out(
    journeys: Iterable[Journey], window: Window
) -> tuple[dict[int, list[_Event]], list[Left]]:
    """Return the events of each todo by their versions, and what cannot be placed at all."""
    events: dict[int, dict[int, _Event]] = defaultdict(dict)
    left: list[Left] = []
    known = [(moment_ns(it), it) for it in journeys]
    for at_ns, journey in sorted(known, key=lambda it: (it[0] or 0, it[1].event_id)):
        kind, todo, version = kind_of(journey), journey.todo_id, journey.version

        def leave(why: str, it: Journey = journey) -> None:
            left.append(Left(it.event_id, it.todo_id, it.version, why))

        if at_ns is None:
            leave("It is not known when it happened.")
        elif kind is None or todo is None or version is None:
            if window.has(at_ns):
                leave("It is not known what happened to which todo.")
        elif version in events[todo]:
            if window.has(at_ns):
                leave("Another event of this todo has the same version.")
        else:
            events[todo][version] = _Event(journey, kind, todo, version, at_ns)
    return {todo: [of[it] for it in sorted(of)] for todo, of in events.items()}, left


def _chain(
    events: Sequence[_Event], window: Window
) -> tuple[list[_Draft], list[_Event], list[Left]]:
    """Return, of one todo, what is sent before the run, the events to play, and the others.

    Args:
        events: its events, in the order of their versions.
        window: the part that is played.
    """
    inside = [it for it in events if window.has(it.at_ns)]
    # What is older than an event of the run was there before, whatever its time says.
    earlier = [it for it in events if it.version < inside[0].version]
    first, why_not = _beginning(earlier, inside[0])
    if why_not:
        return [], [], [it.left(why_not) for it in inside]
    chain: list[_Event] = []
    left: list[Left] = []
    versions = [earlier[-1].version] if earlier else []
    for event in inside:
        if chain and chain[-1].kind == DELETED:
            left.append(event.left("Its todo had been deleted."))
        elif event.kind == CREATED and (chain or earlier):
            left.append(event.left("Its todo had been created before."))
        elif event.kind != DELETED and event.body is None:
            left.append(event.left("Its title is not known."))
        else:
            chain.append(event)
        versions.append(event.version)
    for known, following in pairwise(versions):
        missing = range(known + 1, following)
        left += [Left(None, events[0].todo, it, "It is not in the record.") for it in missing]
    return first, chain, left


def _beginning(earlier: Sequence[_Event], event: _Event) -> tuple[list[_Draft], str]:
    """Return what brings about the todo as it was, and why that cannot be done."""
    if not earlier:
        if event.kind != CREATED:
            return [], "The creation of its todo is not in the record."
        return [], "" if event.body else "The title of its todo is not known."
    if earlier[0].kind != CREATED:
        return [], "The creation of its todo is not in the record."
    was = earlier[-1]
    if was.kind == DELETED:
        return [], "Its todo had been deleted."
    titles = [it.journey.title for it in earlier if it.journey.title is not None]
    if not titles:
        return [], "The title of its todo is not known."
    drafts = [_Draft(0, was.todo, 1, "POST", {"title": titles[-1]})]
    if was.journey.completed:
        drafts.append(_Draft(0, was.todo, 2, "PATCH", {"completed": True}))
    return drafts, ""


def _commands_in(chain: Sequence[_Event]) -> Iterator[_Draft]:
    """Yield the commands that wrote these events of one todo, each when it was acknowledged."""
    last: _Draft | None = None
    wrote: _Event | None = None
    for event in chain:
        if last and wrote and _are_of_one(wrote, event):
            body = {**(last.body or {}), **(event.body or {})}
            last = replace(last, body=body, events=(*last.events, event.journey.event_id))
            wrote = event
            continue
        if last:
            yield last
        # A clock may have been wrong, but a version never is.
        at_ns = max(event.at_ns, last.at_ns) if last else event.at_ns
        method = {CREATED: "POST", DELETED: "DELETE"}.get(event.kind, "PATCH")
        events = (event.journey.event_id,)
        last = _Draft(at_ns, event.todo, event.version, method, event.body, events)
        wrote = event
    if last:
        yield last


def _are_of_one(first: _Event, second: _Event) -> bool:
    """Return whether one PATCH wrote both: its title first, and then whether it is done."""
    if first.kind != "renamed" or second.kind not in {"completed", "reopened"}:
        return False
    if second.version != first.version + 1:
        return False
    spans = [_span_of_command(it.journey) for it in (first, second)]
    return spans[0] is not None and spans[0] == spans[1]


def _span_of_command(journey: Journey) -> tuple[str | None, str] | None:
    """Return the trace and the span of an event's command; None if they are not known."""
    for name in ("acknowledged", "received"):
        for hop in journey.hops.values():
            if hop.name == name and hop.span_id is not None:
                return journey.trace_id, hop.span_id
    return None


def _with_offsets(
    drafts: Sequence[_Draft], longest_pause_ms: float | None
) -> Iterator[tuple[_Draft, float]]:
    at_ms = 0.0
    for before, draft in zip([None, *drafts], drafts, strict=False):
        pause_ms = (draft.at_ns - before.at_ns) / NS_IN_MS if before else 0.0
        if longest_pause_ms is not None:
            pause_ms = min(pause_ms, longest_pause_ms)
        at_ms += pause_ms
        yield draft, at_ms


def _numbered(draft: _Draft, number: int, at_ms: float) -> Command:
    return Command(number, at_ms, draft.method, draft.todo, draft.body, draft.events)
