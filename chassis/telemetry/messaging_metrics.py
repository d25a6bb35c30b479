"""Metrics of messages, spelled as Prometheus spells OpenTelemetry's.

Source: OpenTelemetry, Semantic Conventions for Messaging Client Metrics
(messaging.client.operation.duration, messaging.process.duration).
"""

from prometheus_client import CollectorRegistry, Histogram

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 10)
_LABELS = ("messaging_system", "messaging_destination_name")
_BATCHES = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def messaging_seconds(
    what: str, says: str, destination: str, registry: CollectorRegistry
) -> Histogram:
    """Return the histogram of how long something takes with a queue or an exchange of RabbitMQ."""
    name = f"messaging_{what}_duration_seconds"
    seconds = Histogram(name, says, _LABELS, buckets=_BUCKETS_S, registry=registry)
    return seconds.labels("rabbitmq", destination)


def batch_sizes(whose: str, says: str, registry: CollectorRegistry) -> Histogram:
    """Return the histogram of how many events somebody takes at a time."""
    return Histogram(f"{whose}_batch_events", says, buckets=_BATCHES, registry=registry)
