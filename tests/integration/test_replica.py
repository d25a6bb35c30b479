"""The replica: a second read model that lags, and reads that go to the one, the other, or both."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pymongo import MongoClient

from stack.local import LocalStack
from tests.support import Client, until, write_side
from tests.support.contracts import HttpContract
from tests.support.switches import set_switch


@pytest.fixture(autouse=True)
def alone(stack: LocalStack) -> Iterator[None]:
    """The replica, which nobody waited for when the stack started; off again at the end."""
    until(lambda: stack.accepts("replica"))
    yield
    for name in ("pause", "replicate"):
        set_switch(stack, "replica", name, on=False)
    until(lambda: Client(stack).get(Read_Model="replica").status_code == 503)


@pytest.fixture
def replicating(stack: LocalStack, client: Client) -> None:
    set_switch(stack, "replica", "replicate", on=True, lag_ms=0)
    until(lambda: client.get(Read_Model="replica").status_code == 200)
    until(lambda: in_the_replica(stack) == write_side(stack))


def in_the_replica(stack: LocalStack) -> dict[int, tuple[str, bool, int]]:
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
        found = list(mongo.get_default_database()["replica"].find({"deleted": {"$ne": True}}))
    return {it["_id"]: (it["title"], it["completed"], it["version"]) for it in found}


def test_without_its_switch_there_is_no_replica_and_the_answer_says_so(
    stack: LocalStack, client: Client
) -> None:
    contract = HttpContract("queries", stack.urls.query_service)
    for headers in (
        {"Read_Model": "replica"},
        {"Read_Model": "replica", "Consistency_Token": "1.1", "Prefer": "wait=10"},
    ):
        answer = client.get(**headers)
        contract.check(answer)
        assert answer.status_code == 503
        assert answer.json()["type"] == "urn:eventually:problem:not-kept"
        assert "/lab/replica/switches/replicate" in answer.json()["detail"]
    assert client.get(Read_Model="todos").headers["Read-Model"] == "todos"
    unknown = requests.get(
        f"{stack.urls.query_service}/todos", headers={"Read-Model": "primary"}, timeout=60
    )
    assert unknown.status_code == 400
    assert unknown.json()["type"] == "urn:eventually:problem:bad-read-model"


def test_it_is_filled_from_the_log_and_then_fed_by_its_own_queue(
    stack: LocalStack, client: Client, replicating: None
) -> None:
    created = client.post("In both")
    token, path = created.headers["Consistency-Token"], f"/todos/{created.json()['id']}"
    answer = client.get(path, Consistency_Token=token, Prefer="wait=10", Read_Model="replica")
    HttpContract("queries", stack.urls.query_service).check(answer)
    assert (answer.status_code, answer.headers["Read-Model"]) == (200, "replica")
    assert answer.json()["title"] == "In both"
    assert "Read-Model" not in client.get(path).headers


def test_a_reader_of_both_by_turns_can_go_back_and_a_token_prevents_it(
    stack: LocalStack, client: Client, replicating: None
) -> None:
    # As late as can be: it is still on its way when all of this is over.
    set_switch(stack, "replica", "replicate", on=True, lag_ms=60_000)
    until(lambda: client.get(Read_Model="replica").status_code == 200)
    created = client.post("Newer")
    todo_id, token = created.json()["id"], created.headers["Consistency-Token"]
    client.read_after(created)
    page = f"/todos?after={todo_id - 1}"

    shown = {"todos": [todo_id], "replica": []}
    seen = [client.get(page, Read_Model="by-turns") for _ in range(4)]
    names = [answer.headers["Read-Model"] for answer in seen]
    assert names in (["todos", "replica"] * 2, ["replica", "todos"] * 2)
    for answer in seen:
        listed = [todo["id"] for todo in answer.json()]
        assert listed == shown[answer.headers["Read-Model"]]

    # With the token, the one that is behind says so instead of showing the past.
    judged = [client.get(page, Consistency_Token=token, Read_Model="by-turns") for _ in range(2)]
    assert sorted(answer.status_code for answer in judged) == [200, 503]
    assert {answer.headers["Read-Model"] for answer in judged} == {"todos", "replica"}
    for answer in judged:
        HttpContract("queries", stack.urls.query_service).check(answer)
    # Once it no longer lags, what waited in it is applied, and a wait ends.
    set_switch(stack, "replica", "replicate", on=True, lag_ms=0)
    read = {"Consistency_Token": token, "Prefer": "wait=10", "Read_Model": "replica"}
    until(lambda: client.get(page, **read).status_code == 200)
    assert [todo["id"] for todo in client.get(page, **read).json()] == [todo_id]


def test_it_lags_by_what_its_switch_says(
    stack: LocalStack, client: Client, replicating: None
) -> None:
    set_switch(stack, "replica", "replicate", on=True, lag_ms=400)
    until(lambda: client.get(Read_Model="replica").status_code == 200)
    sent_s = time.monotonic()
    created = client.post("Late")
    token = created.headers["Consistency-Token"]

    def is_there() -> bool:
        read = {"Consistency_Token": token, "Prefer": "wait=10", "Read_Model": "replica"}
        return client.get("/todos?limit=1", **read).status_code == 200

    until(is_there)
    assert time.monotonic() - sent_s >= 0.4


def test_the_page_server_passes_the_choice_on(stack: LocalStack, replicating: None) -> None:
    answer = requests.get(
        f"{stack.urls.web}/queries/todos", headers={"Read-Model": "replica"}, timeout=60
    )
    assert (answer.status_code, answer.headers["Read-Model"]) == (200, "replica")
