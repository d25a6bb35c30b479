"""The host puts everything right from the page, goes back, and is asked first."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from pymongo import MongoClient

from e2e.conftest import HOST_KEY
from e2e.support import WITHIN_MS, add, assert_accessible
from stack.local import LocalStack
from tests.support import agree, read_side, until, write_side


@pytest.fixture
def mending(looking: Page, stack: LocalStack) -> Locator:
    """The part of the lab that puts it right, on a page that knows the host key."""
    looking.evaluate("(key) => sessionStorage.setItem('host-key', key)", HOST_KEY)
    looking.get_by_role("button", name="Lab", exact=True).click()
    section = looking.get_by_role("region", name="Put it right")
    expect(section).to_be_visible()
    return section


def test_a_lesson_goes_back_to_its_start_and_asks_first(
    looking: Page, mending: Locator, stack: LocalStack
) -> None:
    until(lambda: agree(stack))
    mending.get_by_role("button", name="All clear", exact=True).click()
    says = mending.get_by_role("status")
    expect(says).to_contain_text("All clear: both stores agree.")
    mending.get_by_role("button", name="Keep this start").click()
    expect(says).to_have_text(re.compile("^The known start has"))
    before = write_side(stack)
    todo_id = add(stack, "Only in this lesson")
    until(lambda: agree(stack))

    for is_sure in (False, True):
        mending.get_by_role("button", name="Back to the start…").click()
        question = looking.get_by_role("dialog")
        expect(question).to_contain_text(f"There are {len(before) + 1:,} todo")
        assert_accessible(looking)
        question.get_by_role("button", name="Go back" if is_sure else "Leave it").click()
        expect(question).to_be_hidden()
        if not is_sure:
            assert todo_id in write_side(stack)
    expect(says).to_have_text(re.compile("^Back at the known start"))
    assert write_side(stack) == before
    expect(looking.get_by_text("Only in this lesson")).to_have_count(0)


def test_what_still_differs_is_cured_at_a_click(
    looking: Page, mending: Locator, stack: LocalStack
) -> None:
    looking.set_viewport_size({"width": 1280, "height": 720})
    lost = add(stack, "Lost by hand")
    until(lambda: agree(stack))
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
        assert mongo.get_default_database()["todos"].delete_one({"_id": lost}).deleted_count
    cures = mending.get_by_role("button", name="All clear, with the cures")
    expect(cures).to_be_hidden()
    # It is in sight without scrolling, whatever is above it.
    all_clear = mending.get_by_role("button", name="All clear", exact=True)
    expect(all_clear).to_be_in_viewport(ratio=1)
    all_clear.click()
    expect(cures).to_be_in_viewport(ratio=1, timeout=WITHIN_MS)
    cures.click()
    says = mending.get_by_role("status")
    expect(says).to_contain_text("both stores agree.", timeout=WITHIN_MS)
    expect(cures).to_be_hidden()
    assert lost in read_side(stack)
