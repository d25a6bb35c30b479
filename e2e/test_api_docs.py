"""The page of a service's contract, in a browser without a network."""

import re

import pytest
from playwright.sync_api import Page, expect

from stack.local import LocalStack


@pytest.mark.parametrize("service", ["command_service", "query_service"])
def test_a_contract_can_be_read_and_tried_out_without_the_network(
    page: Page, stack: LocalStack, service: str
) -> None:
    base, asked, problems = getattr(stack.urls, service), list[str](), list[str]()
    noted = lambda it: asked.append(it.url)  # noqa: E731
    page.on("request", noted)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda it: problems.append(it.text) if it.type == "error" else None)
    page.goto(f"{base}/docs")
    get = page.locator(".opblock", has_text=re.compile(r"^\s*(POST|GET)\s*/todos")).first
    get.locator(".opblock-summary-control").click()
    get.get_by_role("button", name="Execute").click()
    expect(get.locator(".live-responses-table .response-col_status").last).to_have_text(
        re.compile(r"^20[01]")
    )
    assert not problems
    assert {it.split("/")[2] for it in asked if not it.startswith("data:")} == {base.split("/")[2]}
