"""The playhead: pause, step, scrub and back to live, on the real page."""

import json
import re

import pytest
import requests
from playwright.sync_api import Page, expect

from e2e.support import WITHIN_MS, add, journeyed, lane
from stack.local import LocalStack
from tests.support import until
from tests.support.evidence import journeys_since
from tests.support.hops import whole_way

WAY = whole_way()

# Everything visible of each mark and figure, as one text.
PICTURE = """
() => JSON.stringify([
  [...document.querySelectorAll("[data-mark]")]
    .map(({ dataset: { eventId, hop, place }, style }) => [eventId, hop, place, style.transform])
    .sort(),
  [...document.querySelectorAll("[data-label]:not([hidden])")].map((label) => label.textContent),
  [...document.querySelectorAll("[data-node]")].map((node) => node.getAttribute("aria-label")),
  [...document.querySelectorAll("[data-lane]")].map((lane) => lane.textContent),
  document.querySelector("[data-todos]").textContent,
  document.querySelector("[data-verdict]").textContent,
  document.querySelector("[data-moment]").textContent,
  document.querySelector("[data-moment-hop]").textContent,
])
"""

# Every change to the document, except how far behind live it is, and how much has come meanwhile.
NOTE_CHANGES = """
() => {
  window.changes = [];
  new MutationObserver((records) => {
    for (const { target, type } of records) {
      const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
      if (element.closest("[data-live], [data-go-live]")) continue;
      changes.push(`${type} ${element.outerHTML.slice(0, 120)}`);
    }
  }).observe(document.body,
             { subtree: true, childList: true, attributes: true, characterData: true });
}
"""


@pytest.fixture
def looking(page: Page, stack: LocalStack) -> Page:
    """A page that is connected and knows the state of the servers."""
    page.goto(stack.urls.web)
    expect(page.locator("[data-live]")).to_have_attribute("data-live", re.compile("live|behind"))
    expect(page.locator("[data-node=postgresql]")).to_have_attribute("data-state", "up")
    return page


def settled(page: Page) -> str:
    """The picture, once all of it has been drawn."""
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )
    picture: str = page.evaluate(PICTURE)
    return picture


def press(page: Page, key: str) -> str:
    page.keyboard.press(key)
    return settled(page)


def test_nothing_on_a_paused_page_changes_while_commands_go_on(
    looking: Page, stack: LocalStack
) -> None:
    add(stack, "Before the pause")
    expect(looking.locator("[data-mark]").first).to_be_visible(timeout=WITHIN_MS)
    looking.get_by_role("button", name="Pause the picture").click()
    expect(looking.locator("[data-live]")).to_have_attribute("data-live", "paused")
    expect(looking.get_by_role("button", name="Play on")).to_be_visible()
    settled(looking)
    looking.evaluate(NOTE_CHANGES)
    meanwhile = [add(stack, f"Meanwhile {number}") for number in range(3)]
    read = f"{stack.urls.query_service}/todos?after={meanwhile[0] - 1}"
    until(lambda: len(requests.get(read, timeout=60).json()) == 3)
    # The only things that change are how far behind the page says it is, and what it has missed.
    expect(looking.locator("[data-live-words]")).to_contain_text("behind live", timeout=WITHIN_MS)
    was = looking.locator("[data-live-words]").text_content() or ""
    expect(looking.locator("[data-live-words]")).not_to_have_text(was, timeout=WITHIN_MS)
    assert looking.evaluate("() => changes") == []
    assert looking.evaluate("() => document.getAnimations().length") == 0

    missed = looking.get_by_role("button", name="Back to live: 3 new since you paused")
    expect(missed).to_contain_text("3 new", timeout=WITHIN_MS)
    missed.click()
    expect(looking.get_by_role("button", name="Back to live")).to_be_hidden()
    expect(lane(looking, meanwhile[-1])).to_be_visible(timeout=WITHIN_MS)
    expect(lane(looking, meanwhile[0])).to_have_attribute("data-hops", re.compile("projected"))


def test_a_step_forward_and_back_gives_the_same_picture(looking: Page, stack: LocalStack) -> None:
    journeyed(looking, stack, "To and fro")
    looking.locator("[data-loop]").focus()
    for _ in range(4):
        press(looking, "ArrowLeft")
    here = settled(looking)
    further = press(looking, "ArrowRight")
    assert further != here
    assert press(looking, "ArrowLeft") == here
    assert press(looking, "ArrowRight") == further
    assert press(looking, "PageUp") == here, "a presenter remote steps back"
    assert press(looking, "PageDown") == further


