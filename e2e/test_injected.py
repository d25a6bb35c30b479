"""What a switch of the lab adds is drawn hatched where it acts, and told apart in every figure."""

import json
import re
from pathlib import Path

import requests
from playwright.sync_api import Page, expect

from e2e.support import add, drawn, lane, pause_once, stretched_by
from stack.local import LocalStack
from tests.support.switches import all_clear, set_switch

LINE = re.compile(r"query_service/projector\.py:\d+")
DELAY_MS = 1500
# How far back the step to look for is, at most.
MOST_STEPS = 12


def a_held_mark(todo_id: int) -> str:
    return f'[data-mark][data-todo-id="{todo_id}"][data-injected="slow"]'


def test_a_slowed_event_shows_what_was_injected_then_and_ever_after(
    looking: Page, stack: LocalStack, tmp_path: Path
) -> None:
    """It does so while it is held, when the page goes back to that moment, and from a file."""
    stretched_by(looking, 1)
    node = looking.locator("[data-node=projector]")
    set_switch(stack, "projector", "slow", on=True, delay_ms=DELAY_MS)
    try:
        expect(node).to_have_attribute("data-lab", "slowed 1.50 s by the lab")
        todo_id = add(stack, "Held up")
        pause_once(looking, a_held_mark(todo_id))
        expect(looking.locator(a_held_mark(todo_id))).to_have_attribute(
            "data-place", re.compile("projector|queue")
        )
        expect(node).to_have_attribute("data-acting", "")
        looking.keyboard.press("l")
        expect(lane(looking, todo_id)).to_have_attribute("data-state", "ended")
    finally:
        all_clear(stack, "projector")
    expect(node).not_to_have_attribute("data-lab", re.compile("."))
    told_apart(looking, todo_id)
    was_on_then(looking, todo_id)

    file = tmp_path / "run.json"
    file.write_bytes(requests.get(f"{stack.urls.web}/export", timeout=60).content)
    assert json.loads(file.read_text())["firings"]
    looking.locator("[data-run-file]").set_input_files(file)
    expect(looking.locator("[data-run-says]")).to_contain_text("A run from a file")
    looking.get_by_label("The moment shown").press("End")
    told_apart(looking, todo_id)
    was_on_then(looking, todo_id)


def told_apart(page: Page, todo_id: int) -> None:
    """The lane has the stretch hatched, and the inspector names the switch and its line."""
    of_todo = lane(page, todo_id)
    hatched = of_todo.locator("[data-segment=projector] [data-injected]")
    expect(hatched).to_have_count(1)
    expect(of_todo.locator(".total")).to_contain_text("1.50 s injected")
    of_todo.get_by_role("button").click()
    inspector = page.locator("[data-view=inspector]")
    firing = inspector.locator("[data-line][data-span=injected]")
    expect(firing).to_contain_text("slow at the projector")
    expect(firing).to_contain_text(LINE)
    expect(firing.locator(".figure:not(.dim)")).to_have_text("1.50 s")
    expect(inspector.locator("[data-line][data-span=projector] .note")).to_have_text(
        "1.50 s of it was injected"
    )
    expect(inspector.locator("[data-inspector-says]")).to_contain_text(
        re.compile(r"not readable for .* after the answer, of which 1\.50 s was injected")
    )
    label = page.locator("[data-label=projector]")
    expect(label).to_have_attribute("aria-label", re.compile("injected$"))
    page.get_by_role("button", name="Close the inspector").click()


def was_on_then(page: Page, todo_id: int) -> None:
    """Back at the last hop before it was held, and a second on, the switch is on and acts."""
    page.locator("[data-loop]").focus()
    moment = page.locator("[data-moment-hop]")
    before = f"#{todo_id} created: delivered"
    for _ in range(MOST_STEPS):
        page.keyboard.press("ArrowLeft")
        drawn(page)
        if moment.text_content() == before:
            break
    expect(moment).to_have_text(before)
    page.keyboard.press("Shift+ArrowRight")
    node = page.locator("[data-node=projector]")
    expect(node).to_have_attribute("data-lab", "slowed 1.50 s by the lab")
    expect(node).to_have_attribute("data-acting", "")
    expect(page.locator(a_held_mark(todo_id))).to_have_count(1)
    took = page.locator("[data-label=projector]")
    expect(took).to_have_attribute("aria-label", re.compile("injected so far$"))
