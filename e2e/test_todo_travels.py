"""One todo travels through the whole stack, and every open page sees it travel."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from e2e.support import drawn, stretched_by
from stack.local import LocalStack
from tests.support.hops import hops, whole_journey, whole_way
from tests.support.switches import paused_by_the_host

WAY = [hops()[name].get("began_as", {"hop": name})["hop"] for name in whole_way()]
ARRIVES_WITHIN_MS = 60_000
PICTURE = Path(__file__).parent.parent / "docs" / "images" / "page.png"

# Every value that the mark's data-hop takes, for as long as there is a mark.
FOLLOW = """
() => {
  window.followed = {};
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const { todoId, hop } = target.dataset;
      if (todoId && hop && window.followed[todoId]?.at(-1) !== hop) {
        (window.followed[todoId] ??= []).push(hop);
      }
    }
  }).observe(document.querySelector("[data-marks]"),
             { subtree: true, attributes: true, attributeFilter: ["data-hop"] });
}
"""

# Every value that a mark's data-state takes.
NOTE_STATES = """
() => {
  window.states = new Set();
  new MutationObserver(() => {
    for (const mark of document.querySelectorAll("[data-mark]")) states.add(mark.dataset.state);
  }).observe(document.querySelector("[data-marks]"), { subtree: true, attributes: true });
}
"""

# The pairs of nodes whose shapes meet; the outbox is a part of PostgreSQL, the dead letters of
# RabbitMQ.
OVERLAPS = """
() => {
  const shapes = [...document.querySelectorAll("[data-node]:not([data-kind=part]) [data-shape]")];
  const named = (shape) => [shape.parentNode.dataset.node, shape.getBoundingClientRect()];
  const boxes = shapes.map(named);
  const meet = (a, b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  return boxes.flatMap(([name, box], index) => boxes
    .slice(index + 1)
    .filter(([, other]) => meet(box, other))
    .map(([other]) => `${name} ${other}`));
}
"""


@pytest.fixture
def looking(page: Page, stack: LocalStack) -> Page:
    """A page that is connected and records how marks travel."""
    page.goto(stack.urls.web)
    expect(page.locator("[data-live]")).to_have_attribute("data-live", re.compile("live|behind"))
    expect(page.locator("[data-node=postgresql]")).to_have_attribute("data-state", "up")
    page.evaluate(FOLLOW)
    return page


def row(page: Page, title: str) -> Any:
    """The todo's row in the list, which comes from reads."""
    return page.locator("[data-todos] li").filter(has=page.get_by_text(title, exact=True))


def lane(page: Page, todo_id: int, version: int = 1) -> Any:
    """The journey's lane."""
    return page.locator(f'[data-lane][data-todo-id="{todo_id}"][data-version="{version}"]')


def id_of(stack: LocalStack, title: str) -> int:
    """The todo's id, from a read."""
    todos = requests.get(f"{stack.urls.query_service}/todos", timeout=60).json()
    found: int = next(todo["id"] for todo in todos if todo["title"] == title)
    return found


def add_by_http(stack: LocalStack, title: str) -> int:
    answer = requests.post(f"{stack.urls.command_service}/todos", json={"title": title}, timeout=60)
    assert answer.status_code == 201, answer.text
    todo_id: int = answer.json()["id"]
    return todo_id


def assert_travelled(page: Page, todo_id: int) -> None:
    """Assert that the mark went from hop to hop in the order of the path, and its journey ended."""
    expect(lane(page, todo_id)).to_have_attribute("data-state", "ended", timeout=ARRIVES_WITHIN_MS)
    hops = page.evaluate("(id) => window.followed[id]", str(todo_id))
    # The confirm brings the time of `sent`, and may come after the delivery has been shown.
    assert [hop for hop in hops if hop != "sent"] == [h for h in WAY if h != "sent"]
    told = (lane(page, todo_id).get_attribute("data-hops") or "").split()
    assert {*whole_journey()} <= set(told)


def test_a_todo_added_on_the_page_travels_to_the_read(looking: Page, stack: LocalStack) -> None:
    looking.get_by_label("Add a todo").fill("Learn CQRS")
    ghost = looking.locator("[data-ghost]").filter(has_text="Learn CQRS")
    # So that there is time to look, however slow the machine is that looks.
    with paused_by_the_host(stack, "projector"):
        looking.get_by_label("Add a todo").press("Enter")
        expect(ghost).to_be_visible(timeout=ARRIVES_WITHIN_MS)
        expect(row(looking, "Learn CQRS")).to_have_count(0)
        expect(looking.locator("[data-verdict]")).to_have_attribute("data-verdict", "behind")

    expect(row(looking, "Learn CQRS")).to_be_visible(timeout=ARRIVES_WITHIN_MS)
    expect(ghost).to_have_count(0)
    assert_travelled(looking, id_of(stack, "Learn CQRS"))
    expect(looking.locator("[data-verdict]")).to_have_attribute(
        "data-verdict", "consistent", timeout=ARRIVES_WITHIN_MS
    )


@pytest.mark.skipif(os.environ.get("SCREENSHOTS") != "1", reason="asked for with SCREENSHOTS=1")
def test_the_picture_for_the_readme(looking: Page, stack: LocalStack) -> None:
    looking.emulate_media(color_scheme="dark")
    for title in ("Buy milk", "Water plants", "Call the bank"):
        add_by_http(stack, title)
        expect(row(looking, title)).to_be_visible(timeout=ARRIVES_WITHIN_MS)
    looking.get_by_label("Add a todo").fill("Write the talk")
    looking.get_by_label("Add a todo").press("Enter")
    # The mark is in MongoDB, or nearly: every figure but the last is there.
    mark = looking.locator("[data-mark][data-hop=delivered]")
    expect(mark).to_be_visible(timeout=ARRIVES_WITHIN_MS)
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    looking.screenshot(path=PICTURE)


def test_a_todo_posted_over_http_travels_in_the_same_way(looking: Page, stack: LocalStack) -> None:
    title = "<script>alert('a')</script> & <b>"
    todo_id = add_by_http(stack, title)
    expect(row(looking, title)).to_be_visible(timeout=ARRIVES_WITHIN_MS)
    assert_travelled(looking, todo_id)


def test_a_browser_that_joins_later_is_given_the_journey(looking: Page, stack: LocalStack) -> None:
    stretched_by(looking, 1)
    todo_id = add_by_http(stack, "Seen by two")
    expect(row(looking, "Seen by two")).to_be_visible(timeout=ARRIVES_WITHIN_MS)
    first = lane(looking, todo_id).get_attribute("data-hops")
    looking.reload()
    expect(lane(looking, todo_id)).to_have_attribute("data-state", "ended")
    assert lane(looking, todo_id).get_attribute("data-hops") == first
    expect(row(looking, "Seen by two")).to_be_visible()


def test_complete_and_delete_are_seen_when_a_read_shows_them(
    looking: Page, stack: LocalStack
) -> None:
    stretched_by(looking, 1)
    todo_id = add_by_http(stack, "Sweep the yard")
    yard = row(looking, "Sweep the yard")
    expect(yard).to_be_visible(timeout=ARRIVES_WITHIN_MS)

    yard.get_by_role("checkbox").click()
    expect(lane(looking, todo_id, 2)).to_be_visible(timeout=ARRIVES_WITHIN_MS)
    expect(yard).to_have_attribute("data-completed", "true", timeout=ARRIVES_WITHIN_MS)

    yard.get_by_role("button", name="Delete Sweep the yard").click()
    expect(yard).to_have_count(0, timeout=ARRIVES_WITHIN_MS)
    expect(lane(looking, todo_id, 3)).to_have_attribute(
        "data-hop", "seen", timeout=ARRIVES_WITHIN_MS
    )


def test_a_refused_title_is_explained_and_stays_in_the_field(page: Page, stack: LocalStack) -> None:
    page.goto(stack.urls.web)
    page.get_by_label("Add a todo").fill("bell\u0007")
    page.get_by_label("Add a todo").press("Enter")
    expect(page.get_by_role("alert")).not_to_be_empty()
    expect(page.get_by_label("Add a todo")).to_have_value("bell\u0007")


def test_with_reduced_motion_marks_only_stand_at_places(page: Page, stack: LocalStack) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(stack.urls.web)
    page.evaluate(NOTE_STATES)
    todo_id = add_by_http(stack, "No hurry")
    expect(lane(page, todo_id)).to_have_attribute("data-state", "ended", timeout=ARRIVES_WITHIN_MS)
    assert "moving" not in page.evaluate("() => [...states]")


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844), (3840, 2160)])
def test_no_node_lies_over_another_at_any_size(
    page: Page, stack: LocalStack, size: tuple[int, int]
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(stack.urls.web)
    drawn(page)
    overlaps = page.evaluate(OVERLAPS)
    assert overlaps == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
