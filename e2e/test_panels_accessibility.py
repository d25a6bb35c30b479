"""The panels, checked by axe in both themes and at two sizes."""

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from e2e.support import WITHIN_MS, add, assert_accessible, lane, stretched_by, truth
from stack.local import LocalStack
from tests.support.switches import paused_by_the_host


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_on_the_panels(
    looking: Page, stack: LocalStack, theme: Literal["dark", "light"], size: tuple[int, int]
) -> None:
    looking.emulate_media(color_scheme=theme)
    looking.set_viewport_size({"width": size[0], "height": size[1]})
    stretched_by(looking, 1)
    todo_id = add(stack, "Read me aloud")
    with paused_by_the_host(stack, "projector"):
        held_up = add(stack, "Held up")
        expect(truth(looking, held_up)).to_have_attribute(
            "data-state", "missing", timeout=WITHIN_MS
        )
        looking.get_by_role("button", name="GET /todos").click()
        expect(looking.locator("[data-read-now-verdict]")).not_to_be_empty(timeout=WITHIN_MS)
        for tab in ("Staleness", "Queue and lag", "Journeys"):
            looking.get_by_role("tab", name=tab).click()
            assert_accessible(looking)
    looking.get_by_role("tab", name="Staleness").click()
    looking.get_by_role("button", name="What is measured").first.click()
    assert_accessible(looking)
    looking.get_by_role("button", name="Close", exact=True).click()
    looking.get_by_role("tab", name="Journeys").click()
    lane(looking, todo_id).get_by_role("button").click(timeout=WITHIN_MS)
    expect(looking.locator("[data-held=row] pre")).to_contain_text("Read me", timeout=WITHIN_MS)
    assert_accessible(looking)
