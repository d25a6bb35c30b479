"""Dead letters as a tool, on the real queue: look, retry, edit, discard, restore, lose nothing."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pika
import pytest
import requests
from pika.adapters.blocking_connection import BlockingChannel
from pymongo import MongoClient
from pymongo.database import Database

from query_service.dead_letters.desk import Desk
from query_service.letter_queue import LOCK, MOVING, bring_up_to_date
from query_service.topology import DEAD_LETTERS, DISCARDED, EXCHANGE, QUEUE
from stack.local import LocalStack
from stack.programs import ROOT
from tests.support import Client, agree, until
from tests.support.browsers import a_browser

JSON = dict[str, Any]


class Tool:
    """`python -m query_service.dead_letters`, as somebody types it in a terminal."""

    def __init__(self, stack: LocalStack) -> None:
        self.settings = {
            **os.environ,
            "RABBITMQ_URL": stack.urls.rabbitmq_url,
            "MONGODB_URL": stack.urls.mongodb_url,
            "COMMAND_SERVICE_URL": stack.urls.command_service,
            "PAGE_URL": stack.urls.web,
        }

    def run(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), input=typed, env=self.settings, cwd=ROOT,
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "query_service.dead_letters", *words]

    def json(self, *words: str) -> JSON:
        done = self.run(*words, "--json")
        assert done.returncode in {0, 1}, done.stderr
        told: JSON = json.loads(done.stdout)
        return told

    def letters(self, *words: str) -> list[JSON]:
        found: list[JSON] = self.json("list", *words)["letters"]
        return found


@pytest.fixture
def tool(stack: LocalStack, client: Client, channel: BlockingChannel) -> Iterator[Tool]:
    client.read_after(client.post("So that there is a read model"))
    until(lambda: agree(stack))
    channel.queue_purge(DEAD_LETTERS)
    channel.queue_purge(DISCARDED)
    yield Tool(stack)
    channel.queue_purge(DEAD_LETTERS)
    channel.queue_purge(DISCARDED)


@pytest.fixture
def read_store(stack: LocalStack) -> Iterator[Database[JSON]]:
    with MongoClient[JSON](stack.urls.mongodb_url) as mongo:
        yield mongo.get_default_database()


@contextmanager
def refusing(read_store: Database[JSON], word: str) -> Iterator[None]:
    """Let MongoDB refuse todos with this word at the start of their title."""
    rule = {"title": {"$not": {"$regex": f"^{word}"}}}
    read_store.command("collMod", "todos", validator=rule)
    try:
        yield
    finally:
        read_store.command("collMod", "todos", validator={})


def depth(channel: BlockingChannel, queue: str = DEAD_LETTERS) -> int:
    count: int = channel.queue_declare(queue, passive=True).method.message_count
    return count


def park(channel: BlockingChannel, *bodies: bytes) -> None:
    """Publish what nobody can read, and wait until all of it is parked."""
    before = depth(channel)
    for body in bodies:
        properties = pika.BasicProperties(message_id=f"id of {body.decode()}", delivery_mode=2)
        channel.basic_publish(EXCHANGE, "todo.created", body, properties)
    until(lambda: depth(channel) == before + len(bodies))


def poison(client: Client, read_store: Database[JSON], channel: BlockingChannel) -> tuple[int, str]:
    """Let one todo's event be refused until it is parked; return the todo and its token."""
    with refusing(read_store, "poison"):
        created = client.post("poison for once")
        until(lambda: depth(channel) == 1)
    return created.json()["id"], created.headers["Consistency-Token"]


