"""Spans to the page: OTLP/HTTP over one connection that is kept."""

import logging
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from chassis.telemetry.encoding import encoded

_HEADERS = {"Content-Type": "application/x-protobuf"}
# For a receiver that starts again. Whoever is away longer misses spans.
TRY_AGAIN_AFTER_S = 1.0

log = logging.getLogger(__name__)


class Refused(Exception):
    """The receiver has answered, and has not taken the spans."""


class PageExporter(SpanExporter):
    """Sends spans to one receiver, and to no proxy.

    OpenTelemetry's own exporter does more than a connection on loopback needs, at four times the
    price. Like it, this one connects again where the receiver has ended the connection, tries once
    more after a second where it cannot be reached, and then drops the spans.

    Args:
        endpoint: the receiver, as a URL.
        timeout_s: how long the receiver may take for a step of an export.
    """

    def __init__(self, endpoint: str, timeout_s: float) -> None:
        parts = urlsplit(endpoint)
        connection = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self._endpoint = endpoint
        self._path = parts.path
        self._connection = connection(parts.hostname or "", parts.port, timeout=timeout_s)
        self._is_lost = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send some spans, and return whether the receiver has them."""
        body = encoded(spans)
        try:
            self._send(body)
        except (OSError, HTTPException, Refused) as error:
            self._connection.close()
            if not self._is_lost:
                self._is_lost = True
                log.warning("no traces reach %s: %s", self._endpoint, error)
            return SpanExportResult.FAILURE
        if self._is_lost:
            self._is_lost = False
            log.info("traces reach %s again", self._endpoint)
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _send(self, body: bytes) -> None:
        if self._connection.sock:
            try:
                return self._post(body)
            except (ConnectionError, HTTPException):
                # It was kept, and the receiver has ended it since.
                self._connection.close()
        try:
            self._post(body)
        except ConnectionError:
            self._connection.close()
            time.sleep(TRY_AGAIN_AFTER_S)
            self._post(body)

    def _post(self, body: bytes) -> None:
        self._connection.request("POST", self._path, body, _HEADERS)
        answer = self._connection.getresponse()
        answer.read()
        if not 200 <= answer.status < 300:
            raise Refused(f"{answer.status} {answer.reason}")
