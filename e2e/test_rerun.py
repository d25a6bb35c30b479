"""A run from a file is played again, and both runs stand side by side, in a real browser."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from e2e.support import WITHIN_MS, add, assert_accessible
from stack.local import LocalStack
from tests.support import Client, agree, until
from tests.support.browsers import Browser, a_browser
from tests.support.lesson_host import LessonHost, own_lesson
from tests.support.switches import all_clear, set_switch, state_of

HOST_KEY = "open sesame"
SLOW_MS = 700
LESSON = f"""\
lesson: slow-reader
number: 901
title: A slow reader
minutes: 2
goal: To see both runs.
facts:
  listed: {{model: todos, what: count, says: todos in the list}}
steps:
  - kind: do
    title: Slow it down
    button: Slow it down
    actions:
      - {{set: projector/slow, with: {{delay_ms: {SLOW_MS}}}}}
      - {{create: Milk, as: milk}}
      - {{create: Bread, as: bread}}
  - kind: watch
    title: Look
    within_s: 30
    claims: [{{fact: listed, is: 2, says: Two are there.}}]
  - kind: cure
    title: Again
    button: Again, at full speed
    without: [projector/slow]
    within_s: 30
    claims: [{{fact: listed, is: 2, says: Two are there.}}]
    table: [listed]
"""
SCREENS = os.environ.get("RERUN_SCREENS")


@pytest.fixture(autouse=True)
def cleared(stack: LocalStack) -> Iterator[None]:
    yield
    all_clear(stack, "relay", "projector")


def is_told(browser: Browser) -> bool:
    """Return whether the room was told that the projector is slow."""
    return any(
        ((it.get("projector") or {}).get("slow") or {}).get("on") for it in browser.told["switches"]
    )


@pytest.fixture(scope="module")
def recorded(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a run of two todos, whose projector was slow."""
    client = Client(stack)
    with a_browser(stack) as browser:
        set_switch(stack, "projector", "slow", on=True, delay_ms=SLOW_MS)
        until(lambda: is_told(browser))
        milk, bread = (
            client.post(f"{title} of the file").json()["id"] for title in ("Milk", "Bread")
        )
        client.patch(milk, completed=True)
        until(lambda: agree(stack))
        set_switch(stack, "projector", "slow", on=False)

    def known() -> dict[str, Any]:
        run: dict[str, Any] = requests.get(f"{stack.urls.web}/export", timeout=60).json()
        run["journeys"] = [it for it in run["journeys"] if it["todo_id"] in {milk, bread}]
        assert len(run["journeys"]) == 3
        assert all(any(hop["hop"] == "projected" for hop in it["hops"]) for it in run["journeys"])
        return run

    run = until(known)
    orphan = {**run["journeys"][0], "event_id": "orphan", "todo_id": 10**9, "version": 2}
    run["journeys"].append({**orphan, "type": "todo.completed.v1"})
    file = tmp_path_factory.mktemp("run") / "run.json"
    file.write_text(json.dumps(run))
    return file


def shot(page: Page, name: str) -> None:
    if SCREENS:
        page.screenshot(path=f"{SCREENS}/{name}.png")


