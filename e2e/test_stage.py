"""The words on the stage: whose figures they are, of which moment, and that nothing meets them."""

import re
from typing import Any

import requests
from playwright.sync_api import Page, expect

from e2e.support import WITHIN_MS, add, drawn, lane
from stack.local import LocalStack

# What each arrow says.
FIGURES = """
() => [...document.querySelectorAll("[data-label]")].map((label) => label.textContent)
"""

# Notes the figures whenever those of more than one todo stand side by side, or one has no number.
NOTE_MIXED = """
() => {
  window.mixed = [];
  window.followed = new Set();
  const numberOf = (text) => text.match(/#[0-9]+/)?.[0] ?? "none";
  const look = () => {
    const said = [...document.querySelectorAll("[data-label]")]
      .filter((label) => label.querySelector("[data-took]").textContent)
      .map((label) => label.textContent);
    const whose = new Set(said.map(numberOf));
    for (const number of whose) followed.add(number);
    if (whose.size > 1 || whose.has("none")) mixed.push(said);
  };
  new MutationObserver(look).observe(document.querySelector("[data-loop]"),
                                     { subtree: true, childList: true, characterData: true });
}
"""

# The words for what the lab does, wherever they meet other words, another node or the two truths.
LAB_MEETS = """
() => {
  const words = "[data-node] text, [data-label] text, [data-side], [data-view=rule]";
  const things = "[data-node] [data-shape], [data-view=truths]";
  const others = [...document.querySelectorAll(`${words}, ${things}`)];
  const boxOf = (element) => {
    if (!element.matches("[data-view=rule]")) return element.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(element);
    return range.getBoundingClientRect();
  };
  const isOwn = (says, other) =>
    other === says || (other.matches("[data-shape]") && other.parentNode === says.parentNode);
  const meet = (a, b) => a.width && b.width
    && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return [...document.querySelectorAll("[data-lab-says]")].flatMap((says) => others
    .filter((other) => !isOwn(says, other) && meet(boxOf(says), boxOf(other)))
    .map((other) => `${says.textContent} | ${other.outerHTML.slice(0, 80)}`));
}
"""


def switch(stack: LocalStack, name: str, setting: dict[str, Any]) -> None:
    """Set a switch of the relay and of the projector."""
    for process in (stack.urls.relay, stack.urls.projector):
        url = f"{process}/lab/switches/{name}"
        answer = requests.put(url, json=setting, headers=stack.lab_headers, timeout=60)
        answer.raise_for_status()


def assert_nothing_meets_the_lab(page: Page) -> None:
    """Assert that the lab's words meet nothing, for the room, on a phone, a tablet and a laptop."""
    sizes = ((1280, 720, True), (390, 844, False), (820, 1180, False), (1280, 720, False))
    for width, height, is_room in sizes:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate(
            "(on) => document.documentElement.toggleAttribute('data-present', on)", is_room
        )
        drawn(page)
        assert page.evaluate(LAB_MEETS) == [], (width, is_room)


def test_each_lab_effect_is_named_where_it_acts(looking: Page, stack: LocalStack) -> None:
    nodes = [looking.locator(f"[data-node={name}]") for name in ("relay", "projector")]
    try:
        switch(stack, "slow", {"on": True, "delay_ms": 200})
        for node in nodes:
            expect(node).to_contain_text("slowed 200 ms by the lab", timeout=WITHIN_MS)
        assert_nothing_meets_the_lab(looking)
        switch(stack, "pause", {"on": True})
        for node in nodes:
            expect(node).to_contain_text("paused by the lab", timeout=WITHIN_MS)
            expect(node).to_have_attribute("aria-label", re.compile("paused, slowed 200 ms by the"))
        assert_nothing_meets_the_lab(looking)
    finally:
        switch(stack, "pause", {"on": False})
        switch(stack, "slow", {"on": False})
    for node in nodes:
        expect(node).not_to_have_attribute("data-lab", re.compile("."), timeout=WITHIN_MS)


def test_no_figure_of_a_past_moment_stays_on_the_live_stage(
    looking: Page, stack: LocalStack
) -> None:
    todo_id = add(stack, "Every figure its own")
    expect(lane(looking, todo_id)).to_have_attribute("data-state", "ended", timeout=WITHIN_MS)
    expect(looking.locator("[data-mark]")).to_have_count(0, timeout=WITHIN_MS)
    drawn(looking)
    figures = looking.evaluate(FIGURES)
    looking.locator("[data-loop]").focus()
    for _ in range(5):
        looking.keyboard.press("ArrowLeft")
    drawn(looking)
    assert looking.evaluate(FIGURES) != figures
    looking.keyboard.press("End")
    expect(looking.locator("[data-live]")).to_have_attribute("data-live", "live")
    drawn(looking)
    assert looking.evaluate(FIGURES) == figures


def test_figures_of_two_todos_never_stand_side_by_side(looking: Page, stack: LocalStack) -> None:
    for is_room in (False, True):
        looking.evaluate(
            "(on) => document.documentElement.toggleAttribute('data-present', on)", is_room
        )
        looking.evaluate(NOTE_MIXED)
        added = [add(stack, f"One of six, {number}") for number in range(6)]
        looking.wait_for_function(
            "(id) => window.followed.has(`#${id}`)", arg=added[-1], timeout=WITHIN_MS
        )
        expect(looking.locator("[data-mark]")).to_have_count(0, timeout=WITHIN_MS)
        assert looking.evaluate("() => mixed") == []


def test_the_parts_of_the_stage_are_one_tab_stop(looking: Page) -> None:
    loop = looking.locator("[data-loop]")
    expect(loop.locator("[tabindex='0']")).to_have_count(1)
    loop.focus()
    looking.keyboard.press("Tab")
    expect(loop.locator("[data-node=browser]")).to_be_focused()
    looking.keyboard.press("ArrowDown")
    expect(loop.locator("[data-node=command-service]")).to_be_focused()
    looking.keyboard.press("ArrowUp")
    # Before the first part come the links between them, and before these, all the way round, the
    # last figure.
    links = loop.locator("[data-pipe][role=button]")
    for link in reversed(range(links.count())):
        looking.keyboard.press("ArrowUp")
        expect(links.nth(link)).to_be_focused()
    looking.keyboard.press("ArrowUp")
    expect(loop.locator("[data-label=read]")).to_be_focused()
    expect(loop.locator("[tabindex='0']")).to_have_count(1)
