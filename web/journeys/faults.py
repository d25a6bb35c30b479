"""Firings: the spans of the lab fold into what its switches did, where and when. Pure.

Idempotent and commutative: any order and any repetition of the same spans gives the same firings.
A process that crashes on purpose cannot say that this is over. Its next sign of life does: the
first span of it that begins after that, or, if it has nothing to do, that it answers.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from web.journeys.contract import Contract, FaultRule
from web.journeys.spans import Attributes, Span, Value

CAPACITY = 5_000
# The switches that end the process in which they act.
ENDS_PROCESS = frozenset({"crash", "kill"})
# No process comes back in less. What begins sooner was still under way as it died.
LEAST_DOWN_NS = 200_000_000
# A process that crashes first has its traces taken, and may still answer for so long.
LONGEST_DYING_NS = 1_500_000_000
# The newest signs of life that are remembered, for a crash of which we hear later; and of how many
# processes.
SIGNS = 512
MOST_PROCESSES = 64

BEGINS, OVER = "begins", "over"
# Whether the process itself said that it was over, or only showed that it lives again.
Ended = Literal["told", "alive"]


@dataclass(slots=True)
class Firing:
    """What a switch did once; None stands for what is not known, or does not apply.

    Args:
        id: sets it apart from all others.
        fault: the switch.
        place: where that stands.
        process: the process that told of it.
        began_ns: when it began, in ns since the epoch.
        over_ns: when it was over.
        ended: how that is known.
        at: the point at which it acted.
        file: the line that acted, in the source that ran.
        function: likewise.
        line: likewise.
        trace_id: the trace of the command that it concerned.
        event_id: the event that it concerned.
        todo_id: that event's todo.
        version: the todo's version after it.
    """

    id: str
    fault: str
    place: str
    process: str
    began_ns: int
    over_ns: int | None = None
    ended: Ended | None = None
    at: str | None = None
    file: str | None = None
    function: str | None = None
    line: int | None = None
    trace_id: str | None = None
    event_id: str | None = None
    todo_id: int | None = None
    version: int | None = None


class Firings:
    """The newest firings.

    Args:
        contract: how a span tells of one.
        capacity: how many are kept; the first that came is the first to go.
    """

    def __init__(self, contract: Contract, capacity: int = CAPACITY) -> None:
        self._rule = contract.fault
        self._capacity = capacity
        self._firings: dict[str, Firing] = {}
        self._of_event: dict[str, dict[str, Firing]] = {}
        # By place, the firings that ended a process, as long as the process has not said so itself.
        self._crashes: dict[str, dict[str, Firing]] = {}
        self._signs: dict[str, deque[int]] = {}
        self._strings: Mapping[str, str] = {}
        self._numbers: Mapping[str, str] = {}
        if rule := self._rule:
            event = contract.event
            self._strings = {
                "at": rule.at,
                "file": rule.file,
                "function": rule.function,
                "event_id": event["event_id"],
            }
            self._numbers = {
                "line": rule.line,
                "todo_id": event["todo_id"],
                "version": event["version"],
            }

    def newest(self, limit: int = CAPACITY) -> list[Firing]:
        """Return the firings that came last, the oldest first."""
        return list(self._firings.values())[-limit:]

    def shown(self, limit: int, since_ns: int) -> list[Firing]:
        """Return the newest firings, and older ones since then that may not be over."""
        kept = list(self._firings.values())
        first = max(0, len(kept) - limit)
        open_ones = [it for it in kept[:first] if it.over_ns is None and it.began_ns >= since_ns]
        return open_ones + kept[first:]

    def of_events(self, event_ids: Iterable[str]) -> list[Firing]:
        """Return the firings that concerned these events."""
        return [it for each in event_ids for it in self._of_event.get(each, {}).values()]

    def between(self, from_ns: int, to_ns: int) -> list[Firing]:
        """Return the firings that concerned no single event, and began within that time."""
        return [
            it
            for it in self._firings.values()
            if it.event_id is None and from_ns <= it.began_ns < to_ns
        ]

    def forget_after(self, at_ns: int) -> None:
        """Forget the firings that began after a moment."""
        for firing_id in [it.id for it in self._firings.values() if it.began_ns > at_ns]:
            self._drop(firing_id)

    def add_span(self, span: Span) -> list[Firing]:
        """Fold a span in, and return the firings of which something new is known."""
        changed = {it.id: it for it in self._note_alive(span)}
        if self._rule and span.name == self._rule.span and (firing := self._add(span, self._rule)):
            changed[firing.id] = firing
        return list(changed.values())

    def note_up(self, process: str, asked_ns: int) -> list[Firing]:
        """Note that a process answered, and return the crashes that this ends.

        Args:
            process: its name.
            asked_ns: when it was asked.
        """
        crashes = self._crashes.get(process, {})
        dead = [it for it in crashes.values() if asked_ns >= it.began_ns + LONGEST_DYING_NS]
        return [it for it in dead if _ended_by(it, asked_ns)]

    def _add(self, span: Span, rule: FaultRule) -> Firing | None:
        """Fold in a span of a firing; None if it tells nothing new, or makes no sense."""
        said = span.attributes
        firing_id, fault, place = (said.get(it) for it in (rule.id, rule.fault, rule.place))
        if said.get(rule.phase) not in {BEGINS, OVER}:
            return None
        if not (isinstance(firing_id, str) and isinstance(fault, str) and isinstance(place, str)):
            return None
        kept = self._firings.get(firing_id)
        firing = kept or Firing(firing_id, fault, place, span.process, span.start_ns)
        before = replace(firing)
        self._learn(firing, span, is_over=said[rule.phase] == OVER)
        if kept is None:
            self._keep(firing)
        elif firing == before:
            return None
        if firing.event_id is not None:
            self._of_event.setdefault(firing.event_id, {})[firing.id] = firing
        return firing

    def _learn(self, firing: Firing, span: Span, *, is_over: bool) -> None:
        firing.began_ns = min(firing.began_ns, span.start_ns)
        for field, value in self._told(span.attributes):
            # What was said before it acted counts, whichever comes first.
            if not is_over or getattr(firing, field) is None:
                setattr(firing, field, value)
        if span.parent_span_id:
            firing.trace_id = span.trace_id
        if is_over:
            told_ns = firing.over_ns if firing.ended == "told" else None
            firing.over_ns, firing.ended = max(span.end_ns, told_ns or 0), "told"
            self._crashes.get(firing.place, {}).pop(firing.id, None)
        elif _may_crash(firing):
            self._look_back(firing)

    def _told(self, said: Attributes) -> Iterator[tuple[str, Value]]:
        for names, kind in ((self._strings, str), (self._numbers, int)):
            for field, name in names.items():
                value = said.get(name)
                if isinstance(value, kind):
                    yield field, value

    def _keep(self, firing: Firing) -> None:
        self._firings[firing.id] = firing
        if _may_crash(firing):
            self._crashes.setdefault(firing.place, {})[firing.id] = firing
        if len(self._firings) > self._capacity:
            self._drop(next(iter(self._firings)))

    def _drop(self, firing_id: str) -> None:
        firing = self._firings.pop(firing_id)
        for index, key in ((self._of_event, firing.event_id), (self._crashes, firing.place)):
            kept = index.get(key or "", {})
            kept.pop(firing_id, None)
            if not kept:
                index.pop(key or "", None)

    def _note_alive(self, span: Span) -> list[Firing]:
        """Note that a process did something, and return the crashes that this ends."""
        # Strangers send traces, too: whoever was silent for longest is the first to go.
        signs = self._signs.pop(span.process, None) or deque[int](maxlen=SIGNS)
        self._signs[span.process] = signs
        if len(self._signs) > MOST_PROCESSES:
            del self._signs[next(iter(self._signs))]
        signs.append(span.start_ns)
        crashes = self._crashes.get(span.process)
        return [it for it in crashes.values() if _ended_by(it, span.start_ns)] if crashes else []

    def _look_back(self, firing: Firing) -> None:
        """End a crash by the signs of life that had come before the news of it."""
        for start_ns in self._signs.get(firing.place, ()):
            _ended_by(firing, start_ns)


def _may_crash(firing: Firing) -> bool:
    return firing.fault in ENDS_PROCESS and firing.ended != "told"


def _ended_by(firing: Firing, start_ns: int) -> bool:
    """End a crash if its process began something new at that time; return whether that is news."""
    if start_ns < firing.began_ns + LEAST_DOWN_NS:
        return False
    if firing.over_ns is not None and firing.over_ns <= start_ns:
        return False
    firing.over_ns, firing.ended = start_ns, "alive"
    return True
