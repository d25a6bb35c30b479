"""Hops: what happens to events, as spans.

A hop's span names its event, so that whoever receives the traces can follow one event through
processes that do not know each other. Whether an event is recorded at all is asked here, once:
one that is not costs its process next to nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

from opentelemetry.context import Context
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, Tracer, get_current_span
from opentelemetry.util.types import AttributeValue

from chassis.telemetry.sampling import sampled
from chassis.telemetry.traceparents import parent_in

Said = Mapping[str, AttributeValue]
_NOTHING: Said = MappingProxyType({})


@dataclass(frozen=True)
class Hop:
    """What all spans of one hop have in common.

    Args:
        span: the span's name.
        kind: its kind.
        attributes: those that are always the same.
    """

    span: str
    kind: SpanKind
    attributes: Said


class Traceable(Protocol):
    """What hops can happen to."""

    @property
    def traceparent(self) -> str:
        """Return the W3C context of the command that caused it."""


E = TypeVar("E", bound=Traceable)


class HopRecorder(Generic[E]):
    """Records what happens to events, if the edge decided to record their traces.

    Args:
        tracer: the process's tracer.
        identify: returns the attributes that name an event.
    """

    def __init__(self, tracer: Tracer, identify: Callable[[E], Said]) -> None:
        self._tracer = tracer
        self._identify = identify

    def record(
        self,
        hop: Hop,
        event: E,
        start_ns: int,
        end_ns: int,
        attributes: Said = _NOTHING,
        error: str | None = None,
        moment: tuple[str, int] | None = None,
    ) -> bool:
        """Record what has happened to one event, and return whether its trace is recorded.

        Args:
            hop: what has happened.
            event: the event that it happened to.
            start_ns: when it began, in ns since the epoch.
            end_ns: when it had happened.
            attributes: what else there is to say.
            error: what went wrong, for error.type.
            moment: what happened in between, and when, in ns since the epoch.
        """
        if not sampled(event.traceparent):
            return False
        span = self._tracer.start_span(
            hop.span,
            parent_in(event.traceparent),
            hop.kind,
            {**self._identify(event), **hop.attributes, **attributes},
            start_time=start_ns,
        )
        if error:
            span.set_attribute("error.type", error)
            span.set_status(Status(StatusCode.ERROR, error))
        if moment:
            span.add_event(moment[0], timestamp=moment[1])
        span.end(end_ns)
        return True

    def record_batch(
        self, hop: Hop, events: Sequence[E], start_ns: int, end_ns: int, attributes: Said
    ) -> None:
        """Record one piece of work on many events, as a span that links to each recorded one.

        Args:
            hop: what has happened.
            events: all events of the batch.
            start_ns: when it began, in ns since the epoch.
            end_ns: when it had happened.
            attributes: what else there is to say.
        """
        links = [self._link_to(event) for event in events if sampled(event.traceparent)]
        if valid := [link for link in links if link.context.is_valid]:
            span = self._tracer.start_span(
                hop.span,
                Context(),
                hop.kind,
                {**hop.attributes, **attributes},
                valid,
                start_time=start_ns,
            )
            span.end(end_ns)

    def _link_to(self, event: E) -> Link:
        context = get_current_span(parent_in(event.traceparent)).get_span_context()
        return Link(context, dict(self._identify(event)))
