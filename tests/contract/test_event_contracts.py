"""What the write side publishes is what contracts/ says, and what the read side understands."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from query_service import topology
from query_service.events import EventType, parse_event
from stack.local import LocalStack
from tests.support import Client, until
from tests.support.contracts import EVENT_TYPES, asyncapi, event_schema, event_validator


@pytest.fixture
def channel(stack: LocalStack) -> Iterator[BlockingChannel]:
    connection = pika.BlockingConnection(pika.URLParameters(stack.urls.rabbitmq_url))
    yield connection.channel()
    connection.close()


def test_the_producer_publishes_what_the_contract_says(
    client: Client, channel: BlockingChannel
) -> None:
    channel.queue_declare("contract-test", exclusive=True)
    channel.queue_bind("contract-test", topology.EXCHANGE, "todo.#")
    todo_id = client.post("Learn CQRS").json()["id"]
    client.patch(todo_id, title="Learn CQRS well", completed=True)
    client.patch(todo_id, completed=False)
    client.delete(todo_id)

    heard: dict[str, tuple[Any, Any, dict[str, Any]]] = {}

    def all_heard() -> bool:
        method, properties, body = channel.basic_get("contract-test", auto_ack=True)
        if method is not None and json.loads(body)["subject"] == str(todo_id):
            heard[method.routing_key] = (method, properties, json.loads(body))
        return len(heard) == len(EVENT_TYPES)

    until(all_heard)
    for version, kind in enumerate(EVENT_TYPES, start=1):
        _method, properties, event = heard[f"todo.{kind}"]
        event_validator(kind).validate(event)
        assert event["sequence"] == str(version)
        assert event["data"]["version"] == version
        assert properties.content_type == "application/cloudevents+json"
        assert properties.delivery_mode == 2
        assert properties.message_id == event["id"]
        assert properties.headers["traceparent"] == event["traceparent"]
    assert len({event["id"] for _, _, event in heard.values()}) == len(EVENT_TYPES)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_the_consumer_understands_each_example(kind: str) -> None:
    [example] = event_schema(kind)["examples"]
    event_validator(kind).validate(example)
    event = parse_event(json.dumps(example).encode())
    assert event.type == f"todo.{kind}.v1"
    assert str(event.todo.version) == example["sequence"]


def test_the_consumer_knows_the_types_of_the_contract_and_no_others() -> None:
    assert {f"todo.{kind}.v1" for kind in EVENT_TYPES} == set(get_args(EventType))


def test_exchange_and_queues_are_those_of_the_contract(channel: BlockingChannel) -> None:
    described = asyncapi()["channels"]["todoEvents"]["bindings"]["amqp"]["exchange"]
    assert described["name"] == topology.EXCHANGE
    # Declaring again with other arguments would be refused by the broker.
    channel.exchange_declare(
        described["name"], exchange_type=described["type"], durable=described["durable"]
    )
    topology.declare(channel)
