"""Opening and closing the inspector: what it moves, what it shows, and what goes on afterwards."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.support import add, drawn, journeyed, lane, pause_once
from stack.local import LocalStack

# Where the parts are that may be under the pointer: the lanes, the stations and the areas.
PLACES = """
() => [...document.querySelectorAll(
    "[data-lane] .who, [data-node] [data-shape], .time, .stage, .bar")]
  .map((part) => part.getBoundingClientRect())
  .filter(({ height }) => height > 0)
  .map(({ left, top, height }) => [Math.round(left), Math.round(top), Math.round(height)])
"""

# The lines of the waterfall that are in sight, of how many.
LINES = """
() => {
  const panel = document.querySelector("[data-view=inspector]").getBoundingClientRect();
  const lines = [...document.querySelectorAll("[data-waterfall] tr")];
  const end = Math.min(panel.bottom, innerHeight);
  const seen = lines.filter((line) => line.getBoundingClientRect().bottom <= end);
  return [seen.length, lines.length, parseFloat(getComputedStyle(lines[0]).fontSize)];
}
"""


def test_opening_and_closing_the_inspector_moves_nothing_and_goes_back_to_what_was(
    looking: Page, stack: LocalStack
) -> None:
    todo_id = journeyed(looking, stack, "Nothing moves")
    journeyed(looking, stack, "Newer")
    event_id = lane(looking, todo_id).get_attribute("data-event-id")
    assert event_id is not None
    button = lane(looking, todo_id).get_by_role("button")
    inspector = looking.locator("[data-view=inspector]")
    live = looking.locator("[data-live]")
    paused = looking.get_by_text("paused until you close this")
    for size in ((1280, 720), (1920, 1080), (820, 1180), (390, 844)):
        looking.set_viewport_size({"width": size[0], "height": size[1]})
        drawn(looking)
        button.scroll_into_view_if_needed()
        before = places(looking)
        button.click()
        expect(inspector).to_be_visible()
        expect(live).to_have_attribute("data-live", "paused")
        expect(paused).to_be_visible()
        # The figures on the arrows are those of the journey that is looked at.
        figure = looking.locator("[data-label=queue]")
        expect(figure).to_have_attribute("data-event-id", event_id)
        assert places(looking) == before, size
        seen, lines, type_px = looking.evaluate(LINES)
        assert lines == 9
        assert type_px >= 12
        if size[1] <= 1080:
            assert seen == lines, size
        looking.get_by_role("button", name="Close the inspector").click()
        expect(live).to_have_attribute("data-live", re.compile("live|behind"))
        assert places(looking) == before, size

    looking.set_viewport_size({"width": 1280, "height": 720})
    looking.get_by_role("button", name="Pause the picture").click()
    button.click()
    expect(inspector).to_be_visible()
    expect(paused).to_be_hidden()
    looking.keyboard.press("Escape")
    expect(inspector).to_be_hidden()
    expect(live).to_have_attribute("data-live", "paused")


def places(page: Page) -> Any:
    """Where the parts are, once they have been drawn."""
    drawn(page)
    return page.evaluate(PLACES)


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_in_presenter_view_the_inspector_leaves_the_stage_where_it_is(
    looking: Page, stack: LocalStack, size: tuple[int, int]
) -> None:
    looking.set_viewport_size({"width": size[0], "height": size[1]})
    journeyed(looking, stack, "For the room")
    looking.locator("[data-present-toggle]").click()
    before = places(looking)
    add(stack, "Clicked on the stage")
    mark = "[data-mark][data-event-id]:not([hidden])"
    pause_once(looking, mark)
    looking.locator(mark).first.dispatch_event("click")
    inspector = looking.locator("[data-view=inspector]")
    expect(inspector).to_be_visible()
    assert places(looking) == before
    mine = looking.locator(mark).first.locator("svg").bounding_box()
    its = inspector.bounding_box()
    assert mine is not None
    assert its is not None
    assert mine["x"] + mine["width"] <= its["x"] or its["x"] + its["width"] <= mine["x"]
