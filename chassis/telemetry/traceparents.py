"""The W3C traceparent, which names a span as the parent and carries its sampling decision."""

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


def sampled(traceparent: str) -> bool:
    """Return the sampled flag, the last bit of a traceparent (W3C Trace Context, 3.2.2.5)."""
    try:
        return bool(int(traceparent[-2:], 16) & 1)
    except ValueError:
        return False
