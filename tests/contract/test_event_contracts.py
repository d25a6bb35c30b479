"""The write side publishes what contracts/ says, and the read side understands it."""

import json
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, get_args

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from query_service import topology
from query_service.events import parse_event
from query_service.projections import EventType
from query_service.versions import knowing
from stack.local import LocalStack
from tests.support import Client, agree, until
from tests.support.broker import listed
from tests.support.contracts import (
    CONTRACTS,
    EVENT_TYPES,
    asyncapi,
    event_schema,
    event_validator,
)
from tests.support.switches import set_switch


@pytest.fixture(params=[1, 2])
def version(stack: LocalStack, request: pytest.FixtureRequest) -> Iterator[int]:
    """The version of the events that the command service writes."""
    newer = request.param == 2
    set_switch(stack, "command-service", "newer-events", on=newer)
    set_switch(stack, "projector", "reader", on=newer, how="knows")
    yield request.param
    set_switch(stack, "command-service", "newer-events", on=False)
    until(lambda: agree(stack))
    set_switch(stack, "projector", "reader", on=False)


def test_the_producer_publishes_what_the_contract_says(
    stack: LocalStack, client: Client, channel: BlockingChannel, version: int
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
    for number, kind in enumerate(EVENT_TYPES, start=1):
        _method, properties, event = heard[f"todo.{kind}"]
        event_validator(kind, version).validate(event)
        assert event["sequence"] == str(number)
        assert event["data"]["version"] == number
        assert sent(properties) == described(kind, version) | {"message_id": event["id"]}
        assert properties.headers["traceparent"] == event["traceparent"]
    assert len({event["id"] for _, _, event in heard.values()}) == len(EVENT_TYPES)


def sent(properties: pika.BasicProperties) -> dict[str, Any]:
    """Return the AMQP properties that came with a message, its headers by their names."""
    found = {name: value for name, value in vars(properties).items() if value is not None}
    return found | {"headers": sorted(found["headers"])}


def described(kind: str, version: int) -> dict[str, Any]:
    """Return the AMQP properties that the contract gives a message, except its id."""
    document = asyncapi()
    message = next(
        message
        for message in document["components"]["messages"].values()
        if message["name"] == f"todo.{kind}.v{version}"
    )
    binding = message["bindings"]["amqp"]
    encoding = binding.get("contentEncoding")
    operation = document["operations"]["publishTodoEvents"]["bindings"]["amqp"]
    return {
        "content_type": message["contentType"],
        **({"content_encoding": encoding} if encoding else {}),
        "type": binding["messageType"],
        "delivery_mode": operation["deliveryMode"],
        "app_id": "command-service",
        "headers": sorted(document["components"]["schemas"]["Headers"]["required"]),
    }


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_the_consumer_understands_each_example(kind: str, version: int) -> None:
    [example] = event_schema(kind, version)["examples"]
    event_validator(kind, version).validate(example)
    parse = {1: parse_event, 2: knowing(parse_event)}[version]
    event = parse(json.dumps(example).encode())
    assert event.type == f"todo.{kind}.v1"
    assert str(event.todo.version) == example["sequence"]
    assert event.todo.title == example["data"]["title" if version == 1 else "text"]


def test_the_consumer_knows_only_the_types_of_the_contract() -> None:
    schemas = {path.name for path in (CONTRACTS / "events").glob("todo.*.schema.json")}
    types = {name.removesuffix(".schema.json") for name in schemas}
    assert set(get_args(EventType)) == {it for it in types if it.endswith(".v1")}
    messages = asyncapi()["components"]["messages"].values()
    assert {message["name"] for message in messages} == types
    assert {message["payload"]["$ref"] for message in messages} == {
        f"events/{name}" for name in schemas
    }
    assert {f"todo.{kind}.v{version}" for kind in EVENT_TYPES for version in (1, 2)} == types


def test_the_broker_has_the_exchanges_of_the_contract(stack: LocalStack) -> None:
    columns = ("name", "type", "durable", "auto_delete", "arguments")
    found = [each for each in listed(stack, "exchanges", *columns) if is_ours(each["name"])]
    bindings = [channel["bindings"]["amqp"] for channel in asyncapi()["channels"].values()]
    wanted = [
        {
            "name": exchange["name"],
            "type": exchange["type"],
            "durable": exchange["durable"],
            "auto_delete": exchange["autoDelete"],
            "arguments": {},
        }
        for exchange in (binding["exchange"] for binding in bindings if "exchange" in binding)
    ]
    assert by_name(found) == by_name(wanted)
    assert [each["name"] for each in by_name(wanted)] == [
        topology.DEAD_LETTERS,
        topology.EXCHANGE,
    ]


def test_the_broker_has_the_queues_of_the_contract(stack: LocalStack) -> None:
    columns = ("name", "durable", "auto_delete", "arguments")
    found = [each for each in listed(stack, "queues", *columns) if is_ours(each["name"])]
    wanted = [
        {
            "name": queue["name"],
            "durable": queue["durable"],
            "auto_delete": queue["autoDelete"],
            "arguments": channel["x-arguments"],
        }
        for channel, queue in queues()
    ]
    assert by_name(found) == by_name(wanted)
    assert [each["name"] for each in by_name(wanted)] == [
        topology.DEAD_LETTERS,
        topology.DISCARDED,
        topology.QUEUE,
    ]


def test_the_queues_are_bound_as_in_the_contract(stack: LocalStack) -> None:
    found = {
        (each["source_name"], each["routing_key"], each["destination_name"])
        for each in listed(stack, "bindings")
        # Each queue is also bound to the default exchange, which has no name.
        if each["source_name"] and is_ours(each["destination_name"])
    }
    assert found == {
        (channel["x-bound-to"]["exchange"], channel["x-bound-to"]["routingKey"], queue["name"])
        for channel, queue in queues()
        if "x-bound-to" in channel
    }


def is_ours(name: str) -> bool:
    return name.startswith("todo.")


def by_name(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=itemgetter("name"))


def queues() -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return each channel of the contract that is a queue, with that queue."""
    bound = [(it, it["bindings"]["amqp"]) for it in asyncapi()["channels"].values()]
    return [(channel, binding["queue"]) for channel, binding in bound if "queue" in binding]
