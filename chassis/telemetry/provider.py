"""Where a process's spans go: to the page, and to a receiver of the user's own."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from chassis.telemetry.batches import Batches
from chassis.telemetry.exporter import PageExporter

# The variables that say something about the user's own receiver.
_OF_RECEIVER = ("OTEL_EXPORTER_OTLP_", "OTEL_BSP_", "OTEL_RESOURCE_ATTRIBUTES")
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
# How long the page's receiver may take for a step of an export.
TIMEOUT_S = 2.0

log = logging.getLogger(__name__)


def new_tracer_provider(service: str, traces_url: str, every_ms: int) -> TracerProvider:
    """Return where this process's spans go; `shutdown()` sends what is left.

    If a receiver is down, spans are dropped and nothing else is lost. The variables of
    OpenTelemetry that the process was started with apply to a second receiver, if they name one:
    none of them can blind the first. They leave the environment, where the SDK would find them.

    Args:
        service: the name of the process.
        traces_url: the first receiver, an OTLP/HTTP endpoint; "" sends nothing.
        every_ms: the least time from one export there to the next.
    """
    given = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith("OTEL_")}
    used = {name: value for name, value in given.items() if _is_of_receiver(name, value)}
    if unused := sorted(given.keys() - used.keys()):
        log.info("left out, since the page needs all traces: %s", ", ".join(unused))
    processors: list[SpanProcessor] = []
    with _environment(used):
        resource = Resource.create({SERVICE_NAME: service})
        if any(used.get(name) for name in _ENDPOINTS):
            processors.append(BatchSpanProcessor(OTLPSpanExporter()))
    if traces_url:
        endpoint = f"{traces_url.rstrip('/')}/v1/traces"
        processors.append(Batches(PageExporter(endpoint, TIMEOUT_S), every_ms))
    # Whether there is a trace is decided before there is a span.
    provider = TracerProvider(ALWAYS_ON, resource, shutdown_on_exit=False)
    for processor in processors:
        provider.add_span_processor(processor)
    return provider


def _is_of_receiver(name: str, value: str) -> bool:
    # This exporter speaks one protocol.
    is_other = name.endswith("_PROTOCOL") and value != "http/protobuf"
    return name.startswith(_OF_RECEIVER) and not is_other


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Put variables into the environment for as long as the SDK reads it."""
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            del os.environ[name]
