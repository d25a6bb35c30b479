"""The dead letters with all that the work on them needs: broker, stores and traces."""

from collections.abc import Iterator
from contextlib import contextmanager

from chassis import mongo
from chassis.clock import Clock
from chassis.rabbitmq import connection_parameters
from chassis.telemetry.provider import new_tracer_provider
from query_service.dead_letters.hops import SERVICE, RetryHops
from query_service.dead_letters.versions import BothStores
from query_service.dead_letters.work import DeadLetters
from query_service.read_model import ReadModel
from query_service.settings import LetterSettings

TRACES_EVERY_MS = 75


@contextmanager
def opened(settings: LetterSettings) -> Iterator[DeadLetters]:
    """Run a block with the dead letters; at its end, the last traces are sent."""
    provider = new_tracer_provider(SERVICE, settings.traces_url, TRACES_EVERY_MS)
    read_model = ReadModel(mongo.database(settings.mongodb_url, timeout_ms=3000))
    stores = BothStores(read_model, settings.command_service_url)
    hops = RetryHops(provider.get_tracer("query_service.dead_letters"), Clock())
    parameters = connection_parameters(settings.rabbitmq_url, SERVICE)
    try:
        yield DeadLetters(parameters, stores, hops, settings.most)
    finally:
        provider.shutdown()
