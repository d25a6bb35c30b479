"""Spans of what is over: made in one go, with all that is known of them."""

from collections.abc import Mapping, Sequence
from typing import cast

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace import Tracer as SdkTracer
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import (
    Link,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
)  # fmt: skip
from opentelemetry.util.types import AttributeValue

_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_UNSET = Status()


class FinishedSpans:
    """Makes finished spans, and hands them to the processors of a tracer.

    A span of `Tracer.start_span` may still change until it ends: it has locks, limits and a copy of
    each attribute, which cost several times as much as the span. Whoever calls this has decided
    already that there is a trace to record.

    Args:
        tracer: whose resource, processors and name the spans have; one of the SDK.
    """

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = cast("SdkTracer", tracer)
        self._scope = InstrumentationScope(self._tracer.instrumentation_info.name)

    def add(
        self, name: str, kind: SpanKind, parent: SpanContext | None, start_ns: int, end_ns: int,
        attributes: Mapping[str, AttributeValue], events: Sequence[Event] = (),
        links: Sequence[Link] = (), error: str | None = None, context: SpanContext | None = None,
    ) -> None:  # fmt: skip
        """Make a span; without a parent, it has a trace of its own. Times are ns since the epoch.

        `error` says what went wrong; `context` is the span's own, if it was needed before.
        """
        tracer = self._tracer
        context = context or self.new_context(parent)
        span = ReadableSpan(
            name,
            context,
            parent,
            tracer.resource,
            attributes,
            events,
            links,
            kind,
            status=Status(StatusCode.ERROR, error) if error else _UNSET,
            start_time=start_ns,
            end_time=end_ns,
            instrumentation_scope=self._scope,
        )
        tracer.span_processor.on_end(span)

    def new_context(self, parent: SpanContext | None = None) -> SpanContext:
        """Return the context of a new span; without a parent, it has a trace of its own."""
        ids = self._tracer.id_generator
        trace_id = parent.trace_id if parent else ids.generate_trace_id()
        return SpanContext(trace_id, ids.generate_span_id(), is_remote=False, trace_flags=_SAMPLED)
