"""Spans and metrics kept in memory, for tests of what a process records."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import Tracer
from prometheus_client import CollectorRegistry

from chassis.clock import Clock

T = TypeVar("T")


class Recorded(Generic[T]):
    """The hops of a process, and all that they record.

    Args:
        kind: the class of the hops.
        counter: the metric that counts outcomes.
        clock: by which they are told.
    """

    def __init__(
        self,
        kind: Callable[[Tracer, Clock, CollectorRegistry], T],
        counter: str,
        clock: Clock | None = None,
    ) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self._registry = CollectorRegistry()
        self._counter = counter
        self.hops = kind(provider.get_tracer("test"), clock or Clock(), self._registry)

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        return self._exporter.get_finished_spans()

    def counted(self, outcome: str) -> float | None:
        return self._registry.get_sample_value(self._counter, {"outcome": outcome})
