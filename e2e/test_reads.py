"""Reads with a guarantee, and the curl of every action, in a real browser."""

import re

import requests
from playwright.sync_api import Locator, Page, expect

from e2e.support import WITHIN_MS, add
from stack.local import LocalStack
from tests.support import until
from tests.support.switches import paused_by_the_host, set_switch


def lane_of(page: Page, title: str) -> Locator:
    """Whatever shows that the page has heard of the todo."""
    return page.locator("[data-ghost], [data-todos] li").filter(has_text=title)


def test_a_read_keeps_its_judgement_whatever_comes_later(looking: Page, stack: LocalStack) -> None:
    field = looking.get_by_label("Add a todo")
    read = looking.get_by_role("button", name="GET /todos")
    verdict = looking.locator("[data-read-now-verdict]")
    with paused_by_the_host(stack, "projector"):
        field.fill("Not there yet")
        field.press("Enter")
        expect(lane_of(looking, "Not there yet")).to_be_visible(timeout=WITHIN_MS)
        read.click()
        expect(verdict).to_have_attribute("data-read-verdict", "stale", timeout=WITHIN_MS)
        expect(verdict).to_contain_text(re.compile(r"stale: lacks #\d+ created"))
        lacking = verdict.inner_text()
        todo_id = re.search(r"#(\d+) created", lacking)
        assert todo_id is not None
        requests.delete(f"{stack.urls.command_service}/todos/{todo_id[1]}", timeout=60)
        later = looking.locator("[data-ghost]").filter(has_text="deleted")
        expect(later).to_be_visible(timeout=WITHIN_MS)
        expect(verdict).to_have_text(lacking)

        looking.get_by_label("read your writes").check()
        looking.get_by_label("waits at most").select_option("1")
        read.click()
        expect(verdict).to_have_attribute("data-read-verdict", "failed", timeout=WITHIN_MS)
        expect(looking.locator("[data-read-now-says]")).to_contain_text(
            re.compile(r"^503 after \d")
        )

    for guarantee in ("read your writes", "monotonic reads"):
        looking.get_by_label("waits at most").select_option("10")
        looking.get_by_label(guarantee).check()
        read.click()
        expect(verdict).to_have_attribute("data-read-verdict", "fresh", timeout=WITHIN_MS)
    looking.locator("[data-loop]").focus()
    looking.keyboard.press("Home")
    expect(looking.locator("[data-live]")).to_have_attribute("data-live", "paused")
    expect(verdict).to_have_attribute("data-read-verdict", "fresh")


def test_read_your_writes_is_about_this_tab_and_monotonic_reads_about_the_stage(
    looking: Page, stack: LocalStack
) -> None:
    line, yours = looking.locator("[data-read-curl]"), looking.locator("#promise-token")
    todo_id = add(stack, "Somebody else's")
    expect(lane_of(looking, "Somebody else's")).to_be_visible(timeout=WITHIN_MS)
    looking.get_by_label("read your writes").check()
    expect(yours).to_contain_text("You have written nothing in this tab yet")
    expect(line).not_to_contain_text("Consistency-Token")
    looking.get_by_label("monotonic reads").check()
    expect(line).to_contain_text(re.compile(rf"Consistency-Token: ([\d.]+,)*{todo_id}\.1[,\"]"))

    looking.get_by_label("Add a todo").fill("Mine")
    looking.get_by_label("Add a todo").press("Enter")
    expect(yours).to_contain_text("your last 20 writes in this tab")
    looking.get_by_label("read your writes").check()
    mine = re.compile(r'"Consistency-Token: \d+\.1"')
    expect(line).to_contain_text(mine)
    looking.reload()
    looking.get_by_label("read your writes").check()
    expect(line).to_contain_text(mine)


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


def test_a_reader_of_both_read_models_goes_back_and_a_token_says_so(
    looking: Page, stack: LocalStack
) -> None:
    read = looking.get_by_role("button", name="GET /todos")
    asked = looking.get_by_role("form", name="Read now, with")
    model = asked.get_by_label("Which read model answers")
    says = looking.locator("[data-read-now-says]")
    verdict = looking.locator("[data-read-now-verdict]")
    expect(model).to_be_hidden()
    until(lambda: stack.accepts("replica"))
    set_switch(stack, "replica", "replicate", on=True, lag_ms=60_000)
    try:
        replica = f"{stack.urls.query_service}/todos"
        wanted = {"Read-Model": "replica"}
        until(lambda: requests.get(replica, headers=wanted, timeout=60).status_code == 200)
        field = looking.get_by_label("Add a todo")
        field.fill("Only in one of them")
        field.press("Enter")
        expect(looking.locator("[data-todos] li").filter(has_text="Only in one")).to_be_visible(
            timeout=WITHIN_MS
        )
        model.select_option("by-turns")
        expect(looking.locator("[data-read-curl]")).to_contain_text("Read-Model: by-turns")
        found = {}
        for _ in range(2):
            read.click()
            expect(verdict).to_have_attribute(
                "data-read-verdict", re.compile("fresh|stale"), timeout=WITHIN_MS
            )
            [who] = re.findall(r"^200 from (\S+) after", says.inner_text())
            found[who] = verdict.get_attribute("data-read-verdict")
        assert found == {"todos": "fresh", "replica": "stale"}

        model.select_option("replica")
        looking.get_by_label("read your writes").check()
        looking.get_by_label("waits at most").select_option("0")
        read.click()
        expect(says).to_contain_text(re.compile(r"^503 from replica after"), timeout=WITHIN_MS)
        model.select_option("")
    finally:
        set_switch(stack, "replica", "replicate", on=False)
    expect(model).to_be_hidden(timeout=WITHIN_MS)
