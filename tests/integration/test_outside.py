"""Servers and processes are stopped, frozen, killed and started from the page, and come back."""

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pika
import psycopg2
import pytest
import requests

from query_service.topology import QUEUE
from stack.local import LocalStack
from tests.support import Client, agree, read_side, until
from tests.support.browsers import Browser, a_browser
from tests.support.client import create_many
from tests.support.switches import holding, let_go

SERVERS = ("postgresql", "rabbitmq", "mongodb")
PROCESSES = ("command-service", "relay", "projector", "query-service")


@pytest.fixture(autouse=True)
def started(stack: LocalStack) -> Iterator[None]:
    yield
    for place in (*SERVERS, *PROCESSES):
        put(stack, place, "start", on=True)
    until(lambda: not stack.unready())


def put(stack: LocalStack, place: str, name: str, **setting: object) -> Any:
    url = f"{stack.urls.web}/lab/{place}/switches/{name}"
    host = {"Authorization": f"Bearer {stack.host_key}"}
    answer = requests.put(url, json=setting, headers=host, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def lab(stack: LocalStack) -> Any:
    return requests.get(f"{stack.urls.web}/lab", timeout=60).json()


def firings(stack: LocalStack, place: str, since_ms: float) -> set[str]:
    """Return what has been done to a place since then, and is over."""
    told = requests.get(f"{stack.urls.web}/export", timeout=60).json()["firings"]
    here = [it for it in told if it["place"] == place and it["began_ms"] >= since_ms]
    return {it["fault"] for it in here if it.get("over_ms") is not None}


def last(browser: Browser, what: str, place: str) -> dict[str, Any]:
    told = browser.told[what] or [{}]
    return told[-1].get(place) or {}


def does(stack: LocalStack, place: str) -> str:
    return str(lab(stack)[place]["program"]["state"])


@pytest.mark.parametrize("place", [*SERVERS, *PROCESSES])
def test_each_is_stopped_and_started_frozen_and_thawed_killed_and_back(
    stack: LocalStack, place: str
) -> None:
    begun_ms = requests.get(f"{stack.urls.web}/export", timeout=60).json()["at_ms"]
    assert put(stack, place, "stop", on=True)["state"] == "fired"
    assert (does(stack, place), stack.pid(place)) == ("stopped", None)
    assert put(stack, place, "stop", on=False)["cleared"] == "by-hand"
    until(lambda: stack.accepts(place))

    frozen = stack.pid(place)
    assert put(stack, place, "freeze", on=True, for_s=600)["on"] is True
    assert (does(stack, place), stack.pid(place)) == ("frozen", frozen)
    put(stack, place, "start", on=True)
    assert lab(stack)[place]["switches"]["freeze"]["on"] is False
    until(lambda: stack.accepts(place))
    assert stack.pid(place) == frozen

    killed = put(stack, place, "kill", on=True)
    assert (killed["on"], killed["fired"], killed["state"]) == (False, 1, "cleared")
    until(lambda: stack.pid(place) not in {None, frozen} and stack.accepts(place))
    until(lambda: firings(stack, place, begun_ms) == {"stop", "freeze", "kill", "start"})


def test_events_wait_while_the_broker_is_stopped_and_the_room_sees_it(
    stack: LocalStack, client: Client
) -> None:
    until(lambda: agree(stack))
    with a_browser(stack) as browser:
        put(stack, "rabbitmq", "stop", on=True)
        until(lambda: last(browser, "programs", "rabbitmq").get("state") == "stopped")
        until(lambda: last(browser, "switches", "rabbitmq").get("stop", {}).get("on"))
        until(lambda: browser.health["relay"]["checks"]["rabbitmq"] != "ok")
        created = client.post("Written while the broker is stopped")
        assert created.status_code == 201
        assert not agree(stack)
        put(stack, "rabbitmq", "stop", on=False)
        client.read_after(created)
        until(lambda: not last(browser, "switches", "rabbitmq")["stop"]["on"])
        # A process has its own switches, too.
        assert {"pause", "stop"} <= last(browser, "switches", "relay").keys()
    assert {"pause", "stop"} <= lab(stack)["relay"]["descriptions"].keys()


@pytest.mark.parametrize("name", ["stop", "freeze"])
def test_it_ends_by_itself_while_web_is_gone(stack: LocalStack, name: str) -> None:
    put(stack, "projector", name, on=True, for_s=2)
    stack.stop_program("web")
    try:
        until(lambda: stack.accepts("projector"))
    finally:
        stack.start_program("web")
    state = lab(stack)["projector"]["switches"][name]
    assert (state["on"], state["state"], state["cleared"]) == (False, "cleared", "time")


def test_what_is_started_in_a_terminal_is_no_longer_stopped_by_the_lab(stack: LocalStack) -> None:
    put(stack, "relay", "stop", on=True)
    stack.start_program("relay")
    until(lambda: lab(stack)["relay"]["switches"]["stop"]["cleared"] == "by-hand")


@pytest.mark.parametrize(
    ("place", "name", "setting", "status"),
    [
        ("rabbitmq", "explode", {"on": True}, 404),
        ("web", "stop", {"on": True}, 404),
        ("rabbitmq", "stop", {"on": 1}, 400),
        ("rabbitmq", "stop", {"on": True, "for_s": 601}, 400),
        ("rabbitmq", "kill", {"on": True, "for_s": 5}, 400),
        ("relay", "pause", {"on": False}, 200),
    ],
)
def test_a_bad_setting_is_refused(
    stack: LocalStack, place: str, name: str, setting: dict[str, object], status: int
) -> None:
    url = f"{stack.urls.web}/lab/{place}/switches/{name}"
    host = {"Authorization": f"Bearer {stack.host_key}"}
    assert requests.put(url, json=setting, headers=host, timeout=60).status_code == status
    assert requests.put(url, json=setting, timeout=60).status_code == 401


def test_the_control_is_for_web_alone(stack: LocalStack) -> None:
    control = f"http://127.0.0.1:{stack.ports.lab_control}/lab"
    assert requests.get(control, timeout=60).status_code == 401
    assert requests.get(control, auth=("stack", "guessed"), timeout=60).status_code == 401
    url = stack.environment("web")["STACK_CONTROL_URL"]
    assert requests.get(f"{url}/lab", timeout=60).status_code == 200
    others = (stack.environment(name) for name in PROCESSES)
    assert not any("STACK_CONTROL_URL" in settings for settings in others)


def test_a_frozen_program_is_killed_and_comes_back_thawed(stack: LocalStack) -> None:
    put(stack, "relay", "freeze", on=True)
    frozen = stack.pid("relay")
    put(stack, "relay", "kill", on=True)
    until(lambda: stack.pid("relay") not in {None, frozen} and stack.accepts("relay"))
    state = lab(stack)["relay"]["switches"]["freeze"]
    assert not state["on"]


def consumers(stack: LocalStack) -> int:
    with pika.BlockingConnection(pika.URLParameters(stack.urls.rabbitmq_url)) as connection:
        declared = connection.channel().queue_declare(QUEUE, passive=True)
        return int(declared.method.consumer_count)


def test_several_projectors_share_the_queue_and_one_is_left_at_the_end(
    stack: LocalStack, client: Client
) -> None:
    until(lambda: consumers(stack) == 1)
    state = put(stack, "projector", "projectors", on=True, count=3)
    assert (state["on"], state["count"]) == (True, 3)
    until(lambda: consumers(stack) == 3)
    assert lab(stack)["projector"]["program"]["instances"] == 3
    ids = create_many(stack, 40)
    for todo_id in ids[:20]:
        client.patch(todo_id, title="Changed by another")
        client.patch(todo_id, completed=True)
    until(lambda: agree(stack))
    put(stack, "projector", "projectors", on=True, count=2)
    until(lambda: consumers(stack) == 2)
    put(stack, "projector", "projectors", on=False)
    until(lambda: consumers(stack) == 1)
    assert lab(stack)["projector"]["program"] == {
        "state": "running",
        "pid": stack.pid("projector"),
        "instances": 1,
    }


def projected(port: int) -> int:
    """Return how many events a projector has taken to their end."""
    text = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=60).text
    found = re.findall(r"^events_projected_total\{.*\} (\S+)$", text, flags=re.MULTILINE)
    return int(sum(map(float, found)))


