"""The two truths, in a real browser on the running stack."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.support import WITHIN_MS, add, drawn, lane, pause_once, stretched_by, truth
from stack.local import LocalStack
from tests.support import Client, agree, rows, until
from tests.support.switches import paused_by_the_host

HOSTILE = ["<script>alert('a')</script> & <b>", "שלום עולם, מה נשמע", "W" * 200]


def test_a_todo_missing_from_mongodb_stands_out_until_it_arrives(
    looking: Page, stack: LocalStack
) -> None:
    stretched_by(looking, 1)
    says = looking.locator("[data-truths-say]")
    with paused_by_the_host(stack, "projector"):
        todo_id = add(stack, "Held up")
        row = truth(looking, todo_id)
        expect(row).to_have_attribute("data-state", "missing", timeout=WITHIN_MS)
        expect(row).to_contain_text(re.compile(r"Held up.*not there for [0-9.]+ m?s"))
        expect(says).to_contain_text(re.compile("^1 todo behind, for.*injected"), timeout=WITHIN_MS)
        said, repeated = looking.evaluate(
            """() => ["truths-say", "verdict-words"].map((name) =>
              document.querySelector(`[data-${name}]`).textContent.split(" · ")[0])"""
        )
        # Only the table has room for how much of that the lab has injected.
        whole, _, injected = said.partition(" (")
        assert whole == repeated, "the bar and the table speak of the same moment"
        assert injected.endswith("injected)")
    expect(row).to_have_attribute("data-state", "equal", timeout=WITHIN_MS)
    expect(says).to_contain_text("consistent", timeout=WITHIN_MS)


def test_a_todo_under_way_is_stale_by_the_versions_it_lacks(
    looking: Page, stack: LocalStack
) -> None:
    stretched_by(looking, 1)
    todo_id = add(stack, "Old name")
    expect(truth(looking, todo_id)).to_have_attribute("data-state", "equal", timeout=WITHIN_MS)
    with paused_by_the_host(stack, "relay"):
        Client(stack).patch(todo_id, title="New name", completed=True)
        row = truth(looking, todo_id)
        expect(row).to_contain_text(
            re.compile(r"New name ✓v3.*stale by 2 versions"), timeout=WITHIN_MS
        )
    expect(row).to_have_attribute("data-state", "equal", timeout=WITHIN_MS)


def test_a_row_whose_event_was_never_written_is_lost(looking: Page, stack: LocalStack) -> None:
    [[todo_id]] = rows(stack, "INSERT INTO todos (title) VALUES ('No event') RETURNING id")
    try:
        verdict = looking.locator("[data-verdict]")
        expect(truth(looking, todo_id)).to_have_attribute("data-lost", "", timeout=WITHIN_MS)
        words = "1 lost: no event is under way that could bring it"
        expect(looking.locator("[data-truths-say]")).to_contain_text(words)
        expect(verdict).to_have_attribute("data-verdict", "lost")
        expect(verdict).to_contain_text(words)
    finally:
        rows(stack, "DELETE FROM todos WHERE id = %s", todo_id)
    expect(truth(looking, todo_id)).to_have_count(0, timeout=WITHIN_MS)


def test_the_figures_on_the_stage_are_of_the_moment_that_its_marks_show(
    looking: Page, stack: LocalStack
) -> None:
    client = Client(stack)
    for number in range(12):
        client.post(f"Shown slowly {number}")
    until(lambda: agree(stack))
    # In truth nothing waits any more. The marks are still on their way.
    in_queue = '[data-mark][data-place="queue"][data-state="waiting"]:not([hidden])'
    pause_once(looking, in_queue, least=3)
    drawn(looking)
    says = looking.locator("[data-node=rabbitmq] [data-says]")
    expect(says).to_have_text(re.compile(r"^[1-9]\d* in the queue$"))
    assert int((says.text_content() or "").split()[0]) >= looking.locator(in_queue).count()
    expect(looking.locator("[data-truths-say]")).to_contain_text("behind")


@pytest.mark.parametrize("title", HOSTILE)
def test_any_title_is_shown_as_text_and_does_not_break_the_layout(
    looking: Page, stack: LocalStack, title: str
) -> None:
    stretched_by(looking, 1)
    todo_id = add(stack, title)
    expect(truth(looking, todo_id)).to_contain_text(title, timeout=WITHIN_MS)
    lane(looking, todo_id).get_by_role("button").click()
    expect(looking.locator("[data-inspector-title]")).to_have_text(title)
    assert looking.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


# From left to right, in pixels: the number of a todo, its title, and the tick behind it.
PLACES_OF_TRUTH = """(row) => {
  const [number, , title, tick] = row.querySelector("[data-left]").childNodes;
  return [number, title, tick].flatMap((node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    const { left, right } = range.getBoundingClientRect();
    return [left, right];
  });
}"""


@pytest.mark.parametrize("title", ["\u202eabc", "\u2067abc", "a\u2069\u202ebc"])
def test_a_title_that_turns_its_text_around_turns_nothing_else(
    looking: Page, stack: LocalStack, title: str
) -> None:
    field = looking.get_by_label("Add a todo")
    field.fill(title)
    field.press("Enter")
    listed = looking.locator(f'[data-todos] li:has([title="{title}"])')
    expect(listed).to_be_visible(timeout=WITHIN_MS)
    # In a sentence that is no markup, it stands between FSI and PDI (UAX #9).
    tick = listed.get_by_role("checkbox")
    expect(tick).to_have_attribute("aria-label", re.compile(r"^Complete \u2068.+\u2069$"))
    tick.click()
    todo_id = int(listed.get_attribute("data-todo-id") or 0)
    row = truth(looking, todo_id)
    expect(row).to_contain_text("✓", timeout=WITHIN_MS)
    places = row.evaluate(PLACES_OF_TRUTH)
    assert places == sorted(places)
    lane(looking, todo_id).first.get_by_role("button").click()
    event = looking.locator("[data-held=event] pre")
    for json in (event, looking.locator("[data-command-curl]")):
        expect(json).not_to_contain_text(re.compile("[\u202a-\u202e\u2066-\u2069]"))
    expect(event).to_contain_text("\\u202e" if "\u202e" in title else "\\u2067")
