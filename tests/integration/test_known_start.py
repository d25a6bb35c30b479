"""A lesson goes back to its known start, and Reset empties everything."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
import requests
from pymongo import MongoClient

from stack.local import LocalStack
from stack.programs import ROOT
from tests.support import Client, agree, read_side, rows, until, write_side
from tests.support.browsers import a_browser
from tests.support.switches import holding, set_switch

SURE = {"sure": True}
EVENTS = (
    "SELECT transaction_id::text, position, id, todo_id, version, title FROM events ORDER BY 1, 2"
)
KEYS = "SELECT key, todo_id FROM idempotency_keys ORDER BY key"


def ask(stack: LocalStack, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    answer = requests.request(
        method,
        f"{stack.urls.web}/lab/{path}",
        json=body,
        headers={"Authorization": f"Bearer {stack.host_key}"},
        timeout=120,
    )
    assert answer.status_code == status, answer.text
    return answer.json()


def documents(stack: LocalStack) -> dict[int, Any]:
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
        return {it["_id"]: it for it in mongo.get_default_database()["todos"].find()}


def queued(stack: LocalStack) -> dict[str, int]:
    holds: dict[str, int] = requests.get(f"{stack.urls.projector}/lab", timeout=60).json()["holds"]
    return {name: holds[name] for name in ("queue", "unacked", "dead_letters")}


def everything(stack: LocalStack) -> tuple[Any, ...]:
    return (
        write_side(stack),
        rows(stack, EVENTS),
        rows(stack, KEYS),
        rows(stack, "SELECT * FROM outbox"),
        documents(stack),
        queued(stack),
        requests.get(f"{stack.urls.query_service}/todos", timeout=60).text,
    )


def titles(stack: LocalStack) -> set[str]:
    told = requests.get(f"{stack.urls.web}/journeys?limit=5000", timeout=60).json()["journeys"]
    return {journey["title"] for journey in told}


@pytest.fixture(autouse=True)
def flowing(stack: LocalStack) -> Iterator[None]:
    yield
    until(lambda: agree(stack))


def written(client: Client) -> list[int]:
    """Write what a lesson begins with: a todo, one that was changed, and one that is deleted."""
    ids = [client.post(f"At the start {number}").json()["id"] for number in range(3)]
    client.patch(ids[1], completed=True)
    client.delete(ids[2])
    client.post("With a key", Idempotency_Key=f"start-{ids[0]}")
    until(lambda: agree(client.stack))
    return ids


def changed(client: Client, ids: list[int]) -> int:
    """Change everything that can be; return the id of a new todo."""
    client.patch(ids[0], title="Changed since")
    client.delete(ids[1])
    new: int = client.post("Created since", Idempotency_Key=f"since-{ids[0]}").json()["id"]
    return new


def test_going_back_restores_both_stores_queues_and_what_was_seen(
    stack: LocalStack, client: Client
) -> None:
    ids = written(client)
    with a_browser(stack) as browser:
        until(lambda: "With a key" in titles(stack))
        taken = ask(stack, "PUT", "known-start")["known_start"]
        before = everything(stack)
        assert taken["todos"] == len(before[0])
        new = changed(client, ids)
        until(lambda: {"Created since", "Changed since"} <= titles(stack))
        # Events wait in the queue and in the outbox.
        set_switch(stack, "projector", "pause", on=True)
        client.post("In the queue")
        until(lambda: queued(stack)["queue"] > 0)
        set_switch(stack, "relay", "pause", on=True)
        client.post("In the outbox")

        shown = ask(stack, "GET", "known-start")
        assert shown["known_start"]["name"] == taken["name"]
        assert shown["now"]["outbox"] == 1
        told = ask(stack, "POST", "known-start/restore", SURE)
        assert told["says"].startswith("Back at the known start")
        assert everything(stack) == before
        assert not {"Created since", "Changed since", "In the queue"} & titles(stack)
        assert "With a key" in titles(stack)
        until(lambda: [it["at_ms"] for it in browser.told["back"]] != [])

    # The flow goes on, with ids that nobody had before.
    later = client.post("After going back")
    assert later.json()["id"] > new
    assert client.patch(ids[0], completed=True).headers["Consistency-Token"] == f"{ids[0]}.2"
    client.read_after(later)


def test_it_can_be_repeated_after_a_half_and_after_the_services_have_started_again(
    stack: LocalStack, client: Client
) -> None:
    ids = written(client)
    taken = ask(stack, "PUT", "known-start")["known_start"]
    before = everything(stack)
    new = changed(client, ids)
    until(lambda: agree(stack))
    # Whoever did this died before the read side went back; then somebody wrote.
    half = {"name": taken["name"]}
    url = f"{stack.urls.command_service}/lab/known-start/restore"
    requests.post(url, json=half, headers=stack.lab_headers, timeout=60).raise_for_status()
    between = client.post("Between two halves").json()["id"]
    assert between > new
    stack.kill_program("web")
    until(lambda: stack.accepts("web"))
    ask(stack, "POST", "known-start/restore", SURE)
    assert everything(stack) == before
    # The schema's script closes gaps between ids; these are none.
    stack.kill_program("command-service")
    until(lambda: stack.accepts("command-service"))
    assert client.post("After a restart").json()["id"] > between


def test_going_back_starts_what_is_down_first(stack: LocalStack, client: Client) -> None:
    written(client)
    ask(stack, "PUT", "known-start")
    before = everything(stack)
    client.post("Since then")
    ask(stack, "PUT", "rabbitmq/switches/stop", {"on": True})
    ask(stack, "PUT", "mongodb/switches/freeze", {"on": True})
    ask(stack, "POST", "known-start/restore", SURE)
    assert everything(stack) == before


def test_reset_empties_all_and_says_what_was_removed(stack: LocalStack, client: Client) -> None:
    ids = written(client)
    set_switch(stack, "relay", "pause", on=True)
    last = client.post("Never published").json()["id"]
    had = len(write_side(stack))
    asked = ask(stack, "POST", "reset", {}, status=409)
    assert asked["type"].endswith("not-sure")
    assert f"{had} todos" in asked["detail"]
    assert len(write_side(stack)) == had

    told = ask(stack, "POST", "reset", SURE)
    assert told["removed"]["todos"] == had
    assert f"{had} todos" in told["says"]
    assert (write_side(stack), read_side(stack), rows(stack, EVENTS)) == ({}, {}, [])
    assert (titles(stack), set(queued(stack).values())) == (set(), {0})
    after = client.post("After the reset")
    assert after.json()["id"] > last
    client.read_after(after)
    # A token of what is gone is met by nothing, so nobody is told that he sees his own write.
    stale = client.get(f"/todos/{ids[0]}", Consistency_Token=f"{ids[0]}.1", Prefer="wait=0")
    assert stale.status_code == 503


def test_a_rebuild_that_has_not_ended_brings_back_nothing_that_was_removed(
    stack: LocalStack, client: Client
) -> None:
    client.post("Before the reset")
    agree(stack)
    set_switch(stack, "query-service", "hold", on=True)
    url = f"{stack.urls.query_service}/lab/rebuild"
    asked = {"model": "todos"}
    requests.post(url, json=asked, headers=stack.lab_headers, timeout=60).raise_for_status()
    until(lambda: holding(stack, "query-service"))
    children = psutil.Process(stack.pid("query-service")).children()
    [rebuild] = [it for it in children if "query_service.rebuild" in it.cmdline()]
    rebuild.suspend()
    try:
        ask(stack, "POST", "reset", SURE, 503)
    finally:
        rebuild.resume()
    until(lambda: not requests.get(url, timeout=60).json()["running"])
    ask(stack, "POST", "reset", SURE)
    assert documents(stack) == {}


def test_no_known_start_is_taken_while_something_is_under_way(
    stack: LocalStack, client: Client
) -> None:
    set_switch(stack, "projector", "pause", on=True)
    client.post("Under way")
    try:
        refused = ask(stack, "PUT", "known-start", status=409)
    finally:
        set_switch(stack, "projector", "pause", on=False)
    assert refused["type"].endswith("not-quiet")
    assert "queue" in refused["detail"]


def test_only_the_host_may_and_only_if_he_is_sure(stack: LocalStack, client: Client) -> None:
    for method, path in (("PUT", ""), ("POST", "/restore")):
        url = f"{stack.urls.web}/lab/known-start{path}"
        assert requests.request(method, url, json=SURE, timeout=60).status_code == 401
    until(lambda: agree(stack))
    ask(stack, "PUT", "known-start")
    refused = ask(stack, "POST", "known-start/restore", {"sure": "yes"}, status=409)
    assert refused["type"].endswith("not-sure")


def test_a_rebuild_in_a_terminal_does_not_bring_back_what_reset_has_removed(
    stack: LocalStack, client: Client
) -> None:
    written(client)
    urls = stack.urls
    settings = {"COMMAND_SERVICE_URL": urls.command_service, "MONGODB_URL": urls.mongodb_url}
    with subprocess.Popen(
        [sys.executable, "-m", "query_service.rebuild", "--hold-at", "before-swap"],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr
        said: list[str] = []
        while "Enter" not in "".join(said):
            said.append(running.stderr.read(1))
            assert said[-1], said
        ask(stack, "POST", "reset", SURE)
        _nothing, rest = running.communicate("\n", timeout=60)
    assert running.returncode == 2
    assert "went back to an earlier state meanwhile, or was emptied." in rest
    assert documents(stack) == {}
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
        names = mongo.get_default_database().list_collection_names()
    assert not [it for it in names if it.endswith(".rebuild")]
