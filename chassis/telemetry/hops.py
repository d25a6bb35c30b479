"""Hops: what happens to events, as spans.

A hop's span names its event, so that a receiver of the traces can follow one event through
processes that do not know each other. Only this module checks whether an event's trace is
recorded; if it is not, the event's hops cost next to nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

from opentelemetry.sdk.trace import Event
from opentelemetry.trace import Link, SpanKind, Tracer
from opentelemetry.util.types import AttributeValue

from chassis.clock import Clock
from chassis.telemetry.finished import FinishedSpans
from chassis.telemetry.traceparents import sampled, span_named_by

Said = Mapping[str, AttributeValue]
_NOTHING: Said = MappingProxyType({})


@dataclass(frozen=True)
class Hop:
    """What all spans of one hop have in common: name, kind, and some of the attributes."""

    span: str
    kind: SpanKind
    attributes: Said


class Traceable(Protocol):
    """Anything that hops can happen to."""

    @property
    def traceparent(self) -> str:
        """Return the W3C context of the command that caused it."""


E = TypeVar("E", bound=Traceable)


class HopRecorder(Generic[E]):
    """Records what happens to events, which is noted in steady ns (`time.monotonic_ns`).

    Args:
        tracer: whose spans they are.
        clock: turns the times of a span into times of day, all of them at once.
        identify: returns the attributes that name an event.
    """

    def __init__(self, tracer: Tracer, clock: Clock, identify: Callable[[E], Said]) -> None:
        self._spans = FinishedSpans(tracer)
        self._clock = clock
        self._identify = identify

    def record(
        self, hop: Hop, event: E, start_ns: int, end_ns: int, attributes: Said = _NOTHING,
        error: str | None = None, moment: tuple[str, int] | None = None,
    ) -> bool:  # fmt: skip
        """Record what has happened to one event, and return whether its trace is recorded.

        Times are in steady ns. `error` says what went wrong, for error.type; `moment`
        what happened in between, and when.
        """
        if not sampled(event.traceparent):
            return False
        said = {**self._identify(event), **hop.attributes, **attributes}
        if error:
            said["error.type"] = error
        offset_ns = self._clock.offset_ns()
        self._spans.add(
            hop.span, hop.kind, span_named_by(event.traceparent),
            start_ns + offset_ns, end_ns + offset_ns, said,
            events=[Event(moment[0], {}, moment[1] + offset_ns)] if moment else (),
            error=error,
        )  # fmt: skip
        return True

    def record_batch(self, hop: Hop, events: Sequence[E], at_ns: int, attributes: Said) -> None:
        """Record a piece of work on many events, as one span that links to each recorded one."""
        named = [(span_named_by(it.traceparent), it) for it in events if sampled(it.traceparent)]
        if links := [Link(span, self._identify(event)) for span, event in named if span]:
            said, epoch_ns = {**hop.attributes, **attributes}, at_ns + self._clock.offset_ns()
            self._spans.add(hop.span, hop.kind, None, epoch_ns, epoch_ns, said, links=links)
