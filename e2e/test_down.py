"""With a server or a service down, the page says which, shows where events wait, and recovers."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from playwright.sync_api import Page, expect

from stack.local import LocalStack

WITHIN_MS = 90_000


@contextmanager
def stopped(stack: LocalStack, program: str) -> Iterator[None]:
    """The program is stopped, and started again whatever happens."""
    stack.stop_program(program)
    try:
        yield
    finally:
        stack.start_program(program)


def test_what_cannot_be_published_waits_in_the_outbox(page: Page, stack: LocalStack) -> None:
    page.goto(stack.urls.web)
    rabbitmq = page.locator("[data-node=rabbitmq]")
    with stopped(stack, "rabbitmq"):
        expect(rabbitmq).to_have_attribute("data-state", "down", timeout=WITHIN_MS)
        expect(rabbitmq).to_contain_text("down")
        expect(page.locator("[data-fault]").first).to_contain_text("RabbitMQ is down")
        for number in range(3):
            title = f"Waits {number}"
            requests.post(f"{stack.urls.command_service}/todos", json={"title": title}, timeout=10)
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
