"""The inspector and the ways to it: lanes, marks, todos, links and keys."""

import json
import re

from playwright.sync_api import Page, expect

from e2e.support import WITHIN_MS, add, journeyed, lane, stretched_by, truth
from stack.local import LocalStack
from tests.support import Client
from tests.support.switches import paused_by_the_host

# Every text that an element shows, even if only for a moment.
NOTE_WORDS = """
(element) => {
  window.said = [];
  new MutationObserver(() => said.push(element.textContent)).observe(element, { childList: true });
}
"""


def test_a_click_on_a_lane_opens_the_journey_and_pauses(looking: Page, stack: LocalStack) -> None:
    todo_id = journeyed(looking, stack, "Look at me")
    lane(looking, todo_id).get_by_role("button").click()
    panel = looking.get_by_role("complementary", name=f"Todo {todo_id} created")
    expect(panel).to_be_visible()
    expect(looking.locator("[data-live]")).to_have_attribute("data-live", "paused")
    lines = panel.get_by_role("table").get_by_role("rowheader")
    for words in ("to commit", "in the outbox", "in the queue", "in the projector", "until a read"):
        expect(lines.filter(has_text=words)).to_have_count(1)
    expect(panel.locator("[data-trace-id]")).to_have_text(re.compile("^[0-9a-f]{32}$"))
    held = {}
    for name in ("event", "row", "document"):
        text = panel.locator(f"[data-held={name}] pre")
        expect(text).to_contain_text("Look at me")
        held[name] = json.loads(text.inner_text())
    assert held["event"]["data"]["id"] == held["row"]["id"] == held["document"]["_id"] == todo_id
    assert held["event"]["type"] == "todo.created.v1"


def test_every_stage_of_a_real_journey_is_shown_whether_confirm_or_delivery_came_first(
    looking: Page, stack: LocalStack
) -> None:
    todo_id = journeyed(looking, stack, "Every stretch")
    lane(looking, todo_id).get_by_role("button").click()
    lines = looking.get_by_role("complementary", name=f"Todo {todo_id} created")
    legs = ["outbox", "relay", "queue", "projector", "read"]
    for span in legs:
        line = lines.locator(f"[data-line][data-span={span}]:not([data-answer-line])")
        took = line.locator(".figure:not(.dim)")
        expect(took).to_have_count(1)
        # "~0 ms": a reader may see the write before the projector has MongoDB's answer to it.
        expect(took).to_have_text(re.compile(r"^(~0|[0-9.]+) m?s$"))
    segments = lane(looking, todo_id).locator("[data-segment]")
    drawn = segments.evaluate_all("(all) => all.map((each) => each.dataset.segment)")
    assert drawn == ["commit", *legs]


def test_a_journey_can_be_followed_with_only_the_keyboard(looking: Page, stack: LocalStack) -> None:
    todo_id = add(stack, "By keyboard")
    button = lane(looking, todo_id).get_by_role("button")
    expect(button).to_be_visible(timeout=WITHIN_MS)
    button.focus()
    looking.keyboard.press("Enter")
    heading = looking.get_by_role("heading", name=f"Todo {todo_id} created")
    expect(heading).to_be_focused()
    looking.keyboard.press("Escape")
    expect(looking.locator("[data-view=inspector]")).to_be_hidden()
    expect(button).to_be_focused()


def test_a_mark_opens_its_journey(looking: Page, stack: LocalStack) -> None:
    with paused_by_the_host(stack, "projector"):
        todo_id = add(stack, "Waits in the queue")
        mark = looking.locator(f'[data-mark][data-todo-id="{todo_id}"][data-place=queue]')
        expect(mark).to_have_attribute("data-state", "waiting", timeout=WITHIN_MS)
        mark.focus()
        looking.keyboard.press("Enter")
        expect(looking.locator("[data-inspector-heading]")).to_have_text(f"Todo {todo_id} created")
        expect(looking.locator("[data-inspector-says]")).to_contain_text("in the queue")
        expect(looking.locator("[data-held=document] pre")).to_have_text("holds nothing")


def test_the_marks_are_one_tab_stop_and_arrows_move_between_them(
    looking: Page, stack: LocalStack
) -> None:
    with paused_by_the_host(stack, "projector"):
        waiting = []
        for title in ("Waits first", "Waits second"):
            todo_id = add(stack, title)
            mark = looking.locator(f'[data-mark][data-todo-id="{todo_id}"][data-place=queue]')
            expect(mark).to_have_attribute("data-state", "waiting", timeout=WITHIN_MS)
            waiting.append(mark)
        expect(looking.locator("[data-mark][tabindex='0']")).to_have_count(1)
        waiting[0].focus()
        looking.keyboard.press("ArrowDown")
        expect(waiting[1]).to_be_focused()
        expect(waiting[0]).to_have_attribute("tabindex", "-1")
        looking.keyboard.press("ArrowDown")
        expect(waiting[0]).to_be_focused()


