"""The charts, their tables and the poller's interval, in a real browser."""

import re

import requests
from playwright.sync_api import Page, expect

from e2e.support import WITHIN_MS, add, lane
from stack.local import LocalStack
from tests.support import agree, until
from tests.support.switches import paused_by_the_host

HOST_KEY = "open sesame"


def test_the_charts_are_tabs_and_each_has_its_table(looking: Page, stack: LocalStack) -> None:
    todo_id = add(stack, "Measured")
    expect(lane(looking, todo_id)).to_be_visible(timeout=WITHIN_MS)
    looking.get_by_role("tab", name="Journeys").focus()
    looking.keyboard.press("ArrowRight")
    expect(looking.get_by_role("tab", name="Staleness")).to_be_focused()
    projected = looking.locator("[data-row=projected] td")
    expect(projected.first).to_have_text(re.compile(r"^[0-9.]+ m?s$"), timeout=WITHIN_MS)
    curve = looking.get_by_role("img", name=re.compile("t-visibility curve. Half of"))
    expect(curve.locator("canvas")).to_be_visible()
    looking.get_by_role("button", name="What is measured").first.click()
    expect(looking.get_by_role("dialog")).to_contain_text("Probabilistically Bounded Staleness")
    looking.get_by_role("button", name="Close", exact=True).click()
    looking.get_by_role("tab", name="Queue and lag").click()
    expect(looking.locator("[data-row=queue] td").first).to_have_text(re.compile(r"^\d+$"))
    expect(looking.locator("[data-row=lag] td").first).to_have_text(re.compile(r"m?s$"))


def test_a_page_that_opens_later_shows_the_same_figures_as_those_already_open(
    looking: Page, stack: LocalStack
) -> None:
    with paused_by_the_host(stack, "projector"):
        for number in range(3):
            todo_id = add(stack, f"Waited {number}")
        queue = looking.locator("[data-row=queue] td").last
        looking.get_by_role("tab", name="Queue and lag").click()
        expect(queue).to_have_text(re.compile(r"^([3-9]|\d\d+)$"), timeout=WITHIN_MS)
        # Of what is not there yet, the age so far is the lag: seconds here, and it grows.
        lag = looking.locator("[data-row=lag]")
        expect(lag).to_contain_text("oldest, still waiting", timeout=WITHIN_MS)
        expect(lag.locator("td").first).to_have_text(re.compile(r"^[\d.]+ s$"))
        expect(looking.locator("[data-chart=lag]")).to_have_accessible_name(
            re.compile(r"has waited for [\d.]+ s")
        )
    waited = queue.inner_text()
    # A probe read is forgotten if the trace of its write is late, so several are sent.
    commands, through = f"{stack.urls.web}/commands/todos", {"title": "Probed"}
    for _ in range(4):
        requests.post(commands, json=through, timeout=60).raise_for_status()
    looking.get_by_role("tab", name="Staleness").click()
    probes = looking.locator("[data-stale-shares]")
    expect(probes).to_contain_text(re.compile(r"Probe reads: \d+ of \d+ stale"), timeout=WITHIN_MS)
    expect(probes).to_contain_text(re.compile(r"; (\d+) of \1 agree"))
    until(lambda: agree(stack))
    expect(lane(looking, todo_id)).to_have_attribute(
        "data-hops", re.compile("seen"), timeout=WITHIN_MS
    )
    figures = """() => ["[data-windows]", "[data-stale-shares] li"].map((part) =>
      document.querySelector(part).textContent)"""

    later = looking.context.new_page()
    later.goto(stack.urls.web)
    later.get_by_role("tab", name="Queue and lag").click()
    expect(later.locator("[data-row=queue] td").last).to_have_text(waited, timeout=WITHIN_MS)
    later.get_by_role("tab", name="Staleness").click()
    expect(later.locator("[data-stale-shares] li").first).to_be_visible(timeout=WITHIN_MS)
    until(lambda: later.evaluate(figures) == looking.evaluate(figures))


def test_the_host_changes_how_often_this_reader_polls(looking: Page) -> None:
    looking.get_by_role("tab", name="Staleness").click()
    interval = looking.get_by_label("This reader polls every")
    for asked_ms, key in ((100, "wrong"), (250, HOST_KEY)):
        before = interval.input_value()
        interval.fill(str(asked_ms))
        looking.get_by_role("button", name="Set").click()
        dialog = looking.get_by_role("dialog", name="This needs the host key")
        dialog.get_by_label("Host key").fill(key)
        dialog.get_by_role("button", name="Go on").click()
        if key == "wrong":
            expect(dialog).to_contain_text("That is not the host key.")
            dialog.get_by_role("button", name="Cancel").click()
            expect(looking.locator("[data-poll-problem]")).to_contain_text("needs the host key")
            assert before == "250"
    interval.fill("120")
    looking.get_by_role("button", name="Set").click()
    expect(looking.locator("[data-poll-says]")).to_contain_text("60.0 ms late on average")
    interval.fill("250")
    looking.get_by_role("button", name="Set").click()
    expect(looking.locator("[data-poll-says]")).to_contain_text("125 ms late on average")
