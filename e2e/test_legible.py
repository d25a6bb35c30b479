"""What the page writes can be read at any size: large enough, whole, with nothing over it."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Page, expect

from e2e import legible, support
from e2e.crowd import show

LAPTOP, WALL, TABLET, PHONE = (1280, 720), (1920, 1080), (820, 1180), (390, 844)
SIZES = [LAPTOP, WALL, TABLET, PHONE]
# The presenter view is for a room at these sizes only.
ROOMS = {LAPTOP, WALL}
LEAST_PX, LEAST_IN_ROOM_PX = 12, 20
# Read by the presenter only.
NOT_FOR_THE_ROOM = "data-json"
SETTLES_WITHIN_S = 20
T = TypeVar("T")


@pytest.fixture
def busy(page: Page, web_alone: str) -> Page:
    """A page with a run in which all is busy, and both workers are paused and slowed."""
    return opened_on(page, web_alone)


@pytest.fixture
def busy_with_lab(page: Page, web_with_lab: str) -> Page:
    """The same where there is a lab: the teacher's bar then has the queue's chart in it."""
    return opened_on(page, web_with_lab)


def opened_on(page: Page, web: str) -> Page:
    page.goto(web)
    # Before web has said whether there is a lab, the page leaves room for its chart.
    expect(page.locator("[data-live]")).to_have_attribute("data-live", "live")
    show(page, legible.busy_run())
    return page


def views(page: Page) -> Iterator[str]:
    """Take the page through its views, and yield the name of each once it is drawn."""

    def drawn(name: str) -> str:
        support.drawn(page)
        return name

    def press(key: str) -> None:
        page.locator("[data-loop]").focus()
        page.keyboard.press(key)

    inspector = page.locator("[data-view=inspector]")

    def inspect() -> None:
        page.locator("[data-lane] button").first.dispatch_event("click")
        expect(inspector).to_be_visible()

    def close() -> None:
        page.locator("[data-close-inspector]").dispatch_event("click")
        expect(inspector).to_be_hidden()

    yield drawn("journeys")
    inspect()
    yield drawn("journeys with the inspector")
    close()
    for tab in ("Staleness", "Queue and lag"):
        page.get_by_role("tab", name=tab).dispatch_event("click")
        yield drawn(tab)
    inspect()
    yield drawn("charts with the inspector")
    close()
    page.get_by_role("tab", name="Journeys").dispatch_event("click")
    press("?")
    yield drawn("help")
    page.keyboard.press("Escape")
    press("p")
    yield drawn("presenter view")
    press("c")
    yield drawn("presenter view with the teacher's bar")
    press("c")
    inspect()
    yield drawn("presenter view with the inspector")


def resized(page: Page, size: tuple[int, int]) -> Page:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    return page


def left(faults: Callable[[], T]) -> T:
    """Return what is wrong once a view has settled: a chart takes some frames to fit its place."""
    deadline = time.monotonic() + SETTLES_WITHIN_S
    while (found := faults()) and time.monotonic() < deadline:
        continue
    return found


def small(page: Page, least: int) -> list[dict[str, Any]]:
    """Return what the page writes in smaller type than that."""
    texts = [text for text in legible.look(page).texts if NOT_FOR_THE_ROOM not in text["where"]]
    assert len(texts) > 10
    return [text for text in texts if text["size"] < least]


@pytest.mark.parametrize("size", SIZES)
def test_no_type_is_too_small_to_be_read(busy: Page, size: tuple[int, int]) -> None:
    found = {}
    for view in views(resized(busy, size)):
        least = LEAST_IN_ROOM_PX if "presenter" in view and size in ROOMS else LEAST_PX
        found[view] = left(partial(small, busy, least))
    assert not {view: texts for view, texts in found.items() if texts}


@pytest.mark.parametrize("size", SIZES)
def test_the_teachers_bar_can_be_read_where_there_is_a_lab(
    busy_with_lab: Page, size: tuple[int, int]
) -> None:
    page = resized(busy_with_lab, size)
    for key in "pc":
        page.locator("[data-loop]").focus()
        page.keyboard.press(key)
        support.drawn(page)
    least = LEAST_IN_ROOM_PX if size in ROOMS else LEAST_PX
    assert not left(partial(small, page, least))
    assert not left(lambda: legible.look(page).faults)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_lies_over_anything_or_is_cut_off(busy: Page, size: tuple[int, int]) -> None:
    found = {view: left(lambda: legible.look(busy).faults) for view in views(resized(busy, size))}
    assert not {view: faults for view, faults in found.items() if faults}


@pytest.mark.parametrize("size", [LAPTOP, WALL, TABLET])
def test_a_page_with_room_for_all_of_it_does_not_scroll(
    page: Page, web_alone: str, size: tuple[int, int]
) -> None:
    page.goto(web_alone)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    expect(page.locator("[data-verdict-words]")).not_to_have_text("connecting")
    support.drawn(page)
    assert not scrolls(page)
    show(page, legible.busy_run())
    assert not [view for view in views(page) if left(lambda: scrolls(page))]


def scrolls(page: Page) -> bool:
    """Whether the page is larger than the window."""
    larger: bool = page.evaluate(
        """() => {
          const { scrollHeight, clientHeight, scrollWidth, clientWidth } = document.documentElement;
          return scrollHeight > clientHeight || scrollWidth > clientWidth;
        }"""
    )
    return larger


@pytest.mark.parametrize("size", [TABLET, PHONE])
def test_a_small_screen_shows_what_is_used_most_without_scrolling(
    page: Page, web_alone: str, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(web_alone)
    expect(page.locator("[data-verdict-words]")).not_to_have_text("connecting")
    support.drawn(page)
    shown = {
        "the verdict": "[data-view=verdict]",
        "the loop": "[data-loop]",
        "pause": "[data-play]",
        "the field": "#title",
    }
    boxes = {name: page.locator(where).bounding_box() for name, where in shown.items()}
    for name, box in boxes.items():
        assert box is not None, name
        assert box["y"] >= 0, name
        assert box["y"] + box["height"] <= size[1], name
        assert box["x"] >= 0, name
        assert box["x"] + box["width"] <= size[0], name
    for where in (shown["pause"], shown["the field"]):
        page.locator(where).click()  # which fails if anything lies over it
