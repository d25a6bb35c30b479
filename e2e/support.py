"""What tests of the panels share: a connected page, and a few places on it."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from stack.local import LocalStack
from tests.support import Client, agree, until


@pytest.fixture
def looking(page: Page, stack: LocalStack) -> Page:
    """A page that is connected and has asked for both truths."""
    until(lambda: agree(stack))
    page.goto(stack.urls.web)
    expect(page.locator("[data-live]")).to_have_attribute("data-live", re.compile("live|behind"))
    expect(page.locator("[data-truths]")).not_to_have_attribute("data-truths", "unknown")
    return page


def assert_accessible(page: Page) -> None:
    """Fail with what axe finds."""
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def truth(page: Page, todo_id: int) -> Locator:
    """Return a todo's row in the table of the two truths."""
    return page.locator(f'[data-truth="{todo_id}"]')


def add(stack: LocalStack, title: str) -> int:
    """Create a todo, and return its id."""
    answer = Client(stack).post(title)
    assert answer.status_code == 201, answer.text
    todo_id: int = answer.json()["id"]
    return todo_id