def test_from_poison_to_projected(
    stack: LocalStack,
    client: Client,
    channel: BlockingChannel,
    read_store: Database[JSON],
    tool: Tool,
) -> None:
    todo_id, token = poison(client, read_store, channel)
    [letter] = tool.letters()
    assert "validation" in letter["reason"]
    assert (letter["attempts"], letter["origin"], letter["origin_from"]) == (5, QUEUE, "x-queue")
    assert letter["first_failed_at"] < letter["last_failed_at"]
    assert letter["versions"] == {"postgresql": 1, "mongodb": 0}
    assert json.loads(letter["body"])["data"]["title"] == "poison for once"
    listed = tool.run("list").stdout
    assert "1 letter, todo.created.v1" in listed
    assert letter["id"] in listed
    full = tool.run("show", letter["id"]).stdout
    assert f"{stack.urls.web}/#journey={letter['event_id']}" in full

    told = tool.json("retry", letter["id"], "--yes", "--wait", "20", "--because", "mended")
    assert (told["done"], told["skipped"]) == (1, 0)
    assert told["letters"][0]["landed"].startswith("landed")
    assert client.get_at(token, f"/todos/{todo_id}").json()["title"] == "poison for once"
    assert tool.letters() == []

    def way() -> list[str]:
        with a_browser(stack) as browser:
            journeys = browser.welcome["journeys"]
        hops = [
            hop["hop"]
            for journey in journeys
            if journey["event_id"] == letter["event_id"]
            for hop in journey["hops"]
        ]
        return hops if "projected" in hops and "sent-again" in hops else []

    hops = until(way)
    # However late its sender hears that it is there.
    assert [
        it for it in hops if it in {"dead-lettered", "sent-again", "delivered", "projected"}
    ] == [
        *("delivered", "dead-lettered"),
        *("sent-again", "delivered", "projected"),
    ]


def test_a_letter_that_comes_back_says_so_and_keeps_its_first_failure(
    client: Client, channel: BlockingChannel, read_store: Database[JSON], tool: Tool
) -> None:
    with refusing(read_store, "poison"):
        client.post("poison again and again")
        until(lambda: depth(channel) == 1)
        [first] = tool.letters()
        told = tool.json("retry", "--all", "--yes", "--wait", "20", "--because", "a try")
        assert told["letters"][0]["landed"].startswith("back: ")
    [again] = tool.letters()
    assert again["id"] != first["id"]
    assert (again["retries"], again["because"]) == (1, "a try")
    assert again["first_failed_at"] == first["first_failed_at"] < again["last_failed_at"]
    assert again["traceparent"] != first["traceparent"]
    assert again["headers"]["x-first-traceparent"] == first["traceparent"]
    assert again["routing_key"] == "todo.created"
    assert tool.json("retry", again["id"], "--yes", "--wait")["done"] == 1


def test_exactly_what_was_shown_is_acted_on(channel: BlockingChannel, tool: Tool) -> None:
    park(channel, b"one", b"two")
    shown = [letter["id"] for letter in tool.letters()]
    park(channel, b"three")
    told = tool.json("discard", *shown, "0123456789ab", "--yes")
    assert (told["done"], told["skipped"]) == (2, 1)
    assert told["letters"][2]["why"] == "it is gone since"
    assert [letter["body"] for letter in tool.letters()] == ["three"]


def test_without_an_answer_nothing_is_done(channel: BlockingChannel, tool: Tool) -> None:
    park(channel, b"one")
    done = tool.run("discard", "--all")
    assert done.returncode == 2
    assert "Discard 1 dead letter?" in done.stderr
    assert "24 hours" in done.stderr
    assert len(tool.letters()) == 1


def test_all_respects_the_filter(channel: BlockingChannel, tool: Tool) -> None:
    park(channel, b"one", b'{"type": "todo.strange.v1"}', b"two")
    assert [it["body"] for it in tool.letters("--reason", "NOT JSON")] == ["one", "two"]
    told = tool.json("discard", "--all", "--type", "todo.strange", "--yes")
    assert told["done"] == 1
    assert [it["body"] for it in tool.letters()] == ["one", "two"]


def test_what_was_discarded_can_be_brought_back(channel: BlockingChannel, tool: Tool) -> None:
    park(channel, b"one", b"two")
    before = tool.letters()
    assert tool.json("discard", "--all", "--yes", "--because", "nonsense")["done"] == 2
    assert tool.letters() == []
    aside = tool.letters("--discarded")
    assert [it["id"] for it in aside] == [it["id"] for it in before]
    assert {it["because"] for it in aside} == {"nonsense"}
    assert tool.json("restore", before[1]["id"], "--yes")["done"] == 1
    [back] = tool.letters()
    assert back["headers"] == {**before[1]["headers"], "x-routing-key": "todo.created"}
    assert (back["id"], back["body"]) == (before[1]["id"], before[1]["body"])