def test_with_a_priority_one_projector_gets_all_and_another_stands_by(
    stack: LocalStack, client: Client
) -> None:
    spare = stack.ports.projector_2
    try:
        put(stack, "projector", "projectors", on=True, count=2)
        until(lambda: consumers(stack) == 2)
        assert put(stack, "projector", "priority", on=True)["on"] is True
        until(lambda: agree(stack))
        before = projected(spare)
        create_many(stack, 60)
        until(lambda: agree(stack))
        assert projected(spare) == before
        # Once the first takes no more, the other has it all.
        put(stack, "projector", "pause", on=True)
        client.read_after(client.post("Taken over"))
        until(lambda: projected(spare) == before + 1)
    finally:
        put(stack, "projector", "pause", on=False)
        put(stack, "projector", "priority", on=False)
        put(stack, "projector", "projectors", on=False)
    until(lambda: consumers(stack) == 1)


def test_a_leader_that_has_lost_its_lock_publishes_again_what_another_has_published(
    stack: LocalStack, client: Client
) -> None:
    until(lambda: agree(stack))
    try:
        # Its session goes through the proxy, where it can be cut under its feet.
        put(stack, "relay-postgresql", "latency", on=True, latency=1)
        put(stack, "relay", "relays", on=True)
        until(lambda: lab(stack)["relay"]["program"]["instances"] == 2)
        until(lambda: stack.accepts("relay-2"))
        put(stack, "relay", "hold", on=True, at="before-publish", word="Two leaders")
        todo_id = client.post("Two leaders").json()["id"]
        until(lambda: holding(stack, "relay"))
        assert todo_id not in read_side(stack)
        put(stack, "relay-postgresql", "reset_peer", on=True)
        # The lock went with the session, and the other one has published the event.
        until(lambda: read_side(stack).get(todo_id) == ("Two leaders", False, 1))
        until(lambda: not outbox(stack))
        assert [it["todo"] for it in holding(stack, "relay")] == [todo_id]
        # The first one does not know, and publishes what it has in hand.
        let_go(stack, "relay", "release")
        until(lambda: "already-applied" in hops(stack, todo_id))
        assert hops(stack, todo_id).count("delivered") == 2
        assert read_side(stack)[todo_id] == ("Two leaders", False, 1)
    finally:
        requests.post(f"{stack.urls.links}/reset", headers=stack.lab_headers, timeout=60)
        put(stack, "relay", "hold", on=False)
        put(stack, "relay", "relays", on=False)
    until(lambda: lab(stack)["relay"]["program"]["instances"] == 1)
    client.read_after(client.post("One leader"))


