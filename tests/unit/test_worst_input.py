"""Each parser is given nearly 16 KiB of what is worst for it, and ends at once."""

from typing import Any

import pytest
from flask import Flask

from tests.support.deadline import ends
from tests.unit.test_apps import command_app, query_app

SIZE = 15_000
# A beginning, what is repeated, and an end.
HEADERS = [
    ("Prefer", "a", "; ", ""),
    ("Prefer", "a", "; ", "="),
    ("Prefer", "wait=1", " ", ","),
    ("Prefer", 'a="', "\\", ""),
    ("Prefer", "", "a=b,", "="),
    ("Consistency-Token", "", "1.1,", "x"),
    ("Consistency-Token", "1.", "1", ""),
    ("If-None-Match", "", '"a" ,', "x"),
    ("If-None-Match", '"a"', " ", "x"),
    ("If-None-Match", "W/", "W/", ""),
    ("If-Match", "", '"1",', "x"),
    ("If-Match", '"', "a", ""),
    ("If-Match", "", " ,", "x"),
    ("Idempotency-Key", "", "k", ""),
    ("Content-Type", "application/json", "; a", ""),
    ("Content-Type", 'application/json; charset="', "\\", ""),
    ("Content-Type", "application/json", " ;", "="),
    ("Content-Encoding", "", "gzip,", ""),
    ("Content-Encoding", "", " ,", "x"),
    ("traceparent", "00-", "0", ""),
    ("traceparent", "", "00-1", ""),
    ("Cookie", "", "a=b; ", ""),
]
QUERIES = ["limit=1&", "&", "limit=" + "1" * SIZE, "%", "after=%31;", "completed=t&completed"]
BODIES = [
    "[",
    '{"title":',
    '{"title":"\\u',
    "1",
    '"\\',
    "{",
    '{"title":"a",',
    " ",
    '"a\u0301\u0316',
]


def answered(app: Flask, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
    app.test_client().open(path, method=method, headers=headers, data=body)


@pytest.mark.parametrize(("name", "begin", "part", "end"), HEADERS)
@pytest.mark.parametrize(
    ("app", "method", "path"),
    [
        (command_app(), "POST", "/todos"),
        (command_app(), "PATCH", "/todos/1"),
        (query_app(), "GET", "/todos"),
    ],
)
def test_the_worst_header_is_answered(
    app: Flask, method: str, path: str, name: str, begin: str, part: str, end: str
) -> None:
    value = begin + part * (SIZE // len(part)) + end
    headers: dict[str, str] = {"Content-Type": "application/json"} | {name: value}
    assert ends(answered, app, method, path, headers, b'{"title": "a"}')


@pytest.mark.parametrize("part", QUERIES)
@pytest.mark.parametrize(
    ("app", "path"),
    [(query_app(), "/todos"), (command_app(), "/events"), (query_app(), "/todos/1")],
)
def test_the_worst_query_is_answered(app: Flask, path: str, part: str) -> None:
    query = part * (SIZE // len(part)) if len(part) < SIZE else part
    assert ends(answered, app, "GET", f"{path}?{query}", {}, b"")


@pytest.mark.parametrize("part", BODIES)
def test_the_worst_body_is_answered(part: str) -> None:
    body: Any = (part * (SIZE // len(part.encode()))).encode()
    headers = {"Content-Type": "application/json"}
    assert ends(answered, command_app(), "POST", "/todos", headers, body)
