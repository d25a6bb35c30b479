"""The page asks for few files, for all of them at once, and for each of them only once."""

from collections import Counter
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from stack.local import LocalStack

LINKS = """
() => [...document.querySelectorAll("link[rel=modulepreload]")].map(({ href }) => href)
"""

TRANSFERRED = """
() => ["navigation", "resource"].flatMap((kind) => performance.getEntriesByType(kind))
  .map(({ name, transferSize }) => [name, transferSize])
"""


def test_the_modules_are_listed_in_advance_and_loaded_once(page: Page, stack: LocalStack) -> None:
    asked: Counter[str] = Counter()
    page.on("request", lambda request: asked.update([request.url]))
    page.goto(stack.urls.web)
    scripts = {url: count for url, count in asked.items() if url.endswith(".js")}
    links = page.evaluate(LINKS)
    assert links
    [script] = set(scripts) - set(links)
    assert script.endswith("/page.js")
    assert set(scripts.values()) == {1}


def test_a_second_visit_asks_for_the_page_alone(page: Page, web_alone: str) -> None:
    first = asked_for(page, web_alone)
    # The page, its icon, its styles, its modules, and two of others.
    assert 4 <= len(first) <= 6
    second = asked_for(page, web_alone)
    assert list(second) == ["/"]
    # The header alone, as browsers count it (Resource Timing, transferSize).
    assert second["/"] == 300


def asked_for(page: Page, url: str) -> dict[str, int]:
    """Visit the page, and return the bytes that came for each path for which any did."""
    page.goto(url)
    expect(page.locator("#stage [data-node]").first).to_be_visible()
    entries: list[tuple[str, int]] = page.evaluate(TRANSFERRED)
    paths = [(urlsplit(name).path, size) for name, size in entries]
    return {path: size for path, size in paths if size and not path.startswith("/socket.io")}


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
    page.route(part, lambda route: route.abort(), times=1)
    load_twice(page, stack)
    expect(page.locator("[data-live]")).to_have_attribute("data-live", "live")
    expect(page.locator("[data-missing]")).to_be_hidden()


def test_a_part_that_never_arrives_is_said(page: Page, stack: LocalStack) -> None:
    page.route("**/page.js", lambda route: route.abort())
    load_twice(page, stack)
    expect(page.locator("[data-missing]")).to_be_visible()
