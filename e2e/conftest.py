"""The browser of the end-to-end tests, and web by itself for tests that need no more.

The stack that the others share comes from the top-level conftest.
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect, sync_playwright

from e2e.support import WITHIN_MS, has_seen_the_tour
from stack import browser as installed
from stack.local import LocalStack
from stack.programs import ROOT
from tests.support import agree
from tests.support.waiting import until
from tests.support.web_alone import a_web

HOST_KEY = "open sesame"

expect.set_options(timeout=WITHIN_MS)

ARGUMENTS = [
    # The page is on this machine, whatever proxies the system has set.
    "--no-proxy-server",
    # Chromium's sandbox does not start as root, and here it opens only our own page.
    "--no-sandbox",
    # A browser that calls home would be noise in a room that may be offline.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # A public name for the page behind a proxy, which leads to this machine.
    "--host-resolver-rules=MAP room.example 127.0.0.1",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once per run."""
    executable = installed.executable()
    assert executable is not None, "no Chromium starts here: make test gets one"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page at 1280x720. Errors in it, or requests that leave the origin, fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    has_seen_the_tour(context)
    opened = context.new_page()
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # Chromium reports every 4xx and 5xx answer here, and some tests want exactly those.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            problems.append(message.text)

    opened.on("console", note)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    origins: set[str] = set()
    opened.on("request", lambda request: origins.add("/".join(request.url.split("/")[:3])))
    yield opened
    context.close()
    assert not problems
    assert len({origin for origin in origins if origin.startswith("http")}) <= 1, origins


@pytest.fixture
def bare(page: Page) -> Page:
    """An empty page that can import the page's modules, without the stack."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            route.fulfill(path=ROOT / "web" / path.removeprefix("/"))
        else:
            route.fulfill(body="<!doctype html><title>bare</title>", content_type="text/html")

    page.route("http://bare.test/**", answer)
    page.goto("http://bare.test/")
    return page


@pytest.fixture(scope="session")
def web_alone() -> Iterator[str]:
    """Web without a stack and without a lab: the page is there, and no read is answered."""
    with web() as url:
        yield url


@pytest.fixture(scope="session")
def web_with_lab() -> Iterator[str]:
    """Web without a stack, and with a lab in which no process answers."""
    with web(LAB="1") as url:
        yield url


@contextmanager
def web(**more: str) -> Iterator[str]:
    """Start web with further settings and without a stack, and give its address."""
    with (
        tempfile.TemporaryDirectory() as folder,
        a_web(Path(folder) / "web.log", **{"HOST_KEY": HOST_KEY, **more}) as started,
    ):
        yield started.url


@pytest.fixture
def looking(page: Page, stack: LocalStack) -> Page:
    """A page that is connected and has asked for both truths."""
    until(lambda: agree(stack))
    page.goto(stack.urls.web)
    expect(page.locator("[data-live]")).to_have_attribute("data-live", re.compile("live|behind"))
    expect(page.locator("[data-truths]")).not_to_have_attribute("data-truths", "unknown")
    return page
