"""How long requests take, as Prometheus counts it.

Source: OpenTelemetry, Semantic Conventions for HTTP Metrics, http.server.request.duration; its
buckets and its attributes, spelled as Prometheus spells them.
"""

import time

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Histogram

from chassis.telemetry.arrival import ARRIVED_NS

NAME = "http_server_request_duration_seconds"
LABELS = ("http_request_method", "http_route", "http_response_status_code")
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
# Whatever else a client calls its method: a label of a stranger's choice would grow for ever.
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def measure_requests(app: Flask, registry: CollectorRegistry) -> None:
    """Measure each request, from its arrival until its answer is ready."""
    seconds = Histogram(
        NAME, "Time from a request to its answer.", LABELS, buckets=_BUCKETS_S, registry=registry
    )
    # Finding one by its labels costs more than counting does.
    known: dict[tuple[str, str, int], Histogram] = {}

    @app.before_request
    def begin() -> None:
        g.began_ns = request.environ.get(ARRIVED_NS) or time.monotonic_ns()

    @app.after_request
    def end(answer: Response) -> Response:
        method = request.method if request.method in _METHODS else "_OTHER"
        key = (method, request.url_rule.rule if request.url_rule else "", answer.status_code)
        of_its_kind = known.get(key)
        if of_its_kind is None:
            of_its_kind = known[key] = seconds.labels(*key)
        # A request that is refused before it is begun has no time.
        of_its_kind.observe((time.monotonic_ns() - g.get("began_ns", time.monotonic_ns())) / 1e9)
        return answer
