"""Batches of spans: a thread sends what has gathered, and sleeps while nothing happens."""

import logging
import time
from collections import deque
from threading import Event, Thread

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

# The spans of one event end within a few milliseconds of each other, and go out together.
GATHER_MS = 20
MOST_AT_ONCE = 512
# More than a receiver can miss in the time after which it is given up.
MOST_WAITING = 2048
# A receiver may be away and another may hang; nobody waits longer for a process to end.
LONGEST_STOP_S = 10.0

log = logging.getLogger(__name__)


class Batches(SpanProcessor):
    """Passes ended spans to an exporter, in batches.

    The SDK's BatchSpanProcessor wakes on a beat, whether there are spans or not. This one is woken
    by the first span, and then leaves some time for others to come.

    Args:
        exporter: sends them.
        every_ms: the least time from one batch to the next.
    """

    def __init__(self, exporter: SpanExporter, every_ms: int) -> None:
        self._exporter = exporter
        self._every_s = every_ms / 1000
        # If it is full, the oldest span makes room.
        self._spans: deque[ReadableSpan] = deque(maxlen=MOST_WAITING)
        self._some = Event()
        # Somebody waits for what there is to be sent.
        self._hurry = Event()
        self._flushes: deque[Event] = deque()
        self._is_stopping = False
        self._thread = Thread(target=self._run, name="traces", daemon=True)
        self._thread.start()

    def on_end(self, span: ReadableSpan) -> None:
        """Take a span, on the thread that ended it."""
        self._spans.append(span)
        if not self._some.is_set():
            self._some.set()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what there is now; return whether that was done within so many ms."""
        flushed = Event()
        self._flushes.append(flushed)
        self._hurry.set()
        self._some.set()
        return flushed.wait(timeout_millis / 1000)

    def shutdown(self) -> None:
        """Send what is left, and end."""
        self._is_stopping = True
        self._hurry.set()
        self._some.set()
        self._thread.join(LONGEST_STOP_S)
        self._exporter.shutdown()

    def _run(self) -> None:
        due_s, is_last = 0.0, False
        while not is_last:
            self._some.wait()
            self._hurry.wait(max(GATHER_MS / 1000, due_s - time.monotonic()))
            # First, so that neither a span that comes from here on nor the end is missed.
            self._some.clear()
            self._hurry.clear()
            is_last, flushes = self._is_stopping, list(self._flushes)
            due_s = time.monotonic() + self._every_s
            self._send_all()
            for flushed in flushes:
                self._flushes.remove(flushed)
                flushed.set()

    def _send_all(self) -> None:
        while self._spans:
            batch = [self._spans.popleft() for _ in range(min(len(self._spans), MOST_AT_ONCE))]
            if self._export(batch) is not SpanExportResult.SUCCESS and self._is_stopping:
                # The others would fare no better, and somebody waits for the end.
                return

    def _export(self, batch: list[ReadableSpan]) -> SpanExportResult:
        try:
            return self._exporter.export(batch)
        except Exception:
            log.exception("%d spans were not sent", len(batch))
            return SpanExportResult.FAILURE