def test_a_black_hole_leaves_the_lock_where_it_is(stack: LocalStack, client: Client) -> None:
    try:
        put(stack, "relay-postgresql", "latency", on=True, latency=1)
        put(stack, "relay", "relays", on=True)
        until(lambda: stack.accepts("relay-2"))
        put(stack, "relay", "hold", on=True, at="before-publish", word="Dark")
        todo_id = client.post("Dark").json()["id"]
        until(lambda: holding(stack, "relay"))
        put(stack, "relay-postgresql", "timeout", on=True)
        # PostgreSQL hears nothing, and takes that for a client with nothing to say.
        assert locks(stack) == 1
        let_go(stack, "relay", "release")
        until(lambda: read_side(stack).get(todo_id) == ("Dark", False, 1))
        assert locks(stack) == 1
    finally:
        requests.post(f"{stack.urls.links}/reset", headers=stack.lab_headers, timeout=60)
        put(stack, "relay", "relays", on=False)
    client.read_after(client.post("Light"))
    assert hops(stack, todo_id).count("delivered") == 1


def outbox(stack: LocalStack) -> int:
    return int(requests.get(f"{stack.urls.relay}/lab", timeout=60).json()["holds"]["outbox"])


def hops(stack: LocalStack, todo_id: int) -> list[str]:
    """Return the hops of a todo's creation, as far as web has heard of them."""
    told = requests.get(f"{stack.urls.web}/journeys?limit=50", timeout=60).json()["journeys"]
    found = [it["hops"] for it in told if (it["todo_id"], it["version"]) == (todo_id, 1)]
    return [hop["hop"] for journey in found for hop in journey]


def locks(stack: LocalStack) -> int:
    """Return how many sessions have the relay's lock."""
    with (
        closing(psycopg2.connect(stack.urls.database_url)) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND ((classid::bigint << 32) | objid::bigint) = hashtext('eventually.relay')::bigint"
        )
        [(count,)] = cursor.fetchall()
    return int(count)
