"""Odd ids, parameters, headers and paths are answered, and never with a 500."""

from itertools import product

import pytest
from flask import Flask

from tests.unit.test_apps import command_app, query_app

IDS = [
    *("0", "-1", "+1", "1.0", "1e3", "01", "9223372036854775808", "9" * 400, "0x1", "1_0", "null"),
    *(
        "%31",
        "%00",
        "%0a",
        "1%00",
        "%2e%2e",
        "..",
        "%2f",
        "\u0661",
        "\uff12",
        "\xb9",
        "1%20",
        "NaN",
        "[$gt]",
    ),
    *("%ff", "%ed%a0%80", "{}", "%7B%22$gt%22:0%7D", "1;2", "1,2", "*", "1?", "%252e", "a" * 5000),
]
QUERIES = [
    *(
        "after=-1",
        "after=9223372036854775808",
        "after=%D9%A1",
        "limit=0",
        "limit=1001",
        "limit=1e1",
    ),
    *("limit[$gt]=1", "after[$ne]=", "completed[$ne]=true", "completed=TRUE", "completed=1", "a"),
    *("%00=1", "limit=%00", "limit=1&limit=1", "$where=sleep(1)", "limit=" + "9" * 5000, "&" * 99),
    *("after=%ff", "after=1-", "after=1-1-1", "after=" + "9" * 19 + "-" + "9" * 19, "=", "after"),
]
HEADERS = [
    *(
        ("If-Match", it)
        for it in ('"', '""', 'W/"1"', '"1", "2"', "*, *", "1", '"9' + "9" * 99 + '"')
    ),
    *(("If-None-Match", it) for it in ("*", '"', 'W/"x"', "x" * 9000, ",,,")),
    *(("Accept", it) for it in ("text/html", "*/*;q=0", "x" * 9000, "application/json;q=nan")),
    *(("Accept-Encoding", it) for it in ("br;q=1e99", "gzip;q=0", "*", ",")),
    *(("Range", it) for it in ("bytes=0-", "bytes=9-1", "bytes=-1", "x" * 999)),
    *(
        ("Content-Type", it)
        for it in ("", "application/json; charset=x", "application/json;;", "/")
    ),
    *(("Read-Model", it) for it in ("todos", "x", "todos,replica", "")),
    *(("traceparent", it) for it in ("00-0-0-00", "ff-" + "a" * 32, "x" * 999)),
    *(("Idempotency-Key", it) for it in ("", " ", "k" * 201, "\xe9", '"')),
    *(("Content-Length", "x"), ("Expect", "x"), ("X-HTTP-Method-Override", "DELETE")),
    *(("baggage", "=" * 999), ("Forwarded", "for=x"), ("Authorization", "Bearer \xff")),
]
APPS = [(command_app(), "/todos"), (command_app(), "/events"), (query_app(), "/todos")]
METHODS = ["GET", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "HEAD", "TRACE", "FOO", "$GT"]
# Nothing is connected here, so what would reach a store is 503.
ANSWERED = {200, 304, 308, 400, 404, 405, 408, 412, 413, 415, 422, 431, 503}


@pytest.mark.parametrize(("app", "path"), APPS)
def test_an_odd_id_in_a_path_is_answered(app: Flask, path: str) -> None:
    client = app.test_client()
    for todo_id, method in product(IDS, ("GET", "PATCH", "DELETE")):
        answer = client.open(f"{path}/{todo_id}", method=method, json={"completed": True})
        assert answer.status_code in ANSWERED, (todo_id, method)


@pytest.mark.parametrize(("app", "path"), APPS)
def test_an_odd_query_is_answered(app: Flask, path: str) -> None:
    client = app.test_client()
    for query in QUERIES:
        assert client.get(f"{path}?{query}").status_code in ANSWERED, query


# The query service would wait each time for a MongoDB that there is not.
@pytest.mark.parametrize(("app", "path"), APPS[:2])
def test_an_odd_header_or_method_is_answered(app: Flask, path: str) -> None:
    client = app.test_client()
    for (name, value), method in product(HEADERS, ("GET", "POST")):
        answer = client.open(path, method=method, headers={name: value}, json={"title": "a"})
        assert answer.status_code in ANSWERED, (name, value, answer.text)
    for method in METHODS:
        assert client.open(path, method=method).status_code in ANSWERED, method


@pytest.mark.parametrize(
    "path", ["//todos", "/todos/../todos", "/%2e%2e/etc", "/\x00", "/todos//1"]
)
@pytest.mark.parametrize("app", [command_app(), query_app()])
def test_an_odd_path_is_answered(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code in ANSWERED
