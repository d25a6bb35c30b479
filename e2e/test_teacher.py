"""The teacher's bar in the presenter view: a lesson is given without leaving it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import HOST_KEY
from e2e.support import WITHIN_MS, add, drawn
from stack.local import LocalStack
from tests.support.switches import set_switch

PROJECTOR = "[data-node=projector] [data-lab-says]"


# The words in the bar that can be seen and are smaller than that, in CSS pixels.
SMALLER = """(least) => Object.fromEntries([...document.querySelectorAll(".teach *")]
  .filter((element) => element.getClientRects().length
    && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
    && parseFloat(getComputedStyle(element).fontSize) < least)
  .map((element) => [element.lastChild.data.trim(), true]))"""


@pytest.fixture
def presenting(looking: Page, stack: LocalStack) -> Iterator[Page]:
    """A page in presenter view, with no switch on before and after."""
    looking.locator("[data-present-toggle]").click()
    yield looking
    for process in ("relay", "projector"):
        for name in ("pause", "slow"):
            set_switch(stack, process, name, on=False)


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    """Return where the elements are that can be seen, in CSS pixels."""
    found: Any = page.locator(selector).evaluate_all(
        """(elements) => elements.filter((element) => element.getClientRects().length)
          .map((element) => element.getBoundingClientRect().toJSON())"""
    )
    return list(found)


def test_a_lesson_is_given_from_the_bar_with_the_host_key(presenting: Page) -> None:
    bar = presenting.get_by_role("region", name="The teacher's bar")
    expect(bar).to_be_hidden()
    [before] = boxes(presenting, "[data-loop]")
    presenting.keyboard.press("c")
    expect(bar).to_be_visible()
    expect(presenting.get_by_role("button", name="The teacher's bar")).to_have_attribute(
        "aria-expanded", "true"
    )
    # It takes the place of the time, so the loop stays where it is.
    drawn(presenting)
    [loop], [shown] = boxes(presenting, "[data-loop]"), boxes(presenting, ".teach")
    assert loop["bottom"] <= shown["top"]
    for side in ("left", "top", "right", "bottom"):
        assert abs(loop[side] - before[side]) <= 2, side

    pause = bar.get_by_role("button", name="Pause projector")
    expect(pause).to_have_attribute("aria-pressed", "false")
    pause.click()
    dialog = presenting.get_by_role("dialog")
    for key in ("not the key", HOST_KEY):
        dialog.get_by_label("Host key").fill(key)
        dialog.get_by_role("button", name="Go on").click()
        if key == "not the key":
            expect(dialog).to_contain_text("That is not the host key.")
    expect(pause).to_have_attribute("aria-pressed", "true")
    expect(presenting.locator(PROJECTOR)).to_have_text("paused by the lab")

    # What goes wrong is said in words, until the next click.
    presenting.evaluate("() => sessionStorage.removeItem('host-key')")
    bar.get_by_role("button", name="Burst of 100 todos").click()
    dialog.get_by_role("button", name="Cancel").click()
    expect(bar).to_contain_text("Nothing was changed: this needs the host key.")
    assert boxes(presenting, ".teach") == [shown]
    bar.get_by_role("button", name="Burst of 10 todos").click()
    dialog.get_by_label("Host key").fill(HOST_KEY)
    dialog.get_by_role("button", name="Go on").click()
    expect(bar).not_to_contain_text("Nothing was changed")
    queue = bar.locator("[data-depth=queue] b")
    expect(queue).to_have_text("10", timeout=WITHIN_MS)

    bar.get_by_role("button", name="Read now").click()
    answer = bar.locator("[data-aloud-verdict]")
    expect(answer).to_have_attribute("data-read-verdict", "stale", timeout=WITHIN_MS)
    expect(answer).to_have_text(re.compile(r"stale: lacks #\d+ created and 9 more"))
    # The answer stands over the chart until it is closed.
    bar.get_by_role("button", name="Back to the chart").click()
    expect(answer).to_be_hidden()
    expect(bar.get_by_role("button", name="Read now")).to_be_focused()

    pause.click()
    expect(pause).to_have_attribute("aria-pressed", "false")
    expect(presenting.locator(PROJECTOR)).to_have_text("")
    expect(queue).to_have_text("0", timeout=WITHIN_MS)
    presenting.keyboard.press("c")
    expect(bar).to_be_hidden()


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_the_bar_can_be_read_from_the_back_row(
    presenting: Page, stack: LocalStack, size: tuple[int, int]
) -> None:
    presenting.set_viewport_size({"width": size[0], "height": size[1]})
    presenting.keyboard.press("c")
    expect(presenting.locator("[data-quick] button")).to_have_count(2)
    expect(presenting.locator("[data-depth]")).to_have_count(3)
    assert presenting.evaluate(SMALLER, 20 * size[1] / 720) == {}
    # However much a read lacks, the bar keeps its height.
    [before] = boxes(presenting, ".teach")
    set_switch(stack, "projector", "pause", on=True)
    for title in ("Buy milk", "Water plants", "Call the bank"):
        add(stack, title)
    presenting.get_by_role("button", name="Read now").click()
    expect(presenting.locator("[data-aloud-verdict]")).to_contain_text("2 more", timeout=WITHIN_MS)
    assert boxes(presenting, ".teach") == [before]


def test_without_the_lab_the_bar_has_only_reads(page: Page, web_alone: str) -> None:
    page.goto(web_alone)
    page.locator("[data-present-toggle]").click()
    page.keyboard.press("c")
    bar = page.get_by_role("region", name="The teacher's bar")
    expect(bar.get_by_role("button", name="Read now")).to_be_visible()
    for part in ("quick", "many", "queue"):
        expect(page.locator(f"[data-view={part}]")).to_be_hidden()
