"""The curl of every action means, to a shell, exactly what the page sends."""

import json
import subprocess
import sys

import pytest
from playwright.sync_api import Page

from stack.local import LocalStack

TITLES = [
    "Learn CQRS",
    'it\'s "quoted" $HOME `id` \\ !',
    "<script>alert(1)</script> & more",
    "שלום עולם",
    "'; rm -rf / #",
]
WORDS_OF = "curl() { '%s' -c 'import json, sys; print(json.dumps(sys.argv[1:]))' \"$@\"; }; "


@pytest.fixture
def curl(page: Page, stack: LocalStack) -> Page:
    page.goto(f"{stack.urls.web}/healthz")
    page.evaluate("""async () => { window.m = await import("/static/js/send/curl.js"); }""")
    return page


@pytest.mark.parametrize("title", TITLES)
def test_a_shell_reads_back_what_was_meant(curl: Page, title: str) -> None:
    line = curl.evaluate(
        """(title) => m.curl({ method: "POST", url: m.serviceUrl("/commands/todos"),
             headers: { "Content-Type": "application/json" }, body: m.spaced({ title }) })""",
        title,
    )
    done = subprocess.run(
        ["sh", "-c", (WORDS_OF % sys.executable) + line], capture_output=True, check=True
    )
    *start, body = json.loads(done.stdout)
    url = "http://localhost:5001/todos"
    assert start == ["-X", "POST", url, "-H", "Content-Type: application/json", "-d"]
    assert json.loads(body) == {"title": title}


def test_it_reads_as_in_the_readme(curl: Page) -> None:
    line = curl.evaluate(
        """() => m.curl({ method: "POST", url: m.serviceUrl("/commands/todos"),
             headers: { "Content-Type": "application/json" },
             body: m.spaced({ title: "Learn CQRS" }) })"""
    )
    assert line == (
        'curl -X POST http://localhost:5001/todos -H "Content-Type: application/json"'
        """ -d '{"title": "Learn CQRS"}'"""
    )


def test_a_read_is_a_get_with_its_headers(curl: Page) -> None:
    line = curl.evaluate(
        """() => m.curl({ method: "GET", url: m.serviceUrl("/queries/todos"),
             headers: { "Consistency-Token": "1.2", Prefer: "wait=2" } })"""
    )
    assert line == (
        'curl http://localhost:5002/todos -H "Consistency-Token: 1.2" -H "Prefer: wait=2"'
    )


def test_only_the_port_is_taken_from_where_web_reaches_the_services(curl: Page) -> None:
    got = curl.evaluate(
        """() => [["/commands/todos"], ["/queries/todos/1"], ["/export"]].map(([path]) =>
             m.serviceUrl(path, { "command-service": 8001, "query-service": 8002 },
                          "https://room.example"))"""
    )
    assert got == [
        "http://localhost:8001/todos",
        "http://localhost:8002/todos/1",
        "https://room.example/export",
    ]
