"""The relay and the projector, each emptying what has piled up."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any
from uuid import uuid4

import pika
from bson import Binary
from pymongo import WriteConcern

from bench.floors import against_floor
from bench.neighbours import Neighbours
from bench.report import Row, at_least, compare
from bench.rig import Rig, pause, until
from bench.turns import REPEATS, Tell, in_turn
from chassis.bell import Bell
from chassis.publisher import ConfirmingPublisher, Outgoing
from chassis.rabbitmq import connection_parameters
from command_service.relay import BATCH
from query_service.deliveries import PREFETCH
from query_service.events import parse_event
from query_service.projections import document_after
from query_service.read_model import guarded_write

DRAINED = 100_000
PART = DRAINED // REPEATS
YARDSTICK = 20_000
WITHIN_S = 120
# Of publishing; and events a second at least.
RELAY_SHARE = 0.5
RELAYED = 10_000
PROJECTED = 6_000


def measure(rig: Rig, tell: Tell, neighbours: Neighbours) -> list[Row]:
    """Drain the outbox and then the queue, in parts, each against its yardstick."""
    bodies = yardstick_events(rig, tell)
    rows = neighbours.calm(lambda: _drained(rig, tell, bodies), times=2)
    pause(rig.stack, rig.stack.urls.projector, on=False)
    return rows


def yardstick_events(rig: Rig, tell: Tell) -> list[str]:
    """Write events, wait until they have arrived, and return them as they travelled."""
    tell("writing the events of the yardsticks")
    rig.stores.write_events(YARDSTICK, outbox=True)
    newest = "SELECT cloud_event FROM cloud_events ORDER BY todo_id DESC LIMIT %s"
    bodies = [row[0] for row in rig.stores.sql(newest, YARDSTICK)]
    rig.wait_until_drained()
    return bodies


def _drained(rig: Rig, tell: Tell, bodies: list[str]) -> list[Row]:
    publishing, consuming, relayed, guarding, projected = in_turn(
        tell,
        f"publishing, consuming, the relay, bulk_write, the projector with {PART:,} events",
        lambda: publish_per_s(rig, bodies),
        lambda: consume_per_s(rig, len(bodies)),
        lambda: PART / relay_part(rig, PART),
        lambda: bulk_write_per_s(rig, bodies),
        lambda: PART / project_part(rig, PART, [rig.stack.urls.projector]),
    )
    relay, projector = (
        f"{what} drains {DRAINED:,} in {REPEATS} parts" for what in ("relay", "projector")
    )
    parts = {"pika that only acks": consuming, f"bulk_write in {BATCH}s": guarding}
    return [
        compare(
            relay, relayed, "a second", "pipelined publishing", publishing, at_least(RELAY_SHARE)
        ),
        compare("the same", relayed, "a second", "wanted", [RELAYED], at_least(1)),
        against_floor(projector, projected, "pika and a guarded bulk_write in a row", parts),
        compare("the same", projected, "a second", "wanted", [PROJECTED], at_least(1)),
    ]


def relay_part(rig: Rig, count: int) -> float:
    """Let todos pile up in the outbox, and return the seconds that the relay takes to publish them.

    They end up in the queue: the projector is left paused.
    """
    pause(rig.stack, rig.stack.urls.projector, on=True)
    with rig.paused("relay"):
        rig.stores.write_events(count, outbox=True)
    with rig.stores.connected() as sql:
        return until(lambda: not sql("SELECT FROM outbox LIMIT 1"), WITHIN_S)


def project_part(rig: Rig, count: int, projectors: Sequence[str]) -> float:
    """Return the seconds that projectors, paused until now, take to empty the queue.

    Args:
        rig: the stack.
        count: how many new todos wait.
        projectors: their addresses.
    """
    with rig.stores.mongodb() as database, ThreadPoolExecutor(len(projectors)) as pool:
        todos = database["todos"]
        wanted = todos.estimated_document_count() + count
        began_s = time.perf_counter()
        list(pool.map(lambda base: pause(rig.stack, base, on=False), projectors))
        until(lambda: todos.estimated_document_count() >= wanted, WITHIN_S)
        return time.perf_counter() - began_s


def publish_per_s(rig: Rig, bodies: list[str]) -> float:
    """Publish events in batches, each confirmed before the next; return how many a second."""

    def declare(channel: Any, then: Any) -> None:
        channel.queue_declare(
            "bench", durable=True, arguments={"x-queue-type": "quorum"}, callback=then
        )

    parameters = connection_parameters(rig.stack.urls.rabbitmq_url, "bench")
    with Bell() as bell, ConfirmingPublisher(parameters, "", declare, bell) as publisher:
        publisher.wait(10)
        began_s = time.perf_counter()
        for start in range(0, len(bodies), BATCH):
            publisher.publish(
                [
                    Outgoing("bench", body.encode(), pika.BasicProperties(delivery_mode=2))
                    for body in bodies[start : start + BATCH]
                ]
            )
        return len(bodies) / (time.perf_counter() - began_s)


def consume_per_s(rig: Rig, count: int) -> float:
    """Consume what has been published, and only ack it; return how many a second."""
    taken = 0

    def take(channel: Any, method: Any, _properties: Any, _body: bytes) -> None:
        nonlocal taken
        taken += 1
        if taken % (PREFETCH // 2) == 0 or taken == count:
            channel.basic_ack(method.delivery_tag, multiple=True)

    parameters = connection_parameters(rig.stack.urls.rabbitmq_url, "bench")
    with closing(pika.BlockingConnection(parameters)) as connection:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=PREFETCH)
        began_s = time.perf_counter()
        channel.basic_consume("bench", take)
        while taken < count:
            connection.process_data_events(time_limit=1)
        return count / (time.perf_counter() - began_s)


def bulk_write_per_s(rig: Rig, bodies: list[str]) -> float:
    """Write the documents that the projector would, just as durably; return how many a second."""
    batch = Binary.from_uuid(uuid4())
    events = [parse_event(body.encode()) for body in bodies]
    documents = [{**document_after(each.type, each.todo), "batch": batch} for each in events]
    durably = WriteConcern("majority", j=True)
    with rig.stores.mongodb() as database:
        database.drop_collection("bench")
        collection = database["bench"].with_options(write_concern=durably)
        began_s = time.perf_counter()
        for start in range(0, len(documents), BATCH):
            some = documents[start : start + BATCH]
            collection.bulk_write([guarded_write(each) for each in some], ordered=False)
        took_s = time.perf_counter() - began_s
        database.drop_collection("bench")
    return len(documents) / took_s
