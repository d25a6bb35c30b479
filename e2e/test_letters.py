"""Dead letters on the page: everybody looks, the host acts."""

from collections.abc import Iterator
from typing import Any

import pika
import pytest
from playwright.sync_api import Locator, Page, expect
from pymongo import MongoClient
from pymongo.database import Database

from e2e.conftest import HOST_KEY
from e2e.support import assert_accessible
from query_service.topology import DEAD_LETTERS
from stack.local import LocalStack
from tests.support import Client, until


@pytest.fixture
def read_store(stack: LocalStack) -> Iterator[Database[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
        yield mongo.get_default_database()


@pytest.fixture
def poisoned(
    looking: Page, stack: LocalStack, read_store: Database[dict[str, Any]]
) -> Iterator[int]:
    """A todo whose event is a dead letter, and what was in its way is mended."""
    client = Client(stack)
    client.read_after(client.post("So that there is a read model"))
    parameters = pika.URLParameters(stack.urls.rabbitmq_url)
    with pika.BlockingConnection(parameters) as connection:
        channel = connection.channel()
        channel.queue_purge(DEAD_LETTERS)
        rule = {"title": {"$not": {"$regex": "^poison"}}}
        read_store.command("collMod", "todos", validator=rule)
        try:
            todo_id = client.post("poison for a while").json()["id"]
            declare = channel.queue_declare
            until(lambda: declare(DEAD_LETTERS, passive=True).method.message_count == 1)
        finally:
            read_store.command("collMod", "todos", validator={})
        yield todo_id
        channel.queue_purge(DEAD_LETTERS)
        client.read_after(client.patch(todo_id, title="Mended"))


def opened(page: Page, todo_id: int) -> Locator:
    """Open the dead letters from their node on the stage, and the letter of that todo."""
    page.locator('[data-node="dead-letters"]').click()
    page.get_by_role("button", name="Open the dead letters").click()
    dialog = page.get_by_role("dialog", name="Dead letters")
    dialog.get_by_role("button", name=f"todo {todo_id}, version 1").click()
    return dialog


def retry(dialog: Locator) -> None:
    dialog.get_by_role("checkbox", name="Choose todo").check()
    dialog.get_by_role("button", name="Retry", exact=True).click()
    expect(dialog).to_contain_text(
        "Retry 1 dead letter? Each goes back to the queue that it came from (todo.projector)"
    )
    dialog.get_by_role("button", name="Do it").click()


def test_a_guest_sees_a_dead_letter_and_cannot_act(poisoned: int, looking: Page) -> None:
    dialog = opened(looking, poisoned)
    expect(dialog).to_contain_text("1 letter, todo.created.v1: Document failed validation")
    expect(dialog).to_contain_text("todo.projector (says x-queue)")
    for line in ("In PostgreSQL nowversion 1", "In MongoDB nownone"):
        expect(dialog.locator("[data-letter-lines]")).to_contain_text(line)
    event = dialog.get_by_label("The event as it went over")
    assert '"title": "poison for a while"' in event.input_value()
    assert_accessible(looking)
    retry(dialog)
    key = looking.get_by_role("dialog", name="This needs the host key")
    key.get_by_role("button", name="Cancel").click()
    expect(dialog).to_contain_text("Nothing was changed: this needs the host key.")
    expect(dialog.get_by_role("checkbox", name="Choose todo")).to_be_visible()


def test_the_host_retries_from_poison_to_projected(
    poisoned: int, looking: Page, stack: LocalStack
) -> None:
    dialog = opened(looking, poisoned)
    retry(dialog)
    key = looking.get_by_role("dialog", name="This needs the host key")
    key.get_by_label("Host key").fill(HOST_KEY)
    key.get_by_role("button", name="Go on").click()
    expect(dialog).to_contain_text(f"1 retried; landed: the read model holds v1 of todo {poisoned}")
    expect(dialog).to_contain_text("There is no dead letter.")
    dialog.get_by_role("button", name="Rebuild", exact=True).click()
    expect(dialog).to_contain_text("The rebuild of todos is done.")
    dialog.get_by_role("button", name="Close").click()
    lane = looking.locator(f'[data-lane][data-todo-id="{poisoned}"]').first
    expect(lane).to_have_attribute("data-state", "ended")
    # The time among the dead letters is told apart from all that the system did itself.
    expect(lane.locator("[data-segment=parked]")).to_have_count(1)
    expect(lane.locator(".total")).to_contain_text(" parked")
