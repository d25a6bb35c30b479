"""A recorded run, as `GET /export` gives it and the page keeps it in a file. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from web.journeys.contract import Contract
from web.journeys.faults import Firing
from web.journeys.journey import Hop, Journey

FORMAT, VERSION = "eventually-run", 1
NS_IN_MS = 1_000_000


class NotARun(ValueError):
    """What was given is no run; the message says why."""


@dataclass(frozen=True)
class Probe:
    """A read of one todo, to see whether it shows a write.

    Args:
        event_id: the write's event.
        visible: whether the read showed it.
        weight: how many writes it stands for.
        asked_ns: when it was asked, in ns since the epoch.
        acknowledged_ns: when the write had been acknowledged.
        at_ns: when the answer was there.
    """

    event_id: str
    visible: bool
    weight: float
    asked_ns: int
    acknowledged_ns: int
    at_ns: int


@dataclass(frozen=True)
class Window:
    """The part of a record that is its run.

    Args:
        from_ns: when it began; None for the beginning of the record.
        to_ns: when it was over; None for its end.
    """

    from_ns: int | None = None
    to_ns: int | None = None

    def has(self, at_ns: int) -> bool:
        """Return whether a moment lies in it."""
        begun = self.from_ns is None or at_ns >= self.from_ns
        return begun and (self.to_ns is None or at_ns <= self.to_ns)


@dataclass(frozen=True)
class Record:
    """What is known of a run.

    Args:
        journeys: the journeys of its events.
        firings: what the lab's switches did.
        probes: the probe reads.
        at_ns: the moment up to which it is known.
        window: the part that is the run. What is earlier was there already.
        switches: what was on while it was recorded: by place and switch, its setting.
    """

    journeys: Sequence[Journey]
    firings: Sequence[Firing] = ()
    probes: Sequence[Probe] = ()
    at_ns: int = 0
    window: Window = field(default_factory=Window)
    switches: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)


class _Hop(msgspec.Struct, frozen=True):
    hop: str
    at_ms: float
    process: str = ""
    start_ms: float | None = None
    span_id: str | None = None
    attempt: int | None = None
    reason: str | None = None
    redelivered: bool | None = None
    error: str | None = None


class _Journey(msgspec.Struct, frozen=True):
    event_id: str
    trace_id: str | None = None
    type: str | None = None
    todo_id: int | None = None
    version: int | None = None
    title: str | None = None
    completed: bool | None = None
    hops: tuple[_Hop, ...] = ()


class _Firing(msgspec.Struct, frozen=True):
    id: str
    fault: str
    place: str
    began_ms: float
    process: str = ""
    over_ms: float | None = None
    at: str | None = None
    trace_id: str | None = None
    event_id: str | None = None
    todo_id: int | None = None
    version: int | None = None


class _Probe(msgspec.Struct, frozen=True):
    event_id: str
    t_ms: float
    visible: bool
    asked_ms: float
    at_ms: float
    weight: float = 1.0


class _Sample(msgspec.Struct, frozen=True):
    at_ms: float
    told: dict[str, Any]


class _Ran(msgspec.Struct, frozen=True):
    began_ms: float
    over_ms: float | None = None


class _Run(msgspec.Struct, frozen=True):
    format: str = ""
    version: int = 0
    at_ms: float = 0.0
    journeys: tuple[_Journey, ...] = ()
    firings: tuple[_Firing, ...] = ()
    probes: tuple[_Probe, ...] = ()
    switches: tuple[_Sample, ...] = ()
    # Only the sheet of a lesson has these.
    runs: dict[str, _Ran | None] | None = None


_DECODER = msgspec.json.Decoder(_Run)


def record_in(file: bytes, contract: Contract) -> Record:
    """Return the record in a file. Raises NotARun.

    Args:
        file: what is in it.
        contract: says what its hops mean.
    """
    try:
        run = _DECODER.decode(file)
    except msgspec.ValidationError as error:
        raise NotARun(f"This file holds no run of Eventually: {error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NotARun("This file is not JSON.") from error
    if run.format != FORMAT:
        raise NotARun("This file holds no run of Eventually.")
    if run.version != VERSION:
        raise NotARun(f"This run is of version {run.version}; version {VERSION} can be read.")
    was = (run.runs or {}).get("was")
    began_ms = min((hop.at_ms for it in run.journeys for hop in it.hops), default=0.0)
    firings = [_firing(it) for it in run.firings]
    samples = [(it.at_ms, it.told) for it in run.switches]
    return Record(
        [_journey(it, contract) for it in run.journeys],
        firings,
        probes_in(msgspec.to_builtins(run.probes)),
        _ns(run.at_ms),
        Window(_ns(was.began_ms), _ns(was.over_ms) if was.over_ms else None) if was else Window(),
        switches_on(samples, firings, was.began_ms if was else began_ms),
    )


def probes_in(messages: Sequence[Mapping[str, Any]]) -> list[Probe]:
    """Return probe reads from what the page is sent of them."""
    return [
        Probe(
            it["event_id"],
            it["visible"],
            it.get("weight", 1.0),
            _ns(it["asked_ms"]),
            # The t of a probe ends in the middle of its read.
            _ns((it["asked_ms"] + it["at_ms"]) / 2 - it["t_ms"]),
            _ns(it["at_ms"]),
        )
        for it in messages
    ]


def switches_on(
    samples: Iterable[tuple[float, Mapping[str, Any]]], firings: Iterable[Firing], from_ms: float
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what was on during a run, and its setting: an empty one if it is not known.

    Args:
        samples: how the switches of some places stood, and when that was told, the oldest first.
        firings: what acted; while no page is open, a switch may come and go between two samples.
        from_ms: when the run began.
    """
    stood: dict[str, Any] = {}
    later: list[Mapping[str, Any]] = []
    for at_ms, told in samples:
        if at_ms < from_ms:
            stood |= told
        else:
            later.append(told)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for places in (stood, *later):
        found.update(_on_in(places))
    for firing in firings:
        if firing.began_ns >= from_ms * NS_IN_MS:
            found.setdefault((firing.place, firing.fault), {})
    return found


def _on_in(places: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """Yield the switches that are on, by place and name, with their states."""
    for place, switches in places.items():
        for name, state in switches.items() if isinstance(switches, dict) else ():
            if isinstance(state, dict) and state.get("on") is True:
                yield (place, name), state


def _journey(told: _Journey, contract: Contract) -> Journey:
    journey = Journey(
        told.event_id,
        None if told.trace_id is None else (0, told.trace_id),
        told.type,
        told.todo_id,
        told.version,
        told.title,
        told.completed,
    )
    for each in told.hops:
        rule = contract.hops.get(each.hop)
        details = {
            name: value
            for name in ("attempt", "reason", "redelivered", "error")
            if (value := getattr(each, name)) is not None
        }
        start_ns = None if each.start_ms is None else _ns(each.start_ms)
        hop = Hop(
            each.hop,
            _ns(each.at_ms),
            start_ns,
            each.process,
            each.span_id,
            details,
            rule.means if rule else None,
        )
        journey.hops[hop.key] = hop
    return journey


def _firing(told: _Firing) -> Firing:
    return Firing(
        told.id,
        told.fault,
        told.place,
        told.process,
        _ns(told.began_ms),
        None if told.over_ms is None else _ns(told.over_ms),
        at=told.at,
        trace_id=told.trace_id,
        event_id=told.event_id,
        todo_id=told.todo_id,
        version=told.version,
    )


def _ns(time_ms: float) -> int:
    return round(time_ms * NS_IN_MS)