def test_edit_and_retry_is_a_new_event_and_settles_the_old_one_once(
    client: Client,
    channel: BlockingChannel,
    read_store: Database[JSON],
    tool: Tool,
    tmp_path: Path,
) -> None:
    with refusing(read_store, "poison"):
        todo_id = client.post("poison for good").json()["id"]
        until(lambda: depth(channel) == 1)
        [letter] = tool.letters()
        event = json.loads(letter["body"])
        event["data"]["title"] = "no poison any more"
        file = tmp_path / "event.json"
        file.write_text(json.dumps(event))
        told = tool.json("retry", letter["id"], "--data", str(file), "--yes", "--wait", "20")
    [outcome] = told["letters"]
    assert outcome["landed"].startswith("landed")
    assert outcome["event_id"] != letter["event_id"]
    assert client.get(f"/todos/{todo_id}").json()["title"] == "no poison any more"
    assert tool.letters() == []
    again = tool.json("retry", letter["id"], "--yes")
    assert (again["done"], again["skipped"]) == (0, 1)
    # The write side still says what it said.
    client.read_after(client.patch(todo_id, title="settled"))


def test_an_edit_that_is_no_event_is_refused(
    channel: BlockingChannel, tool: Tool, tmp_path: Path
) -> None:
    park(channel, b"one")
    [letter] = tool.letters()
    file = tmp_path / "event.json"
    file.write_text('{"specversion": "1.0"}')
    told = tool.json("retry", letter["id"], "--data", str(file), "--yes")
    assert "not one of our CloudEvents" in told["letters"][0]["why"]
    assert len(tool.letters()) == 1


def test_fifty_looks_lose_nothing_and_keep_the_order(
    stack: LocalStack, channel: BlockingChannel, tool: Tool
) -> None:
    park(channel, b"one", b"two", b"three")
    for _look in range(50):
        with Desk([pika.URLParameters(stack.urls.rabbitmq_url)]) as desk:
            letters, _more = desk.look(DEAD_LETTERS)
            assert [it.letter.text for it in letters] == ["one", "two", "three"]
    assert [it["body"] for it in tool.letters()] == ["one", "two", "three"]


def test_while_somebody_looks_nothing_is_proved_and_the_count_stays(
    stack: LocalStack, channel: BlockingChannel, tool: Tool
) -> None:
    """Or a todo whose event lies there would be called lost, while somebody has it in hand."""
    park(channel, b"one")

    def asked(path: str) -> JSON:
        told: JSON = requests.get(stack.urls.projector + path, timeout=60).json()
        return told

    assert until(lambda: asked("/lab/idle")["idle"])
    assert asked("/lab")["holds"]["dead_letters"] == 1
    with Desk([pika.URLParameters(stack.urls.rabbitmq_url)]) as desk:
        desk.look(DEAD_LETTERS)
        assert asked("/lab")["holds"]["dead_letters"] == 1
        assert asked("/lab/idle") == {"idle": False, "dead_letters": None}
    assert until(lambda: asked("/lab/idle")) == {"idle": True, "dead_letters": 1}


