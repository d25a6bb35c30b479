"""The page explains itself: a card for each thing on it, a tour at first, and the help."""

import re

from playwright.sync_api import Locator, Page, expect

from e2e.support import assert_accessible

EXPLAINED = """() => [...document.querySelectorAll("[data-explain]")].map((element) => [
  element.dataset.explain,
  element.matches("button, [role=button][tabindex]"),
])"""


def explanation(page: Page) -> Locator:
    """Return the card with an explanation."""
    return page.locator("[data-view=explain]")


def test_enter_on_the_outbox_says_what_it_is_for(page: Page, web_alone: str) -> None:
    page.goto(web_alone)
    outbox = page.locator("[data-node=outbox]")
    outbox.focus()
    page.keyboard.press("Enter")
    card = page.get_by_role("dialog", name="Outbox")
    expect(card.get_by_role("heading", name="Outbox")).to_be_focused()
    expect(card).to_contain_text("written in the same transaction as its todo")
    expect(card).to_contain_text("While RabbitMQ or the relay is down: Writes still succeed.")
    expect(card).to_contain_text("command_service/outbox.py")
    assert_beside(card, outbox)
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(outbox).to_be_focused()


def test_a_click_explains_a_click_elsewhere_closes_and_controls_do_what_they_are_for(
    page: Page, web_alone: str
) -> None:
    page.goto(web_alone)
    card = explanation(page)
    page.locator("[data-node=dead-letters]").click()
    expect(card).to_contain_text("cannot be applied")
    card.get_by_role("button", name="Projector").click()
    expect(card.get_by_role("heading")).to_have_text("Projector")
    page.get_by_label("Add a todo").click()
    expect(card).to_be_hidden()
    page.locator("[data-view=verdict]").click()
    expect(card).to_contain_text("not a fault")
    page.locator("[data-view=verdict]").click()
    expect(card).to_be_hidden()
    page.get_by_label("By how much time is stretched").select_option("10")
    expect(card).to_be_hidden()
    page.get_by_role("button", name="shown", exact=True).click()
    expect(card).to_contain_text(re.compile("On the page now: 10. slower"))


def test_all_that_is_explained_can_be_reached_by_keyboard(page: Page, web_alone: str) -> None:
    page.goto(web_alone)
    expect(page.locator("[data-node=outbox]")).to_be_visible()
    asked = page.evaluate(EXPLAINED)
    assert {"outbox", "verdict", "two-truths"} <= {key for key, _ in asked}
    assert [key for key, is_reached in asked if not is_reached] == []


def edges(thing: Locator) -> tuple[float, float, float, float]:
    """Return where something is: its left, top, right and bottom edge."""
    box = thing.bounding_box()
    assert box, f"{thing} is not to be seen"
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


def assert_beside(card: Locator, *things: Locator) -> None:
    """Fail if a card is not whole in the window, or covers something that it is about."""
    left, top, right, bottom = edges(card)
    width, height = card.page.evaluate("() => [innerWidth, innerHeight]")
    assert min(left, top, width - right, height - bottom) >= 0
    for thing in things:
        its_left, its_top, its_right, its_bottom = edges(thing)
        assert right <= its_left or its_right <= left or bottom <= its_top or its_bottom <= top
