"""A run made with a fault, played again without it, on the real stack."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from stack.local import LocalStack
from tests.support import Client, agree, until
from tests.support.browsers import Browser, a_browser
from tests.support.switches import all_clear, set_switch, state_of
from tests.support.terminal import run_to_end

SLOW_MS = 400


@pytest.fixture(autouse=True)
def cleared(stack: LocalStack) -> Iterator[None]:
    yield
    all_clear(stack, "relay", "projector")


def ask(stack: LocalStack, method: str, body: Any = None, key: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {stack.host_key if key is None else key}"}
    url = f"{stack.urls.web}/rerun"
    return requests.request(method, url, json=body, headers=headers, timeout=60)


def over(stack: LocalStack) -> dict[str, Any]:
    def is_over() -> dict[str, Any]:
        told: dict[str, Any] = ask(stack, "GET").json()
        assert not told["running"], told
        return told

    return until(is_over)


def exported(stack: LocalStack, todos: set[int], versions: int) -> dict[str, Any]:
    """Return the export, with nothing in it but what happened to these todos."""

    def known() -> dict[str, Any]:
        run: dict[str, Any] = requests.get(f"{stack.urls.web}/export", timeout=60).json()
        run["journeys"] = [it for it in run["journeys"] if it["todo_id"] in todos]
        seen = [it for it in run["journeys"] if any(hop["hop"] == "seen" for hop in it["hops"])]
        assert len(run["journeys"]) == versions
        assert len(seen) >= len(todos)
        return run

    return until(known)


def is_told(browser: Browser) -> bool:
    """Return whether the room was told that the projector is slow."""
    return any(
        ((it.get("projector") or {}).get("slow") or {}).get("on") for it in browser.told["switches"]
    )


@pytest.fixture(scope="module")
def recorded(stack: LocalStack) -> dict[str, Any]:
    """A run with a slow projector: two todos, a change of title and completion, a deletion."""
    client = Client(stack)
    with a_browser(stack) as browser:
        set_switch(stack, "projector", "slow", on=True, delay_ms=SLOW_MS)
        until(lambda: is_told(browser))
        milk = client.post("Milk of the run").json()["id"]
        bread = client.post("Bread of the run").json()["id"]
        client.patch(milk, title="Oat milk of the run", completed=True)
        client.delete(bread)
        until(lambda: agree(stack))
        set_switch(stack, "projector", "slow", on=False)
    return exported(stack, {milk, bread}, 5)


def figure(told: dict[str, Any], says: str) -> tuple[float, float]:
    [row] = [it for it in told["table"] if it["says"] == says]
    return row["was"]["value"], row["now"]["value"]


def test_a_run_is_played_again_without_its_fault(
    stack: LocalStack, recorded: dict[str, Any]
) -> None:
    with a_browser(stack) as browser:
        began = ask(stack, "POST", {"run": recorded})
        assert began.status_code == 202, began.text
        told = over(stack)
        until(lambda: browser.told["rerun"][-1]["running"] is False)
    assert (told["state"], told["sent"], told["failed"], told["left"]) == ("over", 4, 0, 0)
    # Two events of one command are one PATCH again; both todos have new ids.
    pairs = told["pairs"]
    assert [(it["method"], it["body"]) for it in pairs] == [
        ("POST", {"title": "Milk of the run"}),
        ("POST", {"title": "Bread of the run"}),
        ("PATCH", {"title": "Oat milk of the run", "completed": True}),
        ("DELETE", None),
    ]
    assert [(len(it["was"]), len(it["now"])) for it in pairs] == [(1, 1), (1, 1), (2, 2), (1, 1)]
    assert {it["todo_now"] for it in pairs}.isdisjoint(it["todo_was"] for it in pairs)
    kinds = {side: [it["type"] for it in told[side]["journeys"]] for side in ("was", "now")}
    assert kinds["was"] == kinds["now"]
    # The fault has held the first run up, and not the second.
    held = figure(told, "in the projector, injected, most")
    assert held[0] >= SLOW_MS
    assert held[1] == 0
    assert figure(told, "events") == (5, 5)
    assert figure(told, "acknowledged, and not in MongoDB") == (0, 0)
    assert figure(told, "times that a switch acted")[1] == 0


def test_the_switches_that_are_asked_for_are_on_meanwhile(
    stack: LocalStack, recorded: dict[str, Any]
) -> None:
    look = ask(stack, "POST", {"run": recorded, "dry_run": True}).json()
    [then] = [it for it in look["on_then"] if it["switch"] == "slow"]
    assert (then["place"], then["with"]["delay_ms"]) == ("projector", SLOW_MS)
    assert (look["commands"], look["left"]) == (4, 0)
    slow = {"place": "relay", "switch": "slow", "with": {"delay_ms": 100, "for_s": 60}}
    assert ask(stack, "POST", {"run": recorded, "switches": [slow]}).status_code == 202
    told = over(stack)
    assert figure(told, "in the outbox, injected, most")[1] > 0
    state = state_of(stack, "relay", "slow")
    assert (state["on"], state["cleared"]) == (False, "by-hand")


def test_if_a_switch_cannot_be_set_nothing_is_played_and_none_is_left_on(
    stack: LocalStack, recorded: dict[str, Any]
) -> None:
    slow = {"place": "relay", "switch": "slow", "with": {"delay_ms": 100}}
    wrong = {"place": "projector", "switch": "slow", "with": {"delay_ms": -1}}
    answer = ask(stack, "POST", {"run": recorded, "switches": [slow, wrong]})
    assert answer.status_code == 422
    assert answer.json()["title"] == "slow at projector cannot be set."
    assert not state_of(stack, "relay", "slow")["on"]


def test_only_the_host_plays_and_only_one_at_a_time_and_it_can_be_stopped(
    stack: LocalStack, recorded: dict[str, Any]
) -> None:
    assert ask(stack, "POST", {"run": recorded}, key="wrong").status_code == 401
    long = {**recorded, "journeys": [dict(it) for it in recorded["journeys"]]}
    last = long["journeys"][-1]
    last["hops"] = [{**it, "at_ms": it["at_ms"] + 60_000} for it in last["hops"]]
    assert ask(stack, "POST", {"run": long}).status_code == 202
    until(lambda: ask(stack, "GET").json()["sent"] == 3 or None)
    again = ask(stack, "POST", {"run": recorded})
    assert (again.status_code, again.json()["type"][-13:]) == (409, "rerun-running")
    assert ask(stack, "DELETE").status_code == 200
    told = over(stack)
    assert (told["state"], told["failed"]) == ("stopped", 1)
    assert told["pairs"][-1]["why"] == "It was stopped before."


@pytest.mark.parametrize(
    ("body", "status", "type_"),
    [
        ({"run": {"format": "another"}}, 422, "not-a-run"),
        ({"run": {"format": "eventually-run", "version": 1}}, 422, "nothing-to-rerun"),
        ({"run": {}, "speed": 2}, 400, "wrong-shape"),
        ({"within_s": 0}, 400, "bad-parameter"),
    ],
)
def test_what_cannot_be_played_is_refused(
    stack: LocalStack, body: Any, status: int, type_: str
) -> None:
    answer = ask(stack, "POST", body)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, type_)


def test_a_run_that_is_too_long_is_refused_until_its_pauses_are_shortened(
    stack: LocalStack, recorded: dict[str, Any]
) -> None:
    long = {**recorded, "journeys": [dict(it) for it in recorded["journeys"]]}
    last = long["journeys"][-1]
    last["hops"] = [{**it, "at_ms": it["at_ms"] + 3_600_000} for it in last["hops"]]
    answer = ask(stack, "POST", {"run": long})
    assert (answer.status_code, "RERUN_LONGEST_S" in answer.json()["detail"]) == (422, True)
    assert ask(stack, "POST", {"run": long, "longest_pause_ms": 100}).status_code == 202
    assert over(stack)["failed"] == 0


def test_the_terminal_plays_a_file_and_shows_the_table(
    stack: LocalStack, recorded: dict[str, Any], tmp_path: Path
) -> None:
    file = tmp_path / "run.json"
    broken = {**recorded, "journeys": [dict(it) for it in recorded["journeys"]]}
    broken["journeys"].append(
        {**recorded["journeys"][0], "event_id": "of old", "todo_id": 10**9, "version": 2,
         "type": "todo.completed.v1"}
    )  # fmt: skip
    file.write_text(json.dumps(broken))

    def command(*words: str) -> tuple[int, str]:
        program = [sys.executable, "-m", "web.rerun", str(file), "--url", stack.urls.web]
        return run_to_end([*program, *words], {"HOST_KEY": stack.host_key})

    status, text = command("--dry-run")
    assert status == 0, text
    assert text.startswith("4 commands, over ")
    assert "The creation of its todo is not in the record. (#1000000000 version 2)" in text
    status, text = command("--longest-pause", "1")
    assert status == 0, text
    lines = text.splitlines()
    assert "It is over: 4 commands sent." in lines
    heading = lines.index(next(it for it in lines if it.split()[:3] == ["Was", "Now", "Δ"]))
    [injected] = [it for it in lines[heading:] if "in the projector, injected, most" in it]
    assert injected.split()[-3:-1] != ["0", "ms"]
    status, text = command("--set", "projector/hodl")
    assert (status, "Perhaps hold?" in text) == (1, True)
    status, text = command("--again", "--without", "projector/slow", "--json")
    assert status == 0, text
    assert json.loads(text)["switches"] == []