def test_two_at_once_take_turns(stack: LocalStack, channel: BlockingChannel, tool: Tool) -> None:
    park(channel, *(f"number {number}".encode() for number in range(30)))
    ids = [letter["id"] for letter in tool.letters()]
    told: list[JSON] = []

    def discard() -> None:
        told.append(tool.json("discard", *ids, "--yes"))

    both = [threading.Thread(target=discard) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(it["done"] for it in told) == [0, 30]
    assert (depth(channel), depth(channel, DISCARDED)) == (0, 30)


def test_killed_in_the_middle_it_loses_nothing_and_says_what_it_did(
    stack: LocalStack, channel: BlockingChannel, tool: Tool
) -> None:
    bodies = [f"number {number}" for number in range(300)]
    park(channel, *(body.encode() for body in bodies))
    ids = [letter["id"] for letter in tool.letters()]
    with subprocess.Popen(
        tool.command("discard", *ids, "--yes"),
        env=tool.settings, cwd=ROOT, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        named = [process.stdout.readline().split()[0] for _ in range(20)]
        process.send_signal(signal.SIGKILL)
    until(lambda: depth(channel) + depth(channel, DISCARDED) >= len(ids))
    kept, aside = tool.letters(), tool.letters("--discarded")
    assert {*named} <= {it["id"] for it in aside}
    assert sorted({it["body"] for it in [*kept, *aside]}) == sorted(bodies)
    # What was on its way when it died may be in both places, and no more than that.
    assert len(kept) + len(aside) <= len(ids) + 1
    told = tool.json("discard", *ids, "--yes")
    assert told["done"] == len(kept)
    assert told["done"] + told["skipped"] == len(ids)


def test_the_origin_is_the_brokers_word_where_the_broker_dead_lettered(
    stack: LocalStack, client: Client, channel: BlockingChannel, tool: Tool
) -> None:
    stack.stop_program("projector")
    try:
        created = client.post("Rejected without a word")
        method = until(lambda: _got(channel))
        channel.basic_reject(method.delivery_tag, requeue=False)
        until(lambda: depth(channel) == 1)
        [letter] = tool.letters()
        assert (letter["origin"], letter["origin_from"]) == (QUEUE, "x-death")
        assert letter["reason"] == "the broker dead-lettered it: rejected"
        assert letter["last_failed_at"].endswith("+00:00")
    finally:
        stack.start_program("projector")
    assert tool.json("retry", letter["id"], "--yes", "--wait", "30")["done"] == 1
    client.read_after(created)


def _got(channel: BlockingChannel) -> Any:
    method, _properties, _body = channel.basic_get(QUEUE)
    return method


def test_what_has_no_way_back_is_skipped_and_stays(channel: BlockingChannel, tool: Tool) -> None:
    for origin in ({}, {"x-queue": "gone.queue"}, {"x-queue": DEAD_LETTERS}):
        properties = pika.BasicProperties(headers=origin)
        channel.basic_publish(DEAD_LETTERS, "todo.created", b"lost its way", properties)
    until(lambda: depth(channel) == 3)
    told = tool.json("retry", "--all", "--yes")
    assert [it["why"] for it in told["letters"]] == [
        "nothing says which queue it came from",
        "there is no queue gone.queue to send it to",
        "it came from the dead-letter queue itself",
    ]
    assert len(tool.letters()) == 3


@pytest.mark.parametrize("died_after", ["nothing", "the first move", "the new queue"])
def test_an_upgrade_keeps_the_letters_of_a_queue_with_the_old_arguments(
    stack: LocalStack, client: Client, channel: BlockingChannel, tool: Tool, died_after: str
) -> None:
    """An earlier version declared the queue without a limit, which RabbitMQ 4 takes for 20."""
    stack.stop_program("projector")
    try:
        channel.queue_delete(DEAD_LETTERS)
        old = DEAD_LETTERS if died_after != "the new queue" else MOVING
        for queue in {DEAD_LETTERS, old} if died_after != "the new queue" else {MOVING}:
            channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
            channel.queue_bind(queue, DEAD_LETTERS)
        if died_after == "the first move":
            channel.queue_declare(
                MOVING, durable=True,
                arguments={"x-queue-type": "quorum", "x-delivery-limit": 1_000_000_000},
            )  # fmt: skip
            channel.basic_publish("", MOVING, b"zero")
        for body in (b"one", b"two"):
            channel.basic_publish(DEAD_LETTERS, "todo.created", body)
        until(lambda: depth(channel, old) == 2)
    finally:
        stack.start_program("projector")
    until(lambda: requests.get(f"{stack.urls.projector}/readyz", timeout=60).ok)
    bodies = [letter["body"] for letter in tool.letters()]
    assert bodies == (["zero"] if died_after == "the first move" else []) + ["one", "two"]
    connection = pika.BlockingConnection(pika.URLParameters(stack.urls.rabbitmq_url))
    bring_up_to_date(connection)
    for leftover in (MOVING, LOCK):
        probe = connection.channel()
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="NOT_FOUND"):
            probe.queue_declare(leftover, passive=True)
    connection.close()
    client.read_after(client.post(f"After the upgrade, {died_after}"))


def test_the_page_shows_them_to_everybody_and_the_host_acts(
    stack: LocalStack,
    client: Client,
    channel: BlockingChannel,
    read_store: Database[JSON],
    tool: Tool,
) -> None:
    page, host = stack.urls.web, {"Authorization": f"Bearer {stack.host_key}"}
    todo_id, token = poison(client, read_store, channel)
    [letter] = until(lambda: requests.get(f"{page}/dead-letters", timeout=60).json()["letters"])
    assert letter["versions"] == {"postgresql": 1, "mongodb": 0}
    one = requests.get(f"{page}/dead-letters/{letter['id']}", timeout=60).json()
    assert one == letter
    asked = {"ids": [letter["id"], "0123456789ab"], "because": "mended", "wait_s": 10}
    refused = requests.post(f"{page}/dead-letters/retry", json=asked, timeout=60)
    assert refused.status_code == 401
    told = requests.post(f"{page}/dead-letters/retry", json=asked, headers=host, timeout=60).json()
    assert (told["done"], told["skipped"]) == (1, 1)
    assert told["letters"][0]["landed"].startswith("landed")
    assert client.get_at(token, f"/todos/{todo_id}").ok
    assert requests.get(f"{page}/dead-letters", timeout=60).json() == {"letters": [], "more": 0}
    gone = requests.get(f"{page}/dead-letters/{letter['id']}", timeout=60)
    assert gone.json()["type"] == "urn:eventually:problem:no-such-letter"


def test_the_page_discards_restores_and_edits(
    stack: LocalStack, client: Client, channel: BlockingChannel, tool: Tool
) -> None:
    page, host = stack.urls.web, {"Authorization": f"Bearer {stack.host_key}"}

    def post(path: str, body: JSON) -> requests.Response:
        return requests.post(f"{page}/dead-letters{path}", json=body, headers=host, timeout=60)

    park(channel, b"no event")
    [letter] = tool.letters()
    ids = {"ids": [letter["id"]]}
    assert post("/discard", ids).json()["done"] == 1
    [aside] = requests.get(f"{page}/dead-letters/discarded", timeout=60).json()["letters"]
    assert aside["id"] == letter["id"]
    assert post("/restore", ids).json()["done"] == 1
    told = post(f"/{letter['id']}/edit", {"event": "{}"}).json()
    assert "CloudEvents" in told["letters"][0]["why"]
    bad: list[JSON] = [{}, {"ids": []}, {"ids": [1]}, {"ids": ["a"], "more": 1}]
    for body in [*bad, {"ids": ["a"] * 1001}]:
        assert post("/retry", body).status_code == 400
    assert post("/retry", {**ids, "wait_s": 11}).status_code == 400


def test_the_commands_of_the_docs_work(
    channel: BlockingChannel, read_store: Database[JSON], tool: Tool
) -> None:
    """On a letter that can be edited into a deletion of a todo that nobody has."""
    text = (ROOT / "docs" / "dead-letters.md").read_text()
    commands = re.findall(
        r"^\$ \.venv/bin/python -m query_service\.dead_letters (.*)$", text, re.MULTILINE
    )
    assert {command.split()[0] for command in commands} == {"list", "retry", "discard", "restore"}
    data = {"id": 2**41, "title": "Nobody's", "completed": False, "version": 1}
    strange = {"specversion": "1.0", "id": "strange", "type": "todo.strange.v1", "data": data}
    tool.settings["EDITOR"] = "sed -i s/strange.v1/deleted.v1/"
    for command in commands:
        if not tool.letters() and "restore" not in command:
            park(channel, json.dumps(strange).encode())
        [letter_id] = [letter["id"] for letter in tool.letters()] or [""]
        words = shlex.split(command.replace("ID", letter_id))
        done = tool.run(*words, *([] if words[0] == "list" else ["--yes"]))
        # There is none with "validation" in its reason, which it says.
        nothing = done.returncode == 2 and done.stderr == "There is no such letter.\n"
        assert done.returncode == 0 or nothing, (command, done.stderr)
    assert depth(channel) == 1
    # The log has never had it, so it goes again.
    until(lambda: read_store["todos"].delete_one({"_id": data["id"]}).deleted_count)
