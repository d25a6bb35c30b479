"""The two truths on the real stack: for all todos, at the moment shown, without false alarms."""

import re

import pytest
from playwright.sync_api import Locator, Page, Response, expect
from pymongo import MongoClient

from e2e.support import WITHIN_MS, add, drawn, truth
from stack.local import LocalStack
from tests.support import agree, until
from tests.support.client import create_many
from tests.support.switches import paused_by_the_host

# More than the newest todos, which are listed one by one.
NEWER = 210


@pytest.fixture
def old_todo(stack: LocalStack) -> int:
    """A todo below the newest ones."""
    todo_id = add(stack, "Of old")
    create_many(stack, NEWER)
    until(lambda: agree(stack))
    return todo_id


def verdict(page: Page) -> Locator:
    return page.locator("[data-truths-say]")


def test_an_older_todo_missing_from_mongodb_is_found(
    old_todo: int, looking: Page, stack: LocalStack
) -> None:
    expect(verdict(looking)).to_contain_text(re.compile("^todos consistent"), timeout=WITHIN_MS)
    with MongoClient[dict[str, object]](stack.urls.mongodb_url) as mongo:
        todos = mongo.get_default_database()["todos"]
        document = todos.find_one_and_delete({"_id": old_todo})
        assert document
        try:
            row = truth(looking, old_todo)
            expect(row).to_have_attribute("data-lost", "", timeout=WITHIN_MS)
            expect(verdict(looking)).to_contain_text("1 lost: no event is under way")
        finally:
            todos.insert_one(document)
    expect(verdict(looking)).to_contain_text(re.compile("^todos consistent ·"), timeout=WITHIN_MS)


def is_above(todo_id: int, answer: Response) -> bool:
    """Whether this answer is only about newer todos."""
    return "/truths" in answer.url and answer.json()["after"] >= todo_id


def test_a_paused_comparison_is_not_affected_by_later_events(
    looking: Page, stack: LocalStack
) -> None:
    with paused_by_the_host(stack, "relay"):
        todo_id = add(stack, "Paused in the outbox")
        row = truth(looking, todo_id)
        expect(row).to_have_attribute("data-state", "missing", timeout=WITHIN_MS)
        expect(verdict(looking)).to_contain_text("1 todo behind")
        looking.keyboard.press("k")
        expect(looking.locator("[data-live]")).to_have_attribute("data-live", "paused")
        said = verdict(looking).text_content()
    create_many(stack, NEWER)
    until(lambda: agree(stack))
    looking.wait_for_event("response", lambda answer: is_above(todo_id, answer))
    looking.set_viewport_size({"width": 1270, "height": 720})
    drawn(looking)
    expect(row).to_have_attribute("data-state", "missing")
    assert verdict(looking).text_content() == said
    expect(looking.locator("[data-verdict]")).to_contain_text("1 todo behind")


def test_events_that_waited_and_moved_on_are_never_called_lost(
    looking: Page, stack: LocalStack
) -> None:
    looking.evaluate(
        """() => {
          const truths = document.querySelector("[data-truths]");
          window.states = new Set([truths.dataset.truths]);
          new MutationObserver(() => states.add(truths.dataset.truths))
            .observe(truths, { attributes: true });
        }"""
    )
    with paused_by_the_host(stack, "projector"):
        todo_id, *_ = [add(stack, f"Waiting {number}") for number in range(20)]
        expect(truth(looking, todo_id)).to_have_attribute(
            "data-state", "missing", timeout=WITHIN_MS
        )
        expect(verdict(looking)).to_contain_text(
            # For some seconds at least, and longer on a slow machine.
            re.compile(r"^20 todos behind, the oldest for (([3-9]|\d\d)\.\d+ s|\d+ min)"),
            timeout=WITHIN_MS,
        )
    expect(verdict(looking)).to_contain_text(re.compile("^todos consistent ·"), timeout=WITHIN_MS)
    assert looking.evaluate("() => [...states].sort()") == ["behind", "consistent"]
