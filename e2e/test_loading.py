"""The page loads all its modules at once, and each of them only once."""

from collections import Counter

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


def load_twice(page: Page, stack: LocalStack) -> None:
    """Open the page, and wait until it has loaded itself again."""
    loads: list[Page] = []
    page.on("load", lambda loaded: loads.append(loaded))  # noqa: PLW0108, Playwright marks it
    with page.expect_event("load", lambda _page: len(loads) == 2):
        page.goto(stack.urls.web)


@pytest.mark.parametrize("part", ["**/js/journal/journal.js", "**/vendor/uPlot-*.css"])
def test_a_part_that_did_not_arrive_is_loaded_again(
    page: Page, stack: LocalStack, part: str
) -> None:
    # It asks for a module twice: in advance, and when it is imported.
    page.route(part, lambda route: route.abort(), times=2 if part.endswith(".js") else 1)
    load_twice(page, stack)
    expect(page.locator("[data-live]")).to_have_attribute("data-live", "live")
    expect(page.locator("[data-missing]")).to_be_hidden()


def test_a_part_that_never_arrives_is_said(page: Page, stack: LocalStack) -> None:
    page.route("**/js/journal/journal.js", lambda route: route.abort())
    load_twice(page, stack)
    expect(page.locator("[data-missing]")).to_be_visible()
