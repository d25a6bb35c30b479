"""The bare pipeline: an event's way with nothing on it but the servers' drivers.

Three processes, as in the stack: a route that carries out one statement, a relay that looks at its
outbox at a steady pace, a consumer that inserts one document for each message. No guard, metric,
log line, switch or trace; nothing is retried, and nothing is woken. What an event costs here is the
floor for what one costs in the stack: the same servers do the same work in both.

`PART` names the process: `command`, `relay` or `projector`.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pika
import psycopg2
import requests
from flask import Flask, Response
from prometheus_client import CollectorRegistry
from pymongo import MongoClient

from bench.rig import answers, process, until
from bench.stores import UNSAMPLED, Stores
from chassis.http import new_app
from chassis.process import running
from chassis.settings import Environment, ProcessSettings
from command_service import outbox, store
from command_service.database import write_database
from command_service.events import Event
from command_service.migrate import migrate
from command_service.todo import Title, create
from query_service.events import parse_event
from query_service.projections import document_after
from stack.ports import Ports
from stack.running import RunningStack

DATABASE = "bare"
QUEUE = "bench.bare"
THREADS = 8
# The relay looks once for each event, and takes what is there.
MOST = 500
PARTS = ("command", "relay", "projector")


def command() -> None:
    """Answer POST /todos with a constant, after one statement."""
    environment = Environment.of_process()
    postgres = write_database(os.environ["DATABASE_URL"], store.PREPARED)
    app: Flask = new_app(__name__, {}, CollectorRegistry())

    @app.post("/todos")
    def post_todo() -> Response:
        with postgres.cursor() as cursor:
            cursor.execute(store.CREATE, store.values_of(create(Title("Learn CQRS")), UNSAMPLED))
        return Response(b"{}", status=201, content_type="application/json")

    with (
        running(ProcessSettings.read(environment, "bare", "PORT", 0)) as started,
        started.serving(app, threads=THREADS),
    ):
        started.stop.wait()


def relay() -> None:
    """Take what is in the outbox at a steady pace, publish it and wait for the confirms."""
    pace_s = 1 / float(os.environ["PER_S"])
    properties = pika.BasicProperties(delivery_mode=2)
    take = "EXECUTE remove_published_and_take_oldest (%s, %s)"
    with (
        closing(psycopg2.connect(os.environ["DATABASE_URL"])) as database,
        closing(pika.BlockingConnection(_broker())) as connection,
        database.cursor() as cursor,
    ):
        database.autocommit = True
        cursor.execute(outbox.PREPARED)
        channel = connection.channel()
        channel.confirm_delivery()
        published: list[int] = []
        while True:
            cursor.execute(take, (published, MOST))
            events = [Event(*row) for row in cursor.fetchall()]
            for event in events:
                body = event.cloud_event.encode()
                channel.basic_publish("", QUEUE, body, properties, mandatory=True)
            published = [event.position for event in events]
            connection.sleep(pace_s)


def projector() -> None:
    """Insert a document for each message, journaled, and ack it."""
    todos = MongoClient[dict[str, Any]](os.environ["MONGODB_URL"], w="majority", journal=True)[
        DATABASE
    ]["todos"]

    def project(channel: Any, method: Any, _properties: Any, body: bytes) -> None:
        event = parse_event(body)
        todos.insert_one(document_after(event.type, event.todo))
        channel.basic_ack(method.delivery_tag)

    with closing(pika.BlockingConnection(_broker())) as connection:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=MOST)
        channel.basic_consume(QUEUE, project)
        channel.start_consuming()


def _broker() -> pika.URLParameters:
    return pika.URLParameters(os.environ["RABBITMQ_URL"])


@contextmanager
def pipeline(stack: RunningStack, per_s: int) -> Iterator[tuple[str, dict[str, int]]]:
    """Run the bare pipeline on a stack's servers; lend the command's address, and the pids.

    Args:
        stack: a stack that runs.
        per_s: how often a second the relay looks.
    """
    urls, port = stack.urls, Ports.free().command_service
    settings = {
        "DATABASE_URL": urls.database_url.replace("/eventually", f"/{DATABASE}"),
        "RABBITMQ_URL": urls.rabbitmq_url,
        "MONGODB_URL": urls.mongodb_url,
        "PORT": str(port),
        "PER_S": str(per_s),
    }
    stores = Stores(urls.database_url, urls.mongodb_url)
    base = f"http://127.0.0.1:{port}"
    with ExitStack() as opened:
        opened.enter_context(_places(stores, urls.rabbitmq_url))
        migrate(settings["DATABASE_URL"])
        pids = {}
        for part in PARTS:
            started = opened.enter_context(process("bench.bare", PART=part, **settings))
            pids[f"bare {part}"] = started.pid
            if part == "command":
                until(lambda: answers(base), 20)
                requests.post(f"{base}/todos", timeout=10).raise_for_status()
        with stores.mongodb() as database:
            todos = database.client[DATABASE]["todos"]
            until(lambda: todos.estimated_document_count() > 0, 20)
        yield base, pids


@contextmanager
def _places(stores: Stores, broker_url: str) -> Iterator[None]:
    """Have empty stores and an empty queue for a while."""
    with closing(pika.BlockingConnection(pika.URLParameters(broker_url))) as connection:
        channel = connection.channel()
        _forget(stores, channel)
        stores.sql(f"CREATE DATABASE {DATABASE}")
        channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
    try:
        yield
    finally:
        with closing(pika.BlockingConnection(pika.URLParameters(broker_url))) as connection:
            _forget(stores, connection.channel())


def _forget(stores: Stores, channel: Any) -> None:
    stores.sql(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    with stores.mongodb() as database:
        database.client.drop_database(DATABASE)
    channel.queue_delete(QUEUE)


if __name__ == "__main__":
    {"command": command, "relay": relay, "projector": projector}[os.environ["PART"]]()
