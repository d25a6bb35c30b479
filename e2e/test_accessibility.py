"""Axe finds nothing on any view, in either theme. It cannot see motion; other tests do."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.support import assert_accessible, journeyed
from stack.local import LocalStack

THEMES = ("dark", "light")
SIZES = [(1280, 720), (390, 844)]


@pytest.fixture
def shown(page: Page, stack: LocalStack) -> Page:
    """A page with a finished journey, and marks that stand where they were stopped."""
    page.goto(stack.urls.web)
    expect(page.locator("[data-node=postgresql]")).to_have_attribute("data-state", "up")
    journeyed(page, stack, "Read me aloud")
    row = page.locator("[data-todos] li").filter(has_text="Read me aloud").first
    expect(row).to_be_visible()
    return page


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_on_the_page(shown: Page, size: tuple[int, int]) -> None:
    shown.set_viewport_size({"width": size[0], "height": size[1]})
    for _ in THEMES:
        assert_accessible(shown)
        shown.get_by_role("button", name=re.compile("^(Dark|Light)$")).click()


def test_axe_finds_nothing_when_paused_in_presenter_view_or_in_the_list_of_keys(
    shown: Page,
) -> None:
    shown.locator("[data-loop]").focus()
    for _ in range(4):
        shown.keyboard.press("ArrowLeft")
    expect(shown.locator("[data-mark]").first).to_be_attached()
    for _ in THEMES:
        assert_accessible(shown)
        shown.keyboard.press("p")
        assert_accessible(shown)
        shown.keyboard.press("c")
        expect(shown.locator("[data-quick] button")).to_have_count(2)
        assert_accessible(shown)
        shown.keyboard.press("c")
        shown.keyboard.press("?")
        assert_accessible(shown)
        shown.keyboard.press("Escape")
        shown.keyboard.press("p")
        shown.keyboard.press("t")
