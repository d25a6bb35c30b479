"""With a server or a service down, the page says which, shows where events wait, and recovers."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pika
import requests
from playwright.sync_api import Page, expect
from pymongo import MongoClient

from query_service.topology import DEAD_LETTERS
from stack.local import LocalStack
from tests.support import Client

WITHIN_MS = 90_000
NOTHING = (None, None, None)


@contextmanager
def stopped(stack: LocalStack, program: str) -> Iterator[None]:
    """Stop the program, and start it again whatever happens."""
    stack.stop_program(program)
    try:
        yield
    finally:
        stack.start_program(program)


def test_events_that_cannot_be_published_wait_in_the_outbox(page: Page, stack: LocalStack) -> None:
    page.goto(stack.urls.web)
    rabbitmq = page.locator("[data-node=rabbitmq]")
    with stopped(stack, "rabbitmq"):
        expect(rabbitmq).to_have_attribute("data-state", "down", timeout=WITHIN_MS)
        expect(rabbitmq).to_contain_text("down")
        expect(page.locator("[data-fault]").first).to_contain_text("RabbitMQ is down")
        for number in range(3):
            title = f"Waits {number}"
            requests.post(f"{stack.urls.command_service}/todos", json={"title": title}, timeout=60)
        waiting = page.locator("[data-mark][data-place=outbox][data-state=waiting]")
        expect(waiting).to_have_count(3, timeout=WITHIN_MS)
        expect(page.locator("[data-node=outbox]")).to_contain_text("3 waiting", timeout=WITHIN_MS)
        expect(page.locator("[data-ghost]")).to_have_count(3)
        expect(page.locator("[data-verdict]")).to_contain_text("3 todos behind")
    expect(rabbitmq).to_have_attribute("data-state", "up", timeout=WITHIN_MS)
    expect(page.locator("[data-todos]")).to_contain_text("Waits 2", timeout=WITHIN_MS)
    expect(page.locator("[data-verdict]")).to_have_attribute(
        "data-verdict", "consistent", timeout=WITHIN_MS
    )


def test_a_service_that_is_down_is_named_and_comes_back(page: Page, stack: LocalStack) -> None:
    page.goto(stack.urls.web)
    query_service = page.locator("[data-node=query-service]")
    with stopped(stack, "query-service"):
        expect(query_service).to_have_attribute("data-state", "down", timeout=WITHIN_MS)
        expect(page.locator("[data-verdict]")).to_have_attribute(
            "data-verdict", "unknown", timeout=WITHIN_MS
        )
        expect(page.locator("[data-read-says]")).to_contain_text("Reads fail")
    expect(query_service).to_have_attribute("data-state", "up", timeout=WITHIN_MS)
    expect(page.locator("[data-verdict]")).to_have_attribute(
        "data-verdict", "consistent", timeout=WITHIN_MS
    )


def send_dead_letters_again(stack: LocalStack) -> None:
    """Take each dead letter out of its queue and publish it again."""
    with pika.BlockingConnection(pika.URLParameters(stack.urls.rabbitmq_url)) as connection:
        channel = connection.channel()
        for method, properties, body in iter(lambda: channel.basic_get(DEAD_LETTERS), NOTHING):
            channel.basic_publish("todo.events", "todo.created", body, properties)
            channel.basic_ack(method.delivery_tag)


@contextmanager
def refused(stack: LocalStack, title: str) -> Iterator[None]:
    """Make MongoDB refuse todos with that title: their events are poison to the projector."""
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as client:
        read_store = client.get_default_database()
        read_store.command("collMod", "todos", validator={"title": {"$ne": title}})
        try:
            yield
        finally:
            read_store.command("collMod", "todos", validator={})
            # Once the fault is mended, the events can be sent again: they are idempotent.
            send_dead_letters_again(stack)


def test_the_page_shows_a_poison_message_being_retried_and_parked(
    page: Page, stack: LocalStack
) -> None:
    page.goto(stack.urls.web)
    expect(page.locator("[data-live]")).to_have_attribute("data-live", re.compile("live|behind"))
    with refused(stack, "Poison"):
        answer = Client(stack).post("Poison")
        todo_id = answer.json()["id"]
        mark = page.locator(f'[data-mark][data-todo-id="{todo_id}"]')
        expect(mark.locator("[data-word]")).to_have_text("attempt 2", timeout=WITHIN_MS)
        expect(mark).to_have_attribute("data-shape-kind", "diamond", timeout=WITHIN_MS)
        expect(mark).to_have_attribute("data-place", "dead-letters")
        expect(page.locator("[data-node=dead-letters]")).to_have_attribute(
            "data-holding", "", timeout=WITHIN_MS
        )
        expect(page.locator(f'[data-truth="{todo_id}"]')).to_contain_text("not there")
        page.locator(f'[data-lane][data-todo-id="{todo_id}"] button').click()
        expect(page.locator("[data-view=inspector]")).to_contain_text("attempt 1 failed")
    Client(stack).read_after(answer)
