"""Web beside the running stack: browsers are sent what happens there."""

import pytest
import requests

from stack.local import LocalStack
from tests.support import Client, until
from tests.support.browsers import EVERY_HOP, a_browser
from tests.support.client import create_many
from tests.support.hops import assert_in_possible_order
from tests.support.switches import paused_by_the_host
from web.background.newest_window import WINDOW


def test_a_command_is_followed_to_the_first_read_by_every_browser(
    stack: LocalStack, client: Client
) -> None:
    with a_browser(stack) as first, a_browser(stack) as second:
        todo_id = client.post("Learn CQRS").json()["id"]
        hops = first.until_it_saw(todo_id)
        assert set(hops) == EVERY_HOP
        assert hops == second.until_it_saw(todo_id)
        assert_in_possible_order(hops.values())
        # The relay may hear of a commit before the command service does.
        order = ["received", "picked-up", "delivered", "projected", "seen"]
        times = [hops[name]["at_ms"] for name in order]
        assert times == sorted(times)
        # Only a journey's first hop in a message names the todo, whichever hop that is.
        assert {hop.get("title") for hop in hops.values()} <= {"Learn CQRS", None}
        assert any("title" in hop for hop in hops.values())
        # The client gives each message to a thread of its own, so the read may come to us last.
        shown = {"id": todo_id, "title": "Learn CQRS", "completed": False}
        until(lambda: any(shown in read["todos"] for read in first.reads))


def test_a_browser_that_joins_later_gets_the_earlier_journeys(
    stack: LocalStack, client: Client
) -> None:
    with a_browser(stack) as earlier:
        todo_id = client.post("Before you came").json()["id"]
        earlier.until_it_saw(todo_id)
    with a_browser(stack) as later:
        [journey] = [it for it in later.welcome["journeys"] if it["todo_id"] == todo_id]
        assert {hop["hop"] for hop in journey["hops"]} == EVERY_HOP
        assert journey["title"] == "Before you came"
        assert any(todo["id"] == todo_id for todo in later.welcome["read"]["todos"])


def test_a_change_that_writes_two_events_and_a_delete_are_seen(
    stack: LocalStack, client: Client
) -> None:
    with a_browser(stack) as browser:
        todo_id = client.post("Learn CQRS").json()["id"]
        client.patch(todo_id, title="Teach CQRS", completed=True)
        assert set(browser.until_it_saw(todo_id, 2)) == EVERY_HOP
        assert set(browser.until_it_saw(todo_id, 3)) == EVERY_HOP
        client.delete(todo_id)
        assert set(browser.until_it_saw(todo_id, 4)) == EVERY_HOP
        gone = browser.hops_of(todo_id, 4)["seen"]["start_ms"]
        read = until(lambda: [read for read in browser.reads if read["asked_ms"] == gone])[0]
        assert all(todo["id"] != todo_id for todo in read["todos"])


def test_commands_and_queries_pass_through_as_they_are(stack: LocalStack, client: Client) -> None:
    web = stack.urls.base("web")
    through = requests.post(f"{web}/commands/todos", json={"title": "Through"}, timeout=60)
    todo_id = through.json()["id"]
    assert (through.status_code, through.headers["ETag"]) == (201, '"1"')
    assert through.headers["Consistency-Token"] == f"{todo_id}.1"
    waiting = {"Consistency-Token": f"{todo_id}.1", "Prefer": "wait=10"}
    read = requests.get(f"{web}/queries/todos/{todo_id}", headers=waiting, timeout=60)
    assert read.json() == {"id": todo_id, "title": "Through", "completed": False}
    known = {"If-None-Match": read.headers["ETag"]}
    again = requests.get(f"{web}/queries/todos/{todo_id}", headers=known, timeout=60)
    assert (again.status_code, again.content) == (304, b"")
    for path in ("/todos?limit=0", "/todos/no-id"):
        direct = client.get(path)
        passed = requests.get(f"{web}/queries{path}", timeout=60)
        assert (passed.status_code, passed.content) == (direct.status_code, direct.content)
    refused = requests.patch(
        f"{web}/commands/todos/{todo_id}",
        json={"completed": True},
        headers={"If-Match": '"7"'},
        timeout=60,
    )
    assert refused.status_code == 412


def test_a_todo_below_the_window_is_followed_all_the_same(
    stack: LocalStack, client: Client
) -> None:
    oldest = client.post("The oldest").json()["id"]
    newest = max(create_many(stack, 1050))
    with a_browser(stack) as browser:

        def shown() -> list[int]:
            read = [browser.welcome.get("read") or {}, *browser.reads][-1]
            return [todo["id"] for todo in read.get("todos", [])]

        until(lambda: newest in shown())
        assert oldest not in shown()
        assert len(shown()) >= WINDOW
        # After so many commands in a second, it is not traced unless it asks for it.
        traced = {"traceparent": f"00-{'ab' * 16}-{'cd' * 8}-01"}
        client.command("PATCH", f"/todos/{oldest}", {"completed": True}, **traced)
        assert set(browser.until_it_saw(oldest, 2)) == EVERY_HOP


def test_a_switch_stops_events_where_it_says_until_it_is_off(
    stack: LocalStack, client: Client
) -> None:
    with a_browser(stack) as browser:
        with paused_by_the_host(stack, "relay"):
            todo_id = client.post("Wait in the outbox").json()["id"]
            until(lambda: (browser.holds["relay"] or {}).get("outbox") == 1)
            until(lambda: "acknowledged" in browser.hops_of(todo_id))
            assert "picked-up" not in browser.hops_of(todo_id)
            lab = requests.get(f"{stack.urls.base('web')}/lab", timeout=60).json()
            assert lab["relay"]["switches"]["pause"]["on"] is True
        browser.until_it_saw(todo_id)


@pytest.mark.parametrize("what", ["query-service", "mongodb"])
def test_the_page_learns_that_reads_fail_and_then_sees_everything(
    stack: LocalStack, client: Client, what: str
) -> None:
    with a_browser(stack) as browser:
        until(lambda: browser.health["query-service"]["checks"] == {"mongodb": "ok"})
        stack.stop_program(what)
        try:
            if what == "mongodb":
                down = {"mongodb": "cannot be reached"}
                until(lambda: browser.health["query-service"]["checks"] == down)
                assert browser.health["query-service"]["up"]
            else:
                until(lambda: not browser.health["query-service"]["up"])
                assert browser.health["query-service"]["checks"] is None
                until(lambda: browser.holds["query-service"] is None)
            until(lambda: browser.reads and browser.reads[-1]["error"])
            todo_id = client.post("Written meanwhile").json()["id"]
        finally:
            stack.start_program(what)
        until(lambda: browser.health["query-service"]["checks"] == {"mongodb": "ok"})
        browser.until_it_saw(todo_id)
        until(lambda: browser.reads[-1]["error"] is None)
