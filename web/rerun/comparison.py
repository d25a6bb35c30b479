"""Two runs, held against each other: Was, Now and the difference. Pure.

Natural and injected time stand apart, by the rule of docs/decisions/0040. A write that is not there
at the end of a run has taken longer than anybody has waited, so it counts among the slowest: where
the median falls on one, all that is known is that it is more.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from web.journeys.faults import Firing
from web.journeys.injected import Injected
from web.journeys.journey import Hop, Journey
from web.journeys.path import Paths
from web.rerun.record import NS_IN_MS, Probe

Better = Literal["less", "more"]
# What shows that an event had got so far; the earliest counts.
NO_EFFECT, SEEN = "already-applied", "seen"
IN_MONGODB = ("projected", NO_EFFECT, SEEN)
# Times that differ by less are those of the same machine on another day.
LEAST_RATIO = 2
STRETCHES: Mapping[str, str] = {
    "commit": "until the commit",
    "outbox": "in the outbox",
    "relay": "in the relay",
    "queue": "in the queue",
    "projector": "in the projector",
    "read": "until a read",
    "failed": "after a failure",
    "parked": "among the dead letters",
}


@dataclass(frozen=True)
class Run:
    """One of the two runs.

    Args:
        journeys: those of its events.
        firings: what the lab's switches did meanwhile.
        probes: the probe reads of its writes.
        end_ns: the moment up to which it is known.
        commands: how many were sent.
        answered: how many of them were acknowledged.
    """

    journeys: Sequence[Journey]
    firings: Sequence[Firing]
    probes: Sequence[Probe]
    end_ns: int
    commands: int
    answered: int


@dataclass(frozen=True)
class Cell:
    """What was measured; `is_more` if it is more than that, and nobody knows how much."""

    value: float
    is_more: bool = False


@dataclass(frozen=True)
class Row:
    """One figure of both runs.

    Args:
        group: what it belongs to.
        says: what it is.
        unit: what it is counted in: `ms`, `%`, or what is counted.
        better: whether less of it is better, or more; None if neither.
        was: of the recorded run; None if it has none.
        now: of the run that was played.
        is_injected: whether it is what the lab added.
    """

    group: str
    says: str
    unit: str
    better: Better | None
    was: Cell | None
    now: Cell | None
    is_injected: bool = False

    @property
    def delta(self) -> float | None:
        """How much more it is now; None if that is not known."""
        if self.was is None or self.now is None or self.was.is_more or self.now.is_more:
            return None
        return self.now.value - self.was.value

    @property
    def verdict(self) -> Literal["better", "worse"] | None:
        """Whether it is better now; None if that is not known, or hardly different.

        A time that is not even half of the other may well be chance.
        """
        if self.better is None or self.was is None or self.now is None:
            return None
        was, now = self._weight(self.was), self._weight(self.now)
        if was == now or (self.unit == "ms" and max(was, now) < LEAST_RATIO * min(was, now)):
            return None
        return "better" if (now < was) == (self.better == "less") else "worse"

    @staticmethod
    def _weight(cell: Cell) -> float:
        return math.inf if cell.is_more else cell.value


def table_message(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Return the table as JSON; a value that is not known is null."""
    return [
        {
            "group": it.group,
            "says": it.says,
            "unit": it.unit,
            "better": it.better,
            "verdict": it.verdict,
            "is_injected": it.is_injected,
            "was": asdict(it.was) if it.was else None,
            "now": asdict(it.now) if it.now else None,
            "delta": None if it.delta is None else round(it.delta, 3),
        }
        for it in rows
    ]


