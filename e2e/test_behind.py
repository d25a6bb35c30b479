"""The page behind a proxy that ends TLS, for those who come through a tunnel."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from e2e.support import WITHIN_MS, has_seen_the_tour
from stack.local import LocalStack
from stack.ports import Ports
from tests.support import another, until
from tests.support.tls_proxy import Rewriting, as_caddy, as_codespaces, tls_proxy, without_websocket

ROOM = "room.example"


@contextmanager
def beyond(browser: Browser) -> Iterator[Page]:
    """Give a page that takes the proxy's certificate, although nobody has signed it."""
    context = browser.new_context(ignore_https_errors=True)
    has_seen_the_tour(context)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("rewriting", "setting"),
    [(as_caddy, "TRUSTED_PROXIES"), (without_websocket(as_codespaces), "PUBLIC_URL")],
    ids=["websocket", "polling"],
)
def test_the_page_works_behind_a_proxy_that_web_has_been_told_of(
    browser: Browser,
    stack: LocalStack,
    tmp_path: Path,
    rewriting: Rewriting,
    setting: str,
) -> None:
    port, title = Ports.free().web, f"From afar, with {setting}"
    with tls_proxy(port, rewriting, ROOM, tmp_path) as tls_port, beyond(browser) as page:
        public = f"https://{ROOM}:{tls_port}"
        value = {"TRUSTED_PROXIES": "1", "PUBLIC_URL": public}[setting]
        with another(stack, "web", "web", port, {setting: value}):
            until(lambda: requests.get(f"http://127.0.0.1:{port}/readyz", timeout=60).ok)
            page.goto(public)
            # Only what the socket brings makes the page live.
            live = re.compile("live|behind")
            expect(page.locator("[data-live]")).to_have_attribute("data-live", live)
            field = page.get_by_label("Add a todo")
            field.fill(title)
            field.press("Enter")
            listed = page.locator("[data-todos] li").filter(has_text=title)
            expect(listed).to_be_visible(timeout=WITHIN_MS)
            page.get_by_role("button", name="GET /todos").click()
            expect(page.locator("[data-read-now-says]")).to_contain_text("200 after")
            # Nobody there reaches the services' own ports.
            expect(page.locator("[data-command-curl]")).to_contain_text(f"{public}/commands/todos")
            expect(page.locator("[data-read-curl]")).to_contain_text(f"{public}/queries/todos")


@pytest.mark.parametrize("rewriting", [as_caddy, as_codespaces])
def test_behind_a_proxy_that_web_has_not_been_told_of_it_says_which_setting_to_use(
    browser: Browser, stack: LocalStack, tmp_path: Path, rewriting: Rewriting
) -> None:
    with tls_proxy(stack.ports.web, rewriting, ROOM, tmp_path) as port, beyond(browser) as page:
        page.goto(f"https://{ROOM}:{port}")
        if rewriting is as_caddy:
            expect(page.locator("body")).to_contain_text(f"PUBLIC_URL=https://{ROOM}")
        else:
            # Its own address is localhost, and the browser vouches for the page.
            answer = page.evaluate(
                "fetch('/commands/todos/0', {method: 'DELETE'}).then((it) => it.status)"
            )
            assert answer == 404
