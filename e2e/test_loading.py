"""The page asks for few files, for all of them at once, and for each of them only once."""

from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from stack.local import LocalStack

LINKS = """
() => [...document.querySelectorAll("link[rel=modulepreload]")].map(({ href }) => href)
"""


def test_the_modules_are_listed_in_advance_and_loaded_once(page: Page, stack: LocalStack) -> None:
    asked: Counter[str] = Counter()
    page.on("request", lambda request: asked.update([request.url]))
    page.goto(stack.urls.web)
    scripts = {url: count for url, count in asked.items() if url.endswith(".js")}
    links = page.evaluate(LINKS)
    assert links
    assert set(links) == set(scripts)
    assert set(scripts.values()) == {1}


def test_a_second_visit_asks_for_the_page_alone(page: Page, web_alone: str) -> None:
    asked = visits(page, web_alone)
    assert asked.pop() == ["/ 304"]
    [first] = asked
    assert len(first) == len(set(first))
    # The page, its icon, its styles, its modules, and two of others.
    assert len(first) <= 6


def visits(page: Page, url: str) -> list[list[str]]:
    """Visit a page twice, and return what web answered each time: the path and the status."""
    session = page.context.new_cdp_session(page)
    answers: list[list[str]] = []

    def note(event: dict[str, Any]) -> None:
        response = event["response"]
        path = urlsplit(response["url"]).path
        if not response.get("fromDiskCache") and not path.startswith("/socket.io"):
            answers[-1].append(f"{path} {response['status']}")

    session.send("Network.enable")
    session.on("Network.responseReceived", note)
    for _ in range(2):
        answers.append([])
        page.goto(url)
        expect(page.locator("#stage [data-node]").first).to_be_visible()
        page.goto("about:blank")
    return answers


def load_twice(page: Page, stack: LocalStack) -> None:
    """Open the page, and wait until it has loaded itself again."""
    loads: list[Page] = []
    page.on("load", lambda loaded: loads.append(loaded))  # noqa: PLW0108, Playwright marks it
    with page.expect_event("load", lambda _page: len(loads) == 2):
        page.goto(stack.urls.web)


@pytest.mark.parametrize("part", ["**/page.js", "**/styles.css"])
def test_a_part_that_did_not_arrive_is_loaded_again(
    page: Page, stack: LocalStack, part: str
) -> None:
    # It asks for a module twice: in advance, and when it is imported.
    page.route(part, lambda route: route.abort(), times=2 if part.endswith(".js") else 1)
    load_twice(page, stack)
    expect(page.locator("[data-live]")).to_have_attribute("data-live", "live")
    expect(page.locator("[data-missing]")).to_be_hidden()


def test_a_part_that_never_arrives_is_said(page: Page, stack: LocalStack) -> None:
    page.route("**/page.js", lambda route: route.abort())
    load_twice(page, stack)
    expect(page.locator("[data-missing]")).to_be_visible()
