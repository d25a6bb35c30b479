"""The W3C traceparent, which names a span as the parent and carries its sampling decision."""

import re

from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    TraceFlags,
    set_span_in_context,
)  # fmt: skip

# W3C Trace Context, 3.2.2: version 00; an id of all zeros is invalid.
_TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})")


def traceparent_of(span: Span) -> str:
    """Return the traceparent that names the span as the parent."""
    return traceparent_naming(span.get_span_context())


def traceparent_naming(named: SpanContext) -> str:
    """Return the traceparent that names the span of a context as the parent."""
    return f"00-{named.trace_id:032x}-{named.span_id:016x}-{named.trace_flags:02x}"


def span_named_by(traceparent: str) -> SpanContext | None:
    """Return the span that a traceparent names; None if it is not valid."""
    found = _TRACEPARENT.fullmatch(traceparent)
    if found is None:
        return None
    trace_id, span_id, flags = (int(digits, 16) for digits in found.groups())
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))


def parent_in(traceparent: str) -> Context:
    """Return the context whose span the traceparent names; an empty one if it names none."""
    named = span_named_by(traceparent)
    return set_span_in_context(NonRecordingSpan(named), Context()) if named else Context()


def sampled(traceparent: str) -> bool:
    """Return the sampled flag, the last bit of a traceparent (W3C Trace Context, 3.2.2.5)."""
    try:
        return bool(int(traceparent[-2:], 16) & 1)
    except ValueError:
        return False