def compared(was: Run, now: Run, paths: Paths) -> list[Row]:
    """Return the table of two runs."""
    both = [_Measured(it, paths) for it in (was, now)]

    def row(
        group: str, says: str, unit: str, better: Better | None, of: Callable[[_Measured], Cell]
    ) -> Row:
        return Row(group, says, unit, better, of(both[0]), of(both[1]))

    rows = [
        *_times("After the answer", "until MongoDB has it", [it.until(IN_MONGODB) for it in both]),
        *_times("After the answer", "until a read shows it", [it.until((SEEN,)) for it in both]),
        *_stale(both),
        *(
            row("What went wrong", says, unit, "less", of)
            for says, unit, of in (
                ("acknowledged, and not in MongoDB", "events", lambda it: Cell(it.lost())),
                ("in MongoDB, and never committed", "events", lambda it: Cell(it.ghosts())),
                ("dead letters", "events", lambda it: Cell(it.having("dead-lettered"))),
                ("delivered again", "deliveries", lambda it: Cell(it.redelivered())),
                ("attempts that failed", "attempts", lambda it: Cell(it.count("retried"))),
                ("most attempts for one event", "attempts", lambda it: Cell(it.most_attempts())),
                ("applied before, no effect", "events", lambda it: Cell(it.count(NO_EFFECT))),
            )
        ),
    ]
    for name, says in STRETCHES.items():
        rows += _times("On the way", says, [it.stretches(name) for it in both])
    return [
        *rows,
        row("What was sent", "commands", "commands", None, lambda it: Cell(it.run.commands)),
        row("What was sent", "acknowledged", "commands", "more", lambda it: Cell(it.run.answered)),
        row("What was sent", "events", "events", None, lambda it: Cell(len(it.run.journeys))),
        row("What was sent", "times that a switch acted", "firings", None, _Measured.fired),
    ]


Times = list[tuple[float, float]]


def _stale(both: Sequence["_Measured"]) -> Iterator[Row]:
    """Yield the share of the probe reads that were stale: of writes held up, apart."""
    for says, is_held in (
        ("probe reads that were stale", False),
        ("probe reads that were stale, of writes held up", True),
    ):
        was, now = (it.stale(is_held=is_held) for it in both)
        if was or now:
            yield Row("After the answer", says, "%", "less", was, now, is_held)


def _times(group: str, says: str, both: Sequence[Times]) -> list[Row]:
    """Return the rows of some times: the natural ones, and what was injected, if anything was.

    Args:
        group: what they belong to.
        says: what they are.
        both: of each run, for each event, its natural and its injected time in ms; infinite if it
            has not ended.
    """
    if not any(both):
        return []
    rows: list[Row] = []
    injected = [[each[1] for each in times] for times in both]
    natural = [[each[0] for each in times] for times in both]
    is_injected = any(each > 0 for times in injected for each in times)
    for which, of in (("half", _median), ("most", _most)):
        was, now = (_cell(it, of) for it in natural)
        rows.append(Row(group, f"{says}, {which}", "ms", "less", was, now))
    for which, of in (("half", _median), ("most", _most)) if is_injected else ():
        was, now = (_cell(it, of) for it in injected)
        rows.append(Row(group, f"{says}, injected, {which}", "ms", None, was, now, is_injected))
    return rows


def _cell(times_ms: Sequence[float], of: Callable[[Sequence[float]], float]) -> Cell | None:
    if not times_ms:
        return None
    value = of(sorted(times_ms))
    if math.isfinite(value):
        return Cell(round(value, 3))
    known = [it for it in times_ms if math.isfinite(it)]
    return Cell(round(max(known, default=0.0), 3), is_more=True)


def _median(times_ms: Sequence[float]) -> float:
    """Return the nearest-rank median, as the page does."""
    return times_ms[math.ceil(len(times_ms) / 2) - 1]


def _most(times_ms: Sequence[float]) -> float:
    return times_ms[-1]


