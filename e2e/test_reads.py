"""Reads with a guarantee, and the curl of every action, in a real browser."""

import re

from playwright.sync_api import Locator, Page, expect

from e2e.support import WITHIN_MS
from stack.local import LocalStack
from tests.support.switches import paused_by_the_host


def lane_of(page: Page, title: str) -> Locator:
    """Whatever shows that the page has heard of the todo."""
    return page.locator("[data-ghost], [data-todos] li").filter(has_text=title)


def test_a_read_without_a_guarantee_may_be_stale_and_says_so(
    looking: Page, stack: LocalStack
) -> None:
    verdict = looking.locator("[data-read-now-verdict]")
    with paused_by_the_host(stack, "projector"):
        looking.get_by_label("Add a todo").fill("Not there yet")
        looking.get_by_label("Add a todo").press("Enter")
        expect(lane_of(looking, "Not there yet")).to_be_visible(timeout=WITHIN_MS)
        looking.get_by_role("button", name="GET /todos").click()
        expect(verdict).to_have_attribute("data-read-verdict", "stale", timeout=WITHIN_MS)
        expect(verdict).to_contain_text(re.compile(r"stale: lacks #\d+ created"))

        looking.get_by_label("wait at most", exact=False).first.check()
        looking.get_by_role("button", name="GET /todos").click()
        expect(verdict).to_have_attribute("data-read-verdict", "failed", timeout=WITHIN_MS)
        expect(looking.locator("[data-read-now-says]")).to_contain_text(re.compile("^503 after 1"))

    looking.get_by_label("read your writes").check()
    looking.get_by_role("button", name="GET /todos").click()
    expect(verdict).to_have_attribute("data-read-verdict", "fresh", timeout=WITHIN_MS)


def test_every_action_shows_its_curl(looking: Page, stack: LocalStack) -> None:
    commands, queries = (
        f"localhost:{url.rpartition(':')[2]}"
        for url in (stack.urls.command_service, stack.urls.query_service)
    )
    looking.get_by_label("Add a todo").fill("It's curl")
    looking.get_by_label("Add a todo").press("Enter")
    expect(looking.locator("[data-command-curl]")).to_have_text(
        f'curl -X POST http://{commands}/todos -H "Content-Type: application/json"'
        """ -d '{"title": "It'\\''s curl"}'"""
    )
    looking.get_by_label("read your writes").check()
    expect(looking.locator("[data-read-curl]")).to_have_text(
        re.compile(
            rf"^curl http://{queries}/todos"
            r' -H "Consistency-Token: [\d.,]+" -H "Prefer: wait=10"$'
        )
    )
    expect(looking.locator("[data-hint-curl]")).to_have_text(
        f'curl -X POST http://{commands}/todos -H "Content-Type: application/json"'
        """ -d '{"title": "Learn CQRS"}'"""
    )