def test_the_list_is_one_tab_stop_and_arrows_move_between_todos_and_buttons(
    looking: Page, stack: LocalStack
) -> None:
    stretched_by(looking, 1)
    first, second = (add(stack, title) for title in ("Listed first", "Listed second"))
    todos = looking.locator("[data-todos]")
    for title in ("Listed first", "Listed second"):
        expect(todos).to_contain_text(title, timeout=WITHIN_MS)
    expect(todos.locator("[tabindex='0']")).to_have_count(1)
    expect(todos.locator("button:not([tabindex='-1'])")).to_have_count(1)
    tick = looking.get_by_role("checkbox", name="Complete Listed second")
    remove = looking.get_by_role("button", name="Delete Listed second")
    todos.locator("[tabindex='0']").focus()
    looking.keyboard.press("End")
    expect(tick).to_be_focused()
    looking.keyboard.press("ArrowRight")
    expect(remove).to_be_focused()
    looking.keyboard.press("ArrowUp")
    expect(looking.get_by_role("button", name="Delete Listed first")).to_be_focused()
    looking.keyboard.press("ArrowDown")
    expect(todos.locator("[tabindex='0']")).to_have_count(1)
    looking.keyboard.press("Enter")
    # It goes, and the focus stays in the list.
    expect(todos.locator(f"[data-todo-id='{second}']")).to_have_count(0, timeout=WITHIN_MS)
    near = todos.locator(f"[data-todo-id='{first}'] [data-complete]")
    expect(near).to_be_focused()


def test_a_link_skips_to_the_stage(looking: Page) -> None:
    looking.reload()
    for name in ("Skip to the todo list", "Skip to the stage"):
        looking.keyboard.press("Tab")
        expect(looking.get_by_role("link", name=name)).to_be_focused()
    looking.keyboard.press("Enter")
    expect(looking.locator("[data-loop]")).to_be_focused()


def test_two_waiting_changes_to_one_todo_can_be_told_apart(
    looking: Page, stack: LocalStack
) -> None:
    with paused_by_the_host(stack, "projector"):
        todo_id = add(stack, "Changed twice")
        Client(stack).patch(todo_id, completed=True)
        ghosts = looking.locator(f"[data-ghost][data-todo-id='{todo_id}']")
        expect(ghosts).to_have_count(2, timeout=WITHIN_MS)
        expect(ghosts.first).to_contain_text("created", use_inner_text=True)
        expect(ghosts.last).to_contain_text("completed", use_inner_text=True)


def test_a_journey_can_be_copied_as_curl_and_as_json(looking: Page, stack: LocalStack) -> None:
    looking.context.grant_permissions(["clipboard-read", "clipboard-write"])
    todo_id = journeyed(looking, stack, "Copied")
    lane(looking, todo_id).get_by_role("button").click()
    panel = looking.locator("[data-view=inspector]")
    for name, words in (("curl", "curl -X POST http"), ("JSON", '"title": "Copied"')):
        button = panel.get_by_role("button", name=name, exact=True)
        button.evaluate(NOTE_WORDS)
        button.click()
        looking.wait_for_function("(name) => said.join() === `Copied,${name}`", arg=name)
        assert words in looking.evaluate("navigator.clipboard.readText()")


def test_a_journey_has_a_link_of_its_own(looking: Page, stack: LocalStack) -> None:
    todo_id = journeyed(looking, stack, "Linked")
    lane(looking, todo_id).get_by_role("button").click(timeout=WITHIN_MS)
    link = looking.url
    assert "#journey=" in link
    looking.goto("about:blank")
    looking.goto(link)
    expect(looking.locator("[data-inspector-title]")).to_have_text("Linked", timeout=WITHIN_MS)
    # The page behind it stands still only after it has received everything it needs.
    expect(looking.locator("[data-live]")).to_have_attribute("data-live", "paused")
    expect(looking.locator("[data-verdict]")).not_to_have_attribute("data-verdict", "offline")
    expect(looking.locator("[data-node=postgresql]")).to_have_attribute("data-state", "up")
    expect(lane(looking, todo_id)).to_be_visible()
    expect(truth(looking, todo_id)).to_be_visible()
    looking.get_by_role("button", name="Close the inspector").click()
    assert "#" not in looking.url