def test_a_whole_journey_can_be_followed_with_only_the_keyboard(
    looking: Page, stack: LocalStack
) -> None:
    press(looking, "n")
    looking.keyboard.type("Keys and nothing else")
    looking.keyboard.press("Enter")
    row = looking.locator("[data-todos] li").filter(has_text="Keys and nothing else")
    expect(row).to_be_visible(timeout=WITHIN_MS)
    # The moment the row appeared is known once the journey's last hop, seen, is known.
    todo_id = int(row.get_attribute("data-todo-id") or 0)
    expect(lane(looking, todo_id)).to_have_attribute("data-state", "ended", timeout=WITHIN_MS)
    # If we paused while the mark is on its way, that moment would be before the journey's end.
    expect(looking.locator("[data-live]")).to_have_attribute("data-live", "live", timeout=WITHIN_MS)
    looking.locator("[data-loop]").focus()
    press(looking, ".")
    expect(looking.locator("[data-live]")).to_have_attribute("data-live", "paused")
    told: list[str] = []
    for _ in range(60):
        press(looking, "ArrowLeft")
        told.append(looking.locator("[data-summary]").text_content() or "")
        if "received" in told[-1]:
            break
    assert [word for word in reversed(told) if "acked" not in word and "acknowledged" not in word]
    for hop in WAY[:-1]:
        assert any(f": {hop}," in words for words in told), (hop, told)
    expect(row).to_have_count(0)
    press(looking, "End")
    expect(looking.locator("[data-live]")).to_have_attribute("data-live", re.compile("live|behind"))
    expect(row).to_be_visible(timeout=WITHIN_MS)


def test_going_back_to_live_is_one_step_without_a_flood(looking: Page, stack: LocalStack) -> None:
    seen = seen_by(looking)
    looking.get_by_role("button", name="Pause the picture").click()
    added = [add(stack, f"Missed {number}") for number in range(20)]
    read = f"{stack.urls.query_service}/todos?after={added[0] - 1}"
    until(lambda: len(requests.get(read, timeout=60).json()) == 20)
    shown = "(id) => document.querySelector(`[data-lane][data-todo-id='${id}']`) !== null"
    assert not looking.evaluate(shown, added[-1])
    # Before we go back to live, their journeys have reached this page, and their ends.
    expect(looking.locator("[data-live-words]")).to_contain_text("behind live", timeout=WITHIN_MS)

    def all_have_ended() -> bool:
        looking.title()  # Playwright passes on what the browser says only while it is asked.
        known = journeys_since(stack, 0)
        return all(known[todo_id, 1]["event_id"] in seen for todo_id in added)

    until(lambda: all((todo_id, 1) in journeys_since(stack, 0) for todo_id in added))
    until(all_have_ended)
    looking.get_by_role("button", name="Back to live").click()
    settled(looking)
    assert looking.locator("[data-mark]").count() == 0
    expect(looking.locator("[data-live]")).to_have_attribute("data-live", "live")
    expect(lane(looking, added[-1])).to_have_attribute("data-state", "ended")


def seen_by(page: Page) -> set[str]:
    """Open the page again. Returns the events of which it has been told that a read shows them."""
    seen: set[str] = set()

    def told(message: str | bytes) -> None:
        # Socket.IO's packet of an event: 42["hops", {...}]
        kind, _, rest = str(message).partition("[")
        name, *what = json.loads(f"[{rest}") if kind == "42" else ("none",)
        if name == "hops":
            seen.update(hop["event_id"] for hop in what[0]["hops"] if hop["hop"] == "seen")

    page.on("websocket", lambda socket: socket.on("framereceived", told))
    page.reload()
    expect(page.locator("[data-live]")).to_have_attribute("data-live", re.compile("live|behind"))
    return seen


def test_a_paused_page_plays_on_and_reaches_live_by_itself(
    looking: Page, stack: LocalStack
) -> None:
    todo_id = journeyed(looking, stack, "Played again")
    looking.get_by_label("By how much time is stretched").select_option("10")
    looking.locator("[data-loop]").focus()
    for _ in range(6):
        press(looking, "ArrowLeft")
    expect(looking.locator(f'[data-mark][data-todo-id="{todo_id}"]')).to_have_count(1)
    press(looking, "k")
    expect(looking.locator("[data-live]")).to_have_attribute(
        "data-live", re.compile("live|behind"), timeout=WITHIN_MS
    )
    expect(looking.get_by_role("button", name="Back to live")).to_be_hidden(timeout=WITHIN_MS)


