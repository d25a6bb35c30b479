"""Queries against the running query service and its MongoDB."""

import json
import time
from typing import Any

import pytest
import requests

from stack.local import LocalStack
from tests.support import Client, until


def test_todos_come_in_id_order_page_by_page(client: Client) -> None:
    created = [client.post(f"Page {number}") for number in range(5)]
    client.read_after(*created)
    ids = [answer.json()["id"] for answer in created]

    seen: list[int] = []
    path: str | None = f"/todos?limit=2&after={ids[0] - 1}"
    pages = 0
    while path:
        answer = client.get(path)
        seen += [todo["id"] for todo in answer.json()]
        pages += 1
        link = answer.links.get("next")
        path = link["url"] if link else None
    assert seen == ids
    assert pages == 3


def test_a_filter_by_state_stays_in_the_link(client: Client) -> None:
    created = [client.post(f"Filter {number}") for number in range(4)]
    ids = [answer.json()["id"] for answer in created]
    changed = [client.patch(todo_id, completed=True) for todo_id in ids[1:]]
    client.read_after(created[0], *changed)

    done = client.get(f"/todos?after={ids[0] - 1}&completed=true&limit=2")
    assert [todo["id"] for todo in done.json()] == ids[1:3]
    assert done.links["next"]["url"] == f"/todos?completed=true&limit=2&after={ids[2]}"
    rest = client.get(done.links["next"]["url"])
    assert [todo["id"] for todo in rest.json()] == ids[3:]
    todo = client.get(f"/todos?after={ids[0] - 1}&completed=false").json()
    assert [each["id"] for each in todo] == ids[:1]


@pytest.mark.parametrize(
    "query",
    [
        "completed=yes", "completed=True", "completed=", "limit=0", "limit=1001", "limit=x",
        "limit=-1", "limit=1.5", "limit=", "after=-1", "after=x", "after=9223372036854775808",
        "colour=red", "limit=1&limit=2", "id=1",
    ],
)  # fmt: skip
def test_unknown_parameters_and_bad_values_are_refused(client: Client, query: str) -> None:
    answer = client.get(f"/todos?{query}")
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:eventually:problem:bad-parameter"


def test_an_unchanged_answer_is_not_sent_again(client: Client) -> None:
    created = client.post("Unchanged")
    todo_id = created.json()["id"]
    client.read_after(created)
    for path in (f"/todos?after={todo_id - 1}", f"/todos/{todo_id}"):
        first = client.get(path)
        again = client.get(path, If_None_Match=first.headers["ETag"])
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    changed = client.patch(todo_id, completed=True)
    client.read_after(changed)
    assert client.get(f"/todos/{todo_id}", If_None_Match='"1"').headers["ETag"] == '"2"'


@pytest.mark.parametrize("todo_id", ["x", "0", "-1", "1.5", "9223372036854775807", "9" * 40])
def test_a_todo_that_is_not_there_is_not_found(client: Client, todo_id: str) -> None:
    answer = client.get(f"/todos/{todo_id}")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:eventually:problem:no-such-todo"


def test_a_read_with_the_token_shows_the_write(client: Client) -> None:
    for number in range(30):
        created = client.post(f"Mine {number}")
        todo_id, token = created.json()["id"], created.headers["Consistency-Token"]
        read = client.get_at(token, f"/todos/{todo_id}")
        assert read.json()["title"] == f"Mine {number}"
        deleted = client.delete(todo_id)
        token = deleted.headers["Consistency-Token"]
        gone = client.get_at(token, f"/todos/{todo_id}")
        assert gone.status_code == 404


def test_a_read_says_so_if_the_version_does_not_arrive_in_time(client: Client) -> None:
    todo_id = client.post("Never at version 9").json()["id"]
    asked = time.monotonic()
    answer = client.get("/todos", Consistency_Token=f"{todo_id}.9", Prefer="wait=1")
    assert time.monotonic() - asked >= 1.0
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:eventually:problem:read-model-behind"
    assert answer.headers["Retry-After"] == "1"
    assert f"{todo_id}.9" in answer.json()["detail"]


def test_a_token_without_a_wait_is_checked_once(client: Client) -> None:
    created = client.post("Here already")
    client.read_after(created)
    token = created.headers["Consistency-Token"]
    assert client.get("/todos", Consistency_Token=token).status_code == 200
    assert client.get("/todos", Consistency_Token=f"{token}0").status_code == 503


@pytest.mark.parametrize(
    ("header", "value", "name"),
    [
        ("Consistency-Token", "one", "bad-consistency-token"),
        ("Consistency-Token", "1.1;2.2", "bad-consistency-token"),
        ("Consistency-Token", "", "bad-consistency-token"),
        ("Prefer", "wait=soon", "bad-preference"),
        ("Prefer", ";;", "bad-preference"),
    ],
)
def test_headers_that_cannot_be_read_are_refused(
    client: Client, header: str, value: str, name: str
) -> None:
    url = f"{client.stack.urls.query_service}/todos"
    answer = requests.get(url, headers={header: value})
    assert answer.status_code == 400
    assert answer.json()["type"] == f"urn:eventually:problem:{name}"


def test_the_lab_shows_the_contents_of_each_store_and_queue(
    stack: LocalStack, client: Client
) -> None:
    created = client.post("Counted")
    client.read_after(created)

    def holds(base: str) -> dict[str, Any]:
        held: dict[str, Any] = requests.get(f"{base}/lab").json()["holds"]
        return held

    written = holds(stack.urls.command_service)
    assert written["todos"] > 0
    assert written["events"] >= written["todos"]
    first = requests.get(f"{stack.urls.command_service}/events").text.partition("\n")[0]
    assert written["log"] == json.loads(first)["id"]
    until(lambda: holds(stack.urls.query_service)["todos"] == written["todos"])
    until(lambda: holds(stack.urls.relay) == {"outbox": 0, "leader": True})
    until(lambda: holds(stack.urls.projector)["queue"] == 0)
