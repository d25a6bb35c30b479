"""The rebuild from the page: seen by all, run and interrupted by the host."""

from typing import Any

import pytest
import requests

from stack.local import LocalStack
from tests.support import Client, agree, until
from tests.support.switches import holding, let_go, set_switch, state_of

JSON = dict[str, Any]


class Page:
    """The page's routes of the rebuild, as the host has them."""

    def __init__(self, stack: LocalStack) -> None:
        self._url = f"{stack.urls.web}/rebuild"
        self._key = {"Authorization": f"Bearer {stack.host_key}"}

    def ask(self, method: str, body: JSON | None = None, key: bool = True) -> requests.Response:
        headers = self._key if key else {}
        return requests.request(method, self._url, json=body, headers=headers, timeout=60)

    def ended(self) -> JSON:
        def over() -> JSON:
            told: JSON = self.ask("GET", key=False).json()
            return {} if told["running"] else told

        return until(over)


@pytest.fixture
def page(stack: LocalStack) -> Page:
    return Page(stack)


@pytest.mark.parametrize("model", ["todos", "counts", "replica"])
def test_the_host_rebuilds_and_everybody_sees_how_far_it_is(
    stack: LocalStack, client: Client, page: Page, model: str
) -> None:
    client.read_after(client.post("To be rebuilt"))
    assert page.ask("POST", {"model": model}, key=False).status_code == 401
    begun = page.ask("POST", {"model": model})
    assert (begun.status_code, begun.json()["running"]) == (202, True)
    assert page.ask("POST", {"model": model}).json()["status"] == 409
    told = page.ended()
    assert (told["model"], told["percent"], told["ended"]) == (model, 100, "rebuilt")
    assert any("is rebuilt" in line for line in told["said"])
    until(lambda: agree(stack))


def test_a_rebuild_is_interrupted_and_the_next_one_runs(stack: LocalStack, page: Page) -> None:
    assert page.ask("DELETE", key=False).status_code == 401
    assert page.ask("POST", {"model": "todos"}).status_code == 202
    assert page.ask("DELETE").status_code == 200
    told = page.ended()
    # It may have been done before it heard.
    assert told["ended"] in {"interrupted", "rebuilt"}
    until(lambda: agree(stack))
    assert page.ask("POST", {"model": "todos"}).status_code == 202
    assert page.ended()["ended"] == "rebuilt"


@pytest.mark.parametrize(
    ("how", "ended"), [("release", "rebuilt"), ("kill", "failed"), ("time", "rebuilt")]
)
def test_a_rebuild_is_held_before_its_swap_until_it_is_let_go(
    stack: LocalStack, client: Client, page: Page, how: str, ended: str
) -> None:
    until(lambda: agree(stack))
    set_switch(stack, "query-service", "hold", on=True, for_s=2 if how == "time" else 600)
    assert page.ask("POST", {"model": "todos"}).status_code == 202
    until(lambda: holding(stack, "query-service"))
    # The old one is read, and kept up to date.
    client.read_after(client.post(f"While it is held, {how}"))
    if how != "time":
        let_go(stack, "query-service", how)
    assert page.ended()["ended"] == ended
    cleared = until(lambda: state_of(stack, "query-service", "hold")["cleared"])
    assert cleared == ("time" if how == "time" else "count")
    until(lambda: agree(stack))


def test_a_rebuild_crashes_before_its_swap_and_the_query_service_does_not(
    stack: LocalStack, page: Page
) -> None:
    pid = stack.pid("query-service")
    set_switch(stack, "query-service", "crash", on=True, at="before-swap")
    assert page.ask("POST", {"model": "todos"}).status_code == 202
    assert page.ended()["ended"] == "failed"
    assert stack.pid("query-service") == pid
    until(lambda: state_of(stack, "query-service", "crash")["cleared"] == "count")
    assert agree(stack)
    assert page.ask("POST", {"model": "todos"}).status_code == 202
    assert page.ended()["ended"] == "rebuilt"


@pytest.mark.parametrize("body", [None, {}, {"model": "others"}, {"model": "todos", "more": 1}])
def test_what_is_no_model_is_refused(page: Page, body: JSON | None) -> None:
    assert page.ask("POST", body).status_code == 400
