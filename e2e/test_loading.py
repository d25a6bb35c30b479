"""The page loads all its modules at once, and each of them only once."""

from collections import Counter

from playwright.sync_api import Page

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
