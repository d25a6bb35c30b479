"""The lab's switches act in the real code path."""

from collections.abc import Iterator

import pytest
import requests

from stack.local import LocalStack
from tests.support import Client, until
from tests.support.evidence import journeys_since
from tests.support.switches import paused, set_switch


@pytest.fixture(autouse=True)
def released(stack: LocalStack) -> Iterator[None]:
    yield
    for process in ("relay", "projector"):
        for name in ("pause", "slow"):
            set_switch(stack, process, name, on=False)


def holds(base: str, what: str) -> int:
    value: int = requests.get(f"{base}/lab").json()["holds"][what]
    return value


def test_a_paused_relay_leaves_events_in_the_outbox(stack: LocalStack, client: Client) -> None:
    created: list[requests.Response] = []

    def waiting() -> bool:
        # A look under way when the switch was set may still take the first events.
        created.append(client.post("Waiting in the outbox"))
        return holds(stack.urls.relay, "outbox") >= 3

    with paused(stack, "relay"):
        until(waiting)
        assert client.get(f"/todos/{created[-1].json()['id']}").status_code == 404
    client.read_after(*created)
    # The rows are deleted once the broker has confirmed, which may be after the read.
    until(lambda: holds(stack.urls.relay, "outbox") == 0)


def test_a_paused_projector_leaves_events_in_the_queue(stack: LocalStack, client: Client) -> None:
    created: list[requests.Response] = []

    def waiting() -> bool:
        created.append(client.post("Waiting in the queue"))
        return holds(stack.urls.projector, "queue") >= 3

    with paused(stack, "projector"):
        until(lambda: requests.get(f"{stack.urls.projector}/lab").json()["switches"]["pause"]["on"])
        until(waiting)
    client.read_after(*created)
    until(lambda: holds(stack.urls.projector, "queue") == 0)


def test_a_slow_projector_waits_before_each_event(stack: LocalStack, client: Client) -> None:
    answer = set_switch(stack, "projector", "slow", on=True, delay_ms=300)
    assert answer["on"]
    assert answer["delay_ms"] == 300
    todo_id = client.post("Slowly").json()["id"]

    def waited_ms() -> float:
        journey = journeys_since(stack, 0).get((todo_id, 1), {"hops": []})
        at_ms = {hop["hop"]: hop["at_ms"] for hop in journey["hops"]}
        assert at_ms.keys() >= {"delivered", "projected"}
        return float(at_ms["projected"] - at_ms["delivered"])

    # At least as long as the switch says, and however much longer this machine takes.
    assert until(waited_ms) >= 299


@pytest.mark.parametrize(
    ("process", "switches"),
    [
        ("command-service", set()),
        ("relay", {"pause", "slow", "crash", "hold"}),
        ("projector", {"pause", "slow", "crash", "hold"}),
        ("query-service", set()),
    ],
)
def test_each_process_describes_its_switches(
    stack: LocalStack, process: str, switches: set[str]
) -> None:
    lab = requests.get(f"{stack.urls.base(process)}/lab").json()
    assert lab["switches"].keys() == lab["descriptions"].keys() >= switches


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("explode", {"on": True}, 404),
        ("pause", {}, 400),
        ("pause", {"on": "yes"}, 400),
        ("slow", {"on": True, "delay_ms": -1}, 400),
        ("pause", {"on": True, "delay_ms": 300}, 400),
    ],
)
def test_a_bad_setting_or_an_unknown_switch_is_refused(
    stack: LocalStack, name: str, value: dict[str, object], status: int
) -> None:
    url = f"{stack.urls.relay}/lab/switches/{name}"
    answer = requests.put(url, json=value, headers=stack.lab_headers)
    assert answer.status_code == status
