"""The W3C traceparent, to and from OpenTelemetry's context."""

from opentelemetry.context import Context
from opentelemetry.trace import Span, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_propagator = TraceContextTextMapPropagator()


def traceparent_of(span: Span) -> str:
    """Return the traceparent that names the span as the parent."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier, set_span_in_context(span))
    return carrier.get("traceparent", "")


def parent_in(traceparent: str) -> Context:
    """Return the context whose span the traceparent names; an empty one if it names none."""
    return _propagator.extract({"traceparent": traceparent}, Context())
