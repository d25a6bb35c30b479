"""Commands against the running command service and its PostgreSQL."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
import requests

from tests.support import JSON, Client, rows


def counts(client: Client) -> tuple[Any, ...]:
    return rows(
        client.stack,
        "SELECT (SELECT count(*) FROM todos), (SELECT count(*) FROM events),"
        " (SELECT count(*) FROM idempotency_keys)",
    )[0]


def send(
    client: Client, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> requests.Response:
    url = client.stack.urls.command_service + path
    return requests.request(method, url, data=body, headers=headers)


BAD_BODIES = [
    (b"", JSON, 400, "malformed-json"),
    (b"{", JSON, 400, "malformed-json"),
    (b'{"title": "a"} x', JSON, 400, "malformed-json"),
    (b'{"title": "\xff"}', JSON, 400, "malformed-json"),
    ('{"title": "a"}'.encode("utf-16"), JSON, 400, "malformed-json"),
    (b'{"title": "a", "title": "b"}', JSON, 400, "malformed-json"),
    (b"[" * 10_000, JSON, 400, "malformed-json"),
    (b'{"title": ' + b"1" * 5000 + b"}", JSON, 400, "malformed-json"),
    (b'{"title": "a"}', {}, 415, "not-json"),
    (b'{"title": "a"}', {"Content-Type": "text/plain"}, 415, "not-json"),
    (None, {}, 415, "not-json"),
    (b'["a"]', JSON, 400, "wrong-shape"),
    (b'"a"', JSON, 400, "wrong-shape"),
    (b"null", JSON, 400, "wrong-shape"),
    (b'{"title": "a", "colour": "red"}', JSON, 400, "wrong-shape"),
    (b'{"title": 5}', JSON, 400, "wrong-shape"),
    (b'{"title": null}', JSON, 400, "wrong-shape"),
    (b'{"title": ["a"]}', JSON, 400, "wrong-shape"),
    (b'{"title": ""}', JSON, 422, "invalid-title"),
    (b'{"title": " \\t\\n"}', JSON, 422, "invalid-title"),
    (json.dumps({"title": "x" * 201}).encode(), JSON, 422, "invalid-title"),
    (b'{"title": "a\\u0000b"}', JSON, 422, "invalid-title"),
    (b'{"title": "a\\u001bb"}', JSON, 422, "invalid-title"),
    (b'{"title": "a\\nb"}', JSON, 422, "invalid-title"),
    (b'{"title": "\\ud800"}', JSON, 422, "invalid-title"),
    (b'{"title": "\\u200b\\u2800"}', JSON, 422, "invalid-title"),
    (json.dumps({"title": "x" * 17_000}).encode(), JSON, 413, "body-too-large"),
    (gzip.compress(b" " * 17_000), {**JSON, "Content-Encoding": "gzip"}, 413, "body-too-large"),
    (b'{"title": "a"}', {**JSON, "Content-Encoding": "gzip"}, 400, "bad-coding"),
    (b'{"title": "a"}', {**JSON, "Content-Encoding": "br"}, 415, "unknown-coding"),
    (b'{"title": "a"}', {"Content-Type": "application/json; charset=latin-1"}, 415, "not-json"),
]


@pytest.mark.parametrize(("body", "headers", "status", "name"), BAD_BODIES)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_bad_body_gets_a_problem_and_leaves_nothing_behind(
    client: Client, method: str, body: bytes | None, headers: dict[str, str], status: int, name: str
) -> None:
    path = "/todos" if method == "POST" else f"/todos/{client.post('As it was').json()['id']}"
    before = counts(client)
    answer = send(client, method, path, body, headers)
    assert (answer.status_code, answer.json()["type"]) == (
        status,
        f"urn:eventually:problem:{name}",
    )
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert counts(client) == before


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'\xef\xbb\xbf{"title": "Caf\xc3\xa9"}', JSON),
        (b'{"title": "Cafe\\u0301"}', {"Content-Type": 'application/json; charset="UTF-8"'}),
        (
            gzip.compress(b'{"title": "Caf\xc3\xa9"}'),
            {**JSON, "Content-Encoding": "GZIP, identity"},
        ),
    ],
)
def test_a_body_is_read_whatever_its_dress_and_comes_back_in_one_form(
    client: Client, body: bytes, headers: dict[str, str]
) -> None:
    created = send(client, "POST", "/todos", body, headers)
    assert created.status_code == 201
    [shown] = [it for it in client.read_after(created) if it["id"] == created.json()["id"]]
    assert shown["title"] == "Caf\u00e9"


def test_a_body_of_unknown_length_is_read_and_limited_too(client: Client) -> None:
    url = f"{client.stack.urls.command_service}/todos"
    small = requests.post(url, data=iter([b'{"title": ', b'"In pieces"}']), headers=JSON)
    assert small.status_code == 201
    large = requests.post(url, data=iter([b'{"title": "', b"x" * 30_000, b'"}']), headers=JSON)
    assert large.status_code == 413


def test_without_a_title_a_post_is_malformed_and_a_patch_has_nothing_to_do(
    client: Client,
) -> None:
    assert send(client, "POST", "/todos", b"{}", JSON).status_code == 400
    todo_id = client.post("As it was").json()["id"]
    before = counts(client)
    unchanged = client.patch(todo_id)
    assert (unchanged.status_code, unchanged.headers["ETag"]) == (200, '"1"')
    assert counts(client) == before


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize(
    "todo_id", ["x", "1.5", "-1", "0", "01", "%00", "9223372036854775807", "9" * 40, "٣"]
)
def test_an_unknown_id_is_not_found(client: Client, method: str, todo_id: str) -> None:
    body = b'{"completed": true}' if method == "PATCH" else None
    answer = send(client, method, f"/todos/{todo_id}", body, JSON)
    assert (answer.status_code, answer.json()["type"]) == (
        404,
        "urn:eventually:problem:no-such-todo",
    )


def test_a_deleted_todo_is_gone(client: Client) -> None:
    todo_id = client.post("Gone soon").json()["id"]
    assert client.delete(todo_id).status_code == 200
    assert client.delete(todo_id).status_code == 404
    assert client.patch(todo_id, completed=True).status_code == 404


def test_ids_are_given_in_order_without_gaps(client: Client) -> None:
    first = client.post("One").json()["id"]
    client.post("")
    client.post("One again", Idempotency_Key=(key := str(uuid4())))
    client.post("One again", Idempotency_Key=key)
    client.post("Another", Idempotency_Key=key)
    assert client.post("Two").json()["id"] == first + 2


def test_a_command_writes_events_for_real_changes_only(client: Client) -> None:
    todo_id = client.post("  Learn CQRS ").json()["id"]
    client.patch(todo_id, title="Learn CQRS", completed=False)
    client.patch(todo_id, title="Learn more", completed=True)
    client.patch(todo_id, completed=False)
    client.delete(todo_id)
    log = rows(
        client.stack,
        "SELECT kind, version, title, completed FROM events WHERE todo_id = %s ORDER BY position",
        todo_id,
    )
    assert log == [
        ("todo.created", 1, "Learn CQRS", False),
        ("todo.renamed", 2, "Learn more", False),
        ("todo.completed", 3, "Learn more", True),
        ("todo.reopened", 4, "Learn more", False),
        ("todo.deleted", 5, "Learn more", False),
    ]


@pytest.mark.parametrize(
    ("if_match", "status"),
    [
        ('"1"', 200),
        ('"7", "1"', 200),
        ("*", 200),
        ('"2"', 412),
        ('W/"1"', 412),
        ('"not-ours"', 412),
        ("1", 400),
        ('"1', 400),
        ("", 400),
        ('"1" "2"', 400),
    ],
)
@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_if_match_guards_against_the_lost_update(
    client: Client, method: str, if_match: str, status: int
) -> None:
    todo_id = client.post("Version one").json()["id"]
    body = {"completed": True} if method == "PATCH" else None
    answer = client.command(method, f"/todos/{todo_id}", body, If_Match=if_match)
    assert answer.status_code == status, answer.text


def test_concurrent_changes_each_get_a_version_of_their_own(client: Client) -> None:
    todo_id = client.post("Everybody's").json()["id"]

    def rename(number: int) -> str:
        answer = Client(client.stack).patch(todo_id, title=f"Mine {number}")
        return answer.headers["ETag"]

    with ThreadPoolExecutor(16) as pool:
        tags = list(pool.map(rename, range(40)))
    assert sorted(tags) == sorted(f'"{version}"' for version in range(2, 42))


def test_only_one_of_several_concurrent_changes_with_if_match_wins(client: Client) -> None:
    todo_id = client.post("The last seat").json()["id"]

    def take(number: int) -> int:
        answer = Client(client.stack).command(
            "PATCH", f"/todos/{todo_id}", {"title": f"Taken by {number}"}, If_Match='"1"'
        )
        return answer.status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(take, range(8)))
    assert sorted(answers) == [200] + [412] * 7


def test_the_same_key_and_body_give_the_same_answer_and_one_todo(client: Client) -> None:
    key = str(uuid4())

    def create(_number: int) -> tuple[int, str, str]:
        answer = Client(client.stack).post("Only once", Idempotency_Key=key)
        return answer.status_code, answer.text, answer.headers["Consistency-Token"]

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(create, range(16)))
    assert len(answers) == 1
    [(status, text, token)] = answers
    todo_id = json.loads(text)["id"]
    assert (status, token) == (201, f"{todo_id}.1")
    written = rows(client.stack, "SELECT count(*) FROM events WHERE todo_id = %s", todo_id)
    assert written == [(1,)]
    client.patch(todo_id, completed=True)
    assert create(0) == (status, text, token)


def test_the_same_key_with_another_body_is_refused(client: Client) -> None:
    key = str(uuid4())
    assert client.post("First", Idempotency_Key=key).status_code == 201
    refused = client.post("Second", Idempotency_Key=key)
    assert refused.status_code == 422
    assert refused.json()["type"] == "urn:eventually:problem:idempotency-key-reused"


@pytest.mark.parametrize("key", ["", "x" * 201, "with space", "caf\xe9"])
def test_a_key_that_cannot_be_used_is_refused(client: Client, key: str) -> None:
    url = f"{client.stack.urls.command_service}/todos"
    headers = JSON | {"Idempotency-Key": key.encode("latin-1")}
    assert requests.post(url, data=b'{"title": "a"}', headers=headers).status_code == 400


def test_a_title_may_look_like_code(client: Client) -> None:
    for title in ("$name", "<script>alert(1)</script>", "שלום", "a' OR 1=1 --", "%s {0} \\u", "🜁"):
        created = client.post(title)
        assert client.read_after(created)[0]["title"] == title


def test_unknown_paths_and_methods_are_problems_too(client: Client) -> None:
    url = client.stack.urls.command_service
    for answer, status in (
        (requests.get(f"{url}/nowhere"), 404),
        (requests.get(f"{url}/todos"), 405),
        (requests.put(f"{url}/todos/1"), 405),
    ):
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["type"] == "about:blank"