def test_shortcut_keys_type_text_in_a_field_and_can_be_switched_off(looking: Page) -> None:
    field = looking.get_by_label("Add a todo")
    field.fill("")
    field.press_sequentially("k.l?pt")
    expect(field).to_have_value("k.l?pt")
    expect(looking.locator("[data-live]")).not_to_have_attribute("data-live", "paused")

    field.blur()
    press(looking, "?")
    expect(looking.get_by_role("dialog", name="Help")).to_be_visible()
    looking.get_by_role("tab", name="Keys").click()
    looking.get_by_label("Single keys act everywhere").uncheck()
    looking.keyboard.press("Escape")
    press(looking, "k")
    expect(looking.get_by_role("button", name="Pause the picture")).to_be_visible()
    looking.locator("[data-loop]").focus()
    press(looking, "k")
    expect(looking.get_by_role("button", name="Play on")).to_be_visible()


def test_a_remote_works_in_the_presenter_view_after_a_todo_was_added(looking: Page) -> None:
    field, live = looking.get_by_label("Add a todo"), looking.locator("[data-live]")
    # At the desk, one todo is written after another.
    field.click()
    looking.keyboard.type("First.")
    looking.keyboard.press("Enter")
    expect(field).to_be_focused()
    press(looking, "Escape")
    expect(field).not_to_be_focused()
    press(looking, "p")
    press(looking, "n")
    looking.keyboard.type("v1.2")
    expect(field).to_have_value("v1.2")
    looking.keyboard.press("Enter")
    expect(field).to_have_value("")
    press(looking, ".")
    expect(field).to_have_value("")
    expect(live).to_have_attribute("data-live", "paused")
    # Even while somebody writes, it steps.
    field.click()
    before = settled(looking)
    assert press(looking, "PageUp") != before
    press(looking, "p")
    expect(field).to_have_value("p")


def test_the_name_of_each_node_gives_its_state(looking: Page) -> None:
    names = ["Browser", "Command service", "PostgreSQL", "outbox", "Relay", "RabbitMQ"]
    for name in [*names, "dead letters", "Projector", "MongoDB", "Query service"]:
        expect(looking.get_by_role("button", name=re.compile(f"^{name}: .+"))).to_have_count(1)


def test_a_burst_is_sent_and_shows_its_progress(looking: Page, stack: LocalStack) -> None:
    looking.evaluate("(key) => sessionStorage.setItem('host-key', key)", stack.host_key)
    looking.get_by_text("Many at once").click()
    looking.get_by_role("button", name="100", exact=True).click()
    expect(looking.locator("[data-view=burst] [data-burst-says]")).to_have_text(
        "100 of 100 sent", timeout=WITHIN_MS
    )
    expect(looking.get_by_role("button", name="Stop")).to_be_hidden()
    marks = looking.locator("[data-mark]")
    assert marks.count() <= 60
    expect(looking.locator("[data-verdict]")).to_have_attribute(
        "data-verdict", "consistent", timeout=WITHIN_MS
    )


def test_stopping_a_burst_moves_the_focus_to_go(looking: Page, stack: LocalStack) -> None:
    looking.evaluate("(key) => sessionStorage.setItem('host-key', key)", stack.host_key)
    looking.get_by_text("Many at once").click()
    looking.get_by_role("button", name="Go", exact=True).click()
    stop = looking.get_by_role("button", name="Stop")
    expect(stop).to_be_visible(timeout=WITHIN_MS)
    stop.focus()
    looking.keyboard.press("Enter")
    expect(stop).to_be_hidden(timeout=WITHIN_MS)
    expect(looking.get_by_role("button", name="Go", exact=True)).to_be_focused()


def test_the_chosen_theme_is_remembered(looking: Page) -> None:
    ground = "() => getComputedStyle(document.body).backgroundColor"
    looking.emulate_media(color_scheme="dark")
    dark = looking.evaluate(ground)
    looking.get_by_role("button", name="Light", exact=True).click()
    light = looking.evaluate(ground)
    assert light != dark
    looking.reload()
    assert looking.evaluate(ground) == light
    looking.get_by_role("button", name="Dark", exact=True).click()
    assert looking.evaluate(ground) == dark
