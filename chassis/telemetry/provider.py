"""Where a process's spans go."""

import os

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from chassis.sessions import direct_session


def new_tracer_provider(service: str) -> TracerProvider:
    """Return where this process's spans go; `shutdown()` sends what is left.

    OTEL_EXPORTER_OTLP_ENDPOINT says where that is, as in OpenTelemetry's specification; without
    it nothing is sent. If the receiver is down, spans are dropped and nothing else is lost.
    """
    provider = TracerProvider(
        resource=Resource.create({SERVICE_NAME: service}),
        # One span of a batch links to every event in it.
        span_limits=SpanLimits(max_links=1024),
        shutdown_on_exit=False,
    )
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        exporter = OTLPSpanExporter(timeout=2, session=direct_session())
        provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
