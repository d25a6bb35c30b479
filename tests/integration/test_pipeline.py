"""The relay, the broker and the projector, and what can go wrong between them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
import requests
from pika.adapters.blocking_connection import BlockingChannel
from pymongo import MongoClient
from pymongo.database import Database

from command_service.store import CREATE, PREPARED, values_of
from command_service.todo import Title, create
from query_service.topology import DEAD_LETTERS, EXCHANGE, QUEUE
from stack.local import LocalStack
from stack.ports import Ports
from tests.support import Client, agree, another, rows, until
from tests.support.browsers import a_browser
from tests.support.contracts import event_schema

ROOT = Path(__file__).parents[2]


@pytest.fixture
def read_store(stack: LocalStack) -> Iterator[Database[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
        yield mongo.get_default_database()


def dead_letters(channel: BlockingChannel) -> list[tuple[dict[str, Any], bytes]]:
    """Take all dead letters off their queue: their headers and bodies."""
    found: list[tuple[dict[str, Any], bytes]] = []
    while True:
        method, properties, body = channel.basic_get(DEAD_LETTERS, auto_ack=True)
        if method is None:
            return found
        found.append((properties.headers, body))


def event(todo_id: int, version: int, kind: str = "renamed", **data: Any) -> bytes:
    """Return an event as the relay would publish it."""
    [example] = event_schema(kind)["examples"]
    state = {"id": todo_id, "title": f"Version {version}", "completed": False, "version": version}
    return json.dumps(
        example
        | {"id": str(uuid4()), "subject": str(todo_id), "sequence": str(version)}
        | {"data": state | data}
    ).encode()


def test_an_event_that_commits_late_with_a_smaller_position_is_not_lost(
    stack: LocalStack, client: Client
) -> None:
    """A relay that read `position > cursor` would lose it: at its commit the cursor is past it."""
    late = psycopg2.connect(stack.urls.database_url)
    try:
        with late.cursor() as cursor:
            cursor.execute(PREPARED)
            cursor.execute(CREATE, values_of(create(Title("Commits late")), ""))
            row = cursor.fetchone()
            assert row is not None
            late_id = row[0]
            early = client.post("Commits early")
            client.read_after(early)
            cursor.execute("SELECT position FROM events WHERE todo_id = %s", (late_id,))
            late_position = cursor.fetchall()[0][0]
        early_id = early.json()["id"]
        [(cursor_of_a_relay,)] = rows(
            stack, "SELECT position FROM events WHERE todo_id = %s", early_id
        )
        assert late_position < cursor_of_a_relay, "the loss would not show: wrong order"
        late.commit()
    finally:
        late.close()
    read = client.get_at(f"{late_id}.1", f"/todos/{late_id}")
    assert read.json() == {"id": late_id, "title": "Commits late", "completed": False}


def test_events_in_any_order_and_twice_give_the_newest_state(
    client: Client, channel: BlockingChannel, read_store: Database[dict[str, Any]]
) -> None:
    todo_id = 2**40
    messages = [event(todo_id, version) for version in (3, 1, 2, 5, 4)]
    for message in [*messages, *messages[::-1]]:
        channel.basic_publish(EXCHANGE, "todo.renamed", message)
    read = client.get_at(f"{todo_id}.5", f"/todos/{todo_id}")
    assert read.json()["title"] == "Version 5"

    channel.basic_publish(EXCHANGE, "todo.deleted", event(todo_id, 6, "deleted"))
    channel.basic_publish(EXCHANGE, "todo.renamed", messages[3])
    gone = client.get_at(f"{todo_id}.6", f"/todos/{todo_id}")
    assert gone.status_code == 404
    until(lambda: channel.queue_declare(QUEUE, passive=True).method.message_count == 0)
    assert client.get(f"/todos/{todo_id}").status_code == 404
    read_store["todos"].delete_one({"_id": todo_id})


def test_an_unreadable_message_is_parked_with_its_reason_and_the_rest_go_on(
    client: Client, channel: BlockingChannel
) -> None:
    dead_letters(channel)
    strange = b'{"specversion": "1.0", "type": []}', b'{"specversion": "1.0", "type": "\\ud800"}'
    bad = (b"no event at all", event(1, 1, title=None), event(1, 1, title="\ud800"), *strange)
    for body in bad:
        channel.basic_publish(EXCHANGE, "todo.created", body)
    created = [client.post(f"After the bad ones {number}") for number in range(3)]
    assert len(client.read_after(*created)) == 3

    parked: list[tuple[dict[str, Any], bytes]] = []
    while len(parked) < len(bad):
        parked += until(lambda: dead_letters(channel))
    reasons = [headers["x-reason"] for headers, _body in parked]
    assert reasons[0].startswith("not JSON")
    assert reasons[1].endswith("Expected `str`, got `null` - at `$.data.title`")
    assert parked[0][1] == b"no event at all"
    assert parked[0][0]["x-queue"] == QUEUE


def test_an_event_that_cannot_be_written_is_retried_on_its_own_and_parked(
    client: Client, channel: BlockingChannel, read_store: Database[dict[str, Any]]
) -> None:
    dead_letters(channel)
    poison = {"title": {"$not": {"$regex": "^poison"}}}
    read_store.command("collMod", "todos", validator=poison)
    try:
        titles = ["good 1", "poison", "good 2"]
        created = [client.post(title) for title in titles]
        read = client.read_after(created[0], created[2])
        assert [todo["title"] for todo in read] == ["good 1", "good 2"]

        [(headers, body)] = until(lambda: dead_letters(channel))
        assert "validation" in headers["x-reason"]
        assert headers["x-attempts"] == 5
        assert json.loads(body)["data"]["title"] == "poison"
    finally:
        read_store.command("collMod", "todos", validator={})
    # Once the fault is mended, the event can be sent again: it is idempotent.
    channel.basic_publish(EXCHANGE, "todo.created", body)
    assert client.read_after(created[1])[0]["title"] == "poison"


def test_events_wait_in_the_outbox_until_a_missing_queue_is_back(
    stack: LocalStack, client: Client, channel: BlockingChannel
) -> None:
    until(lambda: agree(stack))
    channel.queue_delete(QUEUE)
    created = [client.post(f"Returned {number}") for number in range(5)]
    assert len(client.read_after(*created)) == 5
    until(lambda: agree(stack))


def test_one_of_two_relays_leads_and_the_other_takes_over(
    stack: LocalStack, client: Client
) -> None:
    port = Ports.free().relay
    with another(stack, "command_service.relay", "relay", port) as second:

        def leads(base: str) -> bool:
            leader: bool = requests.get(f"{base}/lab", timeout=60).json()["holds"]["leader"]
            return leader

        second_url = f"http://127.0.0.1:{port}"
        until(lambda: requests.get(f"{second_url}/readyz").status_code == 200)
        assert until(lambda: leads(stack.urls.relay))
        assert not leads(second_url)
        stack.kill_program("relay")
        created = client.post("Relayed by the second")
        client.read_after(created)
        until(lambda: leads(second_url) != leads(stack.urls.relay))
    assert second.returncode == 0
    until(lambda: leads(stack.urls.relay))
    client.read_after(client.post("Relayed by the first again"))


def test_two_projectors_share_the_queue_and_agree(stack: LocalStack, client: Client) -> None:
    port = Ports.free().projector
    with another(stack, "query_service.projector", "projector", port) as second:
        url = f"http://127.0.0.1:{port}"
        until(lambda: requests.get(f"{url}/readyz").status_code == 200)
        todo_id = client.post("Two of them").json()["id"]
        for number in range(60):
            client.patch(todo_id, title=f"Title {number}")
        last = client.patch(todo_id, completed=True)
        assert client.read_after(last)[0] == {
            "id": todo_id,
            "title": "Title 59",
            "completed": True,
        }
        until(lambda: agree(stack))
        metrics = requests.get(f"{url}/metrics").text
        assert 'events_projected_total{outcome="projected"}' in metrics
    assert second.returncode == 0


def test_json_logs_are_one_object_a_line(stack: LocalStack, client: Client) -> None:
    port = Ports.free().relay
    settings = stack.environment("projector") | {"OPS_PORT": str(port), "LOG_FORMAT": "json"}
    process = subprocess.Popen(
        [sys.executable, "-m", "query_service.projector"],
        cwd=ROOT,
        env=os.environ | settings,
        stderr=subprocess.PIPE,
    )
    until(lambda: requests.get(f"http://127.0.0.1:{port}/readyz").status_code == 200)
    process.send_signal(signal.SIGTERM)
    _out, log = process.communicate(timeout=60)
    assert process.returncode == 0
    lines = [json.loads(line) for line in log.decode().splitlines()]
    assert {line["service"] for line in lines} == {"projector"}
    assert "connected to rabbitmq" in {line["message"] for line in lines}


def test_a_service_that_is_stopped_sends_its_last_traces(stack: LocalStack) -> None:
    port = Ports.free().command_service
    hourly = {"PORT": str(port), "TRACES_EVERY_MS": "3600000"}
    with another(stack, "command_service", "command-service", port, hourly):
        until(lambda: requests.get(f"http://127.0.0.1:{port}/readyz").ok)
        created = requests.post(f"http://127.0.0.1:{port}/todos", json={"title": "Last words"})
    todo_id = created.json()["id"]

    def told() -> bool:
        with a_browser(stack) as browser:
            journeys = [each for each in browser.welcome["journeys"] if each["todo_id"] == todo_id]
            hops = {hop["hop"] for journey in journeys for hop in journey["hops"]}
            return hops >= {"received", "committed", "acknowledged"}

    until(told)