def test_a_run_from_a_file_is_played_again_without_its_fault(
    looking: Page, stack: LocalStack, recorded: Path
) -> None:
    looking.evaluate("(key) => sessionStorage.setItem('host-key', key)", HOST_KEY)
    with looking.expect_file_chooser() as chooser:
        looking.get_by_role("button", name="Open a run").click()
    chooser.value.set_files(recorded)
    expect(looking.locator("[data-run-says]")).to_contain_text("A run from a file")
    looking.locator("[data-run-banner]").get_by_role("button", name="Run it again…").click()
    form = looking.get_by_role("dialog", name="Run it again")
    expect(form.get_by_role("status")).to_contain_text("3 commands, over")
    expect(form).to_contain_text("Not played: The creation of its todo is not in the record.")
    # What was on then is named, and off unless it is wanted again.
    then = form.get_by_role("checkbox", name=re.compile(r"projector.slow .*delay_ms=700"))
    expect(then).not_to_be_checked()
    assert_accessible(looking)
    shot(looking, "form-1280")
    form.get_by_label("Other switches").fill("relay/slow delay_ms=20 for_s=60")
    form.get_by_role("button", name="Run it again").click()

    # The page goes back to the stack, and shows both runs.
    both = looking.get_by_role("tabpanel", name="Both runs")
    expect(both.locator("[data-both-says]")).to_contain_text(
        "It is over: 3 commands sent.", timeout=WITHIN_MS
    )
    expect(looking.locator("[data-run-banner]")).to_be_hidden()
    lanes = both.locator("[data-both-lanes] > li")
    expect(lanes).to_have_count(3)
    expect(lanes.first).to_contain_text(re.compile(r"#\d+ → #\d+\s*created"))
    was, now = (lanes.first.locator(f"[data-side={side}]") for side in ("was", "now"))
    expect(was.locator("[data-span=projector] [data-injected]")).to_have_count(1)
    expect(now.locator("[data-span=projector] [data-injected]")).to_have_count(0)
    rows = both.get_by_role("row")
    injected = rows.filter(has_text="in the projector, injected, half").get_by_role("cell")
    expect(injected.nth(0)).to_have_text(re.compile(r"^[1-9].* m?s$"))
    expect(injected.nth(1)).to_have_text("0 ms")
    slowed = re.compile("in the (outbox|relay), injected, half")
    expect(rows.filter(has_text=slowed).first).to_be_visible()
    expect(both.locator("[data-both-left-says]")).to_have_text("1 event cannot be played again")
    assert not state_of(stack, "relay", "slow")["on"]
    both.get_by_label("Each from its own command").check()
    expect(both.locator("[data-both-axis]")).to_contain_text("after each command")
    assert_accessible(looking)
    shot(looking, "both-1280")
    for width, height in ((1920, 1080), (900, 1000), (390, 844)):
        looking.set_viewport_size({"width": width, "height": height})
        both.scroll_into_view_if_needed()
        shot(looking, f"both-{width}")
    turn = both.get_by_role("button", name="Table")
    turn.click()
    expect(both.get_by_role("table")).to_be_visible()
    expect(lanes.first).to_be_hidden()
    shot(looking, "table-390")


def test_what_has_just_happened_is_played_again_and_stopped(
    looking: Page, stack: LocalStack
) -> None:
    add(stack, "Just now")
    looking.evaluate("(key) => sessionStorage.setItem('host-key', key)", HOST_KEY)
    looking.get_by_role("tab", name="Both runs").click()
    both = looking.get_by_role("tabpanel", name="Both runs")
    both.get_by_role("button", name="Run it again…").click()
    form = looking.get_by_role("dialog", name="Run it again")
    form.get_by_label("Which").select_option("the last minute")
    expect(form.get_by_role("status")).to_contain_text(re.compile(r"\d+ commands?, over"))
    form.get_by_label("Other switches").fill("relay")
    form.get_by_role("button", name="Run it again").click()
    expect(form.get_by_role("alert")).to_have_text('"relay" is no place/switch.')
    form.get_by_label("Other switches").fill("relay/pause for_s=60")
    form.get_by_role("button", name="Run it again").click()
    expect(form).to_be_hidden()
    stop = both.get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    until(lambda: requests.get(f"{stack.urls.web}/rerun", timeout=60).json()["state"] != "playing")
    stop.click()
    expect(both.locator("[data-both-says]")).to_contain_text("It was stopped", timeout=WITHIN_MS)
    expect(both.locator("[data-both-lanes] > li").first).to_be_visible(timeout=WITHIN_MS)
    assert not state_of(stack, "relay", "pause")["on"]


def test_both_runs_of_a_lesson_are_shown_beside_it(looking: Page, stack: LocalStack) -> None:
    host = LessonHost(stack, HOST_KEY)
    with own_lesson(stack, "901-slow-reader.yaml", LESSON):
        host.start("slow-reader")
        for act, watch in ((0, 1), (2, 2)):
            host.show(act)
            host.act(act)
            assert [it["state"] for it in host.settled(watch)["claims"]] == ["held"]
    looking.get_by_role("tab", name="Both runs").click()
    both = looking.get_by_role("tabpanel", name="Both runs")
    lanes = both.locator("[data-both-lanes] > li")
    expect(lanes).to_have_count(2)
    # Going back has made everybody forget the first run; it is still there to be compared.
    held = lanes.first.locator("[data-side=was] [data-injected]")
    expect(held).not_to_have_count(0)
    expect(lanes.first.locator("[data-side=now] [data-span=projector]")).to_have_count(1)
    expect(both.locator("[data-side=now] [data-injected]")).to_have_count(0)
    shot(looking, "lesson-1280")
    # Beside a lesson there is room for one of the two.
    both.get_by_role("button", name="Table").click()
    slower = both.get_by_role("row").filter(has_text="until MongoDB has it, injected, most")
    expect(slower.get_by_role("cell").nth(1)).to_have_text("0 ms")
    host.end()
