"""The page explains itself: a card for each thing on it, a tour at first, and the help."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from e2e.support import assert_accessible, drawn

EXPLAINED = """() => [...document.querySelectorAll("[data-explain]")].map((element) => [
  element.dataset.explain,
  element.matches("button, [role=button][tabindex]"),
])"""


STEPS = [
    ["[data-add] .field"],
    ["[data-node=postgresql]"],
    ["[data-node=rabbitmq]"],
    ["[data-node=mongodb]", "[data-view=truths]"],
    ["[data-view=verdict]"],
]
# As Chromium does it where all cookies are blocked.
FORBIDDEN = """const forbid = () => { throw new DOMException("forbidden", "SecurityError"); };
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get: forbid });
}
Object.defineProperty(document, "cookie", { get: forbid, set: forbid });"""


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    """A page in a browser that has never been here. Errors in it fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors


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


def tour(page: Page) -> Locator:
    """Return the card of the tour."""
    return page.locator("[data-tour-card]")


def settled(page: Page) -> None:
    """Wait until the page has drawn its words."""
    expect(page.locator("[data-verdict-words]")).not_to_have_text("connecting")


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_a_first_visit_gets_the_tour_once_and_never_again(
    visitor: Page, web_alone: str, size: tuple[int, int]
) -> None:
    visitor.set_viewport_size({"width": size[0], "height": size[1]})
    visitor.goto(web_alone)
    card = tour(visitor)
    button = card.get_by_role("button", name=re.compile("Next|Done"))
    expect(button).to_be_focused()
    for number, targets in enumerate(STEPS, 1):
        expect(card).to_contain_text(f"{number} of 5")
        assert_beside(card, *(visitor.locator(target) for target in targets))
        if number == 4:
            assert_accessible(visitor)
        visitor.keyboard.press("Enter")
    expect(card).to_be_hidden()
    visitor.reload()
    settled(visitor)
    expect(card).to_be_hidden()


def test_the_tour_is_skipped_with_escape_and_comes_back_from_the_help(
    visitor: Page, web_alone: str
) -> None:
    visitor.goto(web_alone)
    expect(tour(visitor)).to_be_visible()
    visitor.get_by_label("Add a todo").fill("Nothing is blocked meanwhile")
    visitor.keyboard.press("Escape")
    expect(tour(visitor)).to_be_hidden()
    visitor.get_by_role("button", name="Help").click()
    visitor.get_by_role("button", name="Show the tour").click()
    expect(visitor.get_by_role("dialog", name="Help")).to_be_hidden()
    expect(visitor.get_by_role("dialog", name="Write a todo here")).to_be_visible()
    visitor.get_by_role("button", name="Skip the tour").click()
    expect(tour(visitor)).to_be_hidden()


def test_a_link_to_a_journey_a_run_and_presenter_view_get_no_tour(
    visitor: Page, web_alone: str
) -> None:
    visitor.goto(f"{web_alone}/#journey=none")
    settled(visitor)
    expect(tour(visitor)).to_be_hidden()
    visitor.goto("about:blank")
    visitor.goto(web_alone)
    expect(tour(visitor)).to_be_visible()
    visitor.get_by_role("button", name="Present").click()
    expect(tour(visitor)).to_be_hidden()


def test_a_browser_that_forbids_storage_shows_the_page_and_the_tour(
    visitor: Page, web_alone: str
) -> None:
    visitor.add_init_script(FORBIDDEN)
    visitor.goto(web_alone)
    expect(tour(visitor)).to_be_visible()
    visitor.keyboard.press("Escape")
    expect(tour(visitor)).to_be_hidden()
    visitor.get_by_role("button", name=re.compile("^(Dark|Light)$")).click()
    expect(visitor.locator("html")).to_have_attribute("data-theme", re.compile("dark|light"))


def test_the_help_has_three_tabs_and_opens_at_its_start(page: Page, web_alone: str) -> None:
    page.goto(web_alone)
    settled(page)
    assert "can be read only once it has reached MongoDB" in page.locator(".intro").inner_text()
    for is_presented in (False, True):
        if is_presented:
            page.keyboard.press("p")
        page.keyboard.press("?")
        dialog = page.get_by_role("dialog", name="Help")
        expect(dialog.get_by_role("tab", name="What is this")).to_be_focused()
        assert dialog.evaluate("(element) => element.scrollTop") == 0
        expect(dialog).to_contain_text("What happens to my write while RabbitMQ is down?")
        for name in ("What do the marks mean", "Keys"):
            page.keyboard.press("ArrowRight")
            expect(dialog.get_by_role("tab", name=name)).to_be_focused()
            expect(dialog.get_by_role("tabpanel", name=name)).to_be_visible()
            assert_accessible(page)
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
    page.keyboard.press("i")
    marks = page.get_by_role("tabpanel", name="What do the marks mean")
    expect(marks).to_contain_text("443 events are here")
    assert marks.locator("[data-sample]:empty").count() == 0


def test_the_legend_is_beside_the_stage_where_there_is_room(page: Page, web_alone: str) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(web_alone)
    legend = page.locator("[data-view=legend]")
    expect(legend.locator("svg")).to_have_count(6)
    assert_beside(legend, page.locator("[data-view=stage]"), page.locator("[data-view=reads]"))
    legend.get_by_role("button", name="What the marks mean").click()
    expect(page.get_by_role("tab", name="What do the marks mean")).to_be_focused()


def edges(thing: Locator) -> tuple[float, float, float, float]:
    """Return where something is: its left, top, right and bottom edge."""
    box = thing.bounding_box()
    assert box, f"{thing} is not to be seen"
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


def assert_beside(card: Locator, *things: Locator) -> None:
    """Fail if a card is not whole in the window, or covers something that it is about."""
    drawn(card.page)
    left, top, right, bottom = edges(card)
    width, height = card.page.evaluate("() => [innerWidth, innerHeight]")
    assert min(left, top, width - right, height - bottom) >= 0
    for thing in things:
        its_left, its_top, its_right, its_bottom = edges(thing)
        assert right <= its_left or its_right <= left or bottom <= its_top or its_bottom <= top