class _Measured:
    """What is measured of one run."""

    def __init__(self, run: Run, paths: Paths) -> None:
        self.run = run
        self._paths = paths
        self._rule = Injected(paths, run.firings)

    def stretches(self, name: str) -> Times:
        """Return, for each event that passed a stretch, its times there."""
        found: Times = []
        for journey in self.run.journeys:
            passed = [it for it in self._paths.stretches(journey) if it.name == name]
            if not passed:
                continue
            whole_ns = sum(max(0, it.to_ns - it.from_ns) for it in passed)
            injected_ns = sum(
                self._rule.within_ns(journey, name, it.from_ns, it.to_ns) for it in passed
            )
            found.append(_apart(whole_ns, injected_ns))
        return found

    def until(self, proofs: Collection[str]) -> Times:
        """Return, for each acknowledged event, how long until it or a newer one had got so far."""
        reached = _reached(self.run.journeys, proofs)
        found: Times = []
        for journey in self.run.journeys:
            acknowledged_ns = _first_ns(journey, ("acknowledged",))
            if acknowledged_ns is None:
                continue
            at_ns = reached(journey)
            end_ns = self.run.end_ns if at_ns is None else at_ns
            injected_ns = self._rule.between_ns(journey, acknowledged_ns, end_ns)
            if at_ns is None:
                found.append((math.inf, injected_ns / NS_IN_MS))
            else:
                # Readable before the answer had come back: for the writer, at once.
                found.append(_apart(max(0, at_ns - acknowledged_ns), injected_ns))
        return found

    def count(self, hop: str) -> int:
        """Return how often a hop happened."""
        return len(self._hops(hop))

    def having(self, hop: str) -> int:
        """Return to how many events a hop happened."""
        return sum(_first_ns(it, (hop,)) is not None for it in self.run.journeys)

    def redelivered(self) -> int:
        """Return how many deliveries the broker had made before."""
        return sum(it.details.get("redelivered") is True for it in self._hops("delivered"))

    def most_attempts(self) -> int:
        """Return the most attempts that one event took."""
        attempts = [
            attempt
            for journey in self.run.journeys
            for hop in journey.hops.values()
            if isinstance(attempt := hop.details.get("attempt"), int)
        ]
        return max(attempts, default=0)

    def lost(self) -> int:
        """Return how many events were acknowledged, and are neither in MongoDB nor set aside."""
        reached = _reached(self.run.journeys, IN_MONGODB)
        return sum(
            _first_ns(it, ("acknowledged",)) is not None
            and reached(it) is None
            and _first_ns(it, ("dead-lettered",)) is None
            for it in self.run.journeys
        )

    def ghosts(self) -> int:
        """Return how many events are in MongoDB of which no transaction has told."""
        return sum(
            _first_ns(it, IN_MONGODB) is not None
            and _first_ns(it, ("committed", "acknowledged")) is None
            for it in self.run.journeys
        )

    def stale(self, *, is_held: bool) -> Cell | None:
        """Return the share of the writes that a probe read did not show.

        Args:
            is_held: of the writes that the lab held up, or of the others.
        """
        journeys = {it.event_id: it for it in self.run.journeys}
        probes = [
            it
            for it in self.run.probes
            if it.event_id in journeys and self._is_held(journeys[it.event_id], it) == is_held
        ]
        weight = sum(it.weight for it in probes)
        if not weight:
            return None
        stale = sum(it.weight for it in probes if not it.visible)
        return Cell(round(100 * stale / weight, 3))

    def fired(self) -> Cell:
        """Return how many firings began during the run, or concerned one of its events."""
        events = {it.event_id for it in self.run.journeys}
        began_ns = min((it.began_ns for it in self.run.journeys if it.hops), default=0)
        count = sum(
            it.event_id in events or began_ns <= it.began_ns <= self.run.end_ns
            for it in self.run.firings
        )
        return Cell(count)

    def _is_held(self, journey: Journey, probe: Probe) -> bool:
        return self._rule.between_ns(journey, probe.acknowledged_ns, probe.at_ns) > 0

    def _hops(self, name: str) -> list[Hop]:
        return [hop for it in self.run.journeys for hop in it.hops.values() if hop.name == name]


def _apart(whole_ns: int, injected_ns: int) -> tuple[float, float]:
    injected_ns = min(injected_ns, whole_ns)
    return (whole_ns - injected_ns) / NS_IN_MS, injected_ns / NS_IN_MS


def _first_ns(journey: Journey, names: Collection[str]) -> int | None:
    return min((hop.at_ns for hop in journey.hops.values() if hop.name in names), default=None)


def _reached(
    journeys: Iterable[Journey], proofs: Collection[str]
) -> Callable[[Journey], int | None]:
    """Return what says when an event, or a newer one of the same todo, had got so far."""
    by_todo: dict[int, list[tuple[int, int]]] = {}
    for journey in journeys:
        at_ns = _first_ns(journey, proofs)
        if at_ns is not None and journey.todo_id is not None:
            by_todo.setdefault(journey.todo_id, []).append((journey.version or 0, at_ns))

    def reached(journey: Journey) -> int | None:
        own_ns = _first_ns(journey, proofs)
        if journey.todo_id is None or journey.version is None:
            return own_ns
        known = by_todo.get(journey.todo_id, [])
        return min((at_ns for version, at_ns in known if version >= journey.version), default=None)

    return reached
