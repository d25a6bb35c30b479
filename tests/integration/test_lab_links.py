"""The links of the lab on the real stack: what breaks, what waits, and that nothing is lost."""

import socket
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests

from stack.local import LocalStack
from stack.ports import LINKS
from tests.support import Client, agree, read_side, until, write_side

POST = (
    "POST /todos HTTP/1.1\r\nHost: here\r\nConnection: close\r\n"
    "Content-Type: application/json\r\nContent-Length: 17\r\n\r\n"
    '{"title": "Slow"}'
)


@pytest.fixture(autouse=True)
def clear(stack: LocalStack) -> Iterator[None]:
    until(lambda: requests.get(f"{stack.urls.links}/readyz", timeout=60).ok and agree(stack))
    yield
    requests.post(f"{stack.urls.links}/reset", headers=stack.lab_headers, timeout=60)
    until(lambda: agree(stack))


def set_toxic(
    stack: LocalStack, link: str, toxic: str, *, on: bool = True, **values: object
) -> dict[str, Any]:
    url = f"{stack.urls.links}/lab/places/{link}/switches/{toxic}"
    answer = requests.put(url, json={"on": on, **values}, headers=stack.lab_headers, timeout=60)
    assert answer.status_code == 200, answer.text
    state: dict[str, Any] = answer.json()
    return state


def state_of(stack: LocalStack, link: str, toxic: str) -> dict[str, Any]:
    places = requests.get(f"{stack.urls.links}/lab", timeout=60).json()["places"]
    state: dict[str, Any] = places[link]["switches"][toxic]
    return state


def holds(base: str, what: str) -> int:
    value: int = requests.get(f"{base}/lab", timeout=60).json()["holds"][what]
    return value


def connections(stack: LocalStack, link: str) -> int:
    text = requests.get(f"{stack.urls.links}/metrics", timeout=60).text
    [line] = [it for it in text.splitlines() if it.startswith(f'link_connections{{link="{link}"}}')]
    return int(float(line.split()[-1]))


def firings(stack: LocalStack, link: str) -> list[Mapping[str, Any]]:
    told = requests.get(f"{stack.urls.web}/export", timeout=60).json()["firings"]
    return [it for it in told if it["place"] == link]


def test_a_black_hole_to_the_broker_fills_the_outbox_and_loses_nothing(
    stack: LocalStack, client: Client
) -> None:
    state = set_toxic(stack, "relay-rabbitmq", "timeout")
    assert (state["state"], state["touched"]) == ("fired", 1), "the connection that was open"
    created = [client.post(f"Into the dark {number}") for number in range(5)]
    assert {answer.status_code for answer in created} == {201}
    until(lambda: holds(stack.urls.relay, "outbox") == 5)
    todo_ids = {answer.json()["id"] for answer in created}
    assert not todo_ids & read_side(stack).keys()
    assert set_toxic(stack, "relay-rabbitmq", "timeout", on=False)["cleared"] == "by-hand"
    client.read_after(*created)
    [firing] = until(
        lambda: [it for it in firings(stack, "relay-rabbitmq") if it.get("over_ms")][:1]
    )
    assert firing["fault"] == "timeout"


def test_the_host_sets_a_toxic_through_the_page_and_the_room_sees_it(stack: LocalStack) -> None:
    url = f"{stack.urls.web}/lab/projector-rabbitmq/switches/latency"
    body = {"on": True, "latency": 1}
    assert requests.put(url, json=body, timeout=60).status_code == 401
    key = {"Authorization": f"Bearer {stack.host_key}"}
    assert requests.put(url, json=body, headers=key, timeout=60).json()["touched"] == 1
    places = requests.get(f"{stack.urls.web}/lab", timeout=60).json()
    assert set(LINKS) <= places.keys()
    assert places["projector-rabbitmq"]["switches"]["latency"]["on"] is True
    for described in places["projector-rabbitmq"]["descriptions"].values():
        assert {"does", "teaches", "kind", "parameters"} <= described.keys()
        assert described["parameters"][-1]["name"] == "for_s"


def test_a_database_that_is_down_refuses_each_command_at_once(
    stack: LocalStack, client: Client
) -> None:
    client.post("Before")
    before = write_side(stack)
    assert set_toxic(stack, "command-service-postgresql", "down")["touched"] >= 1
    refused = client.post("Refused")
    assert (refused.status_code, refused.json()["type"].split(":")[-1]) == (
        503,
        "postgresql-unavailable",
    )
    assert write_side(stack) == before
    set_toxic(stack, "command-service-postgresql", "down", on=False)
    assert client.post("Taken again").status_code == 201


def test_a_relay_that_loses_its_connection_publishes_all_the_same(
    stack: LocalStack, client: Client
) -> None:
    assert set_toxic(stack, "relay-postgresql", "reset_peer", times=3)["touched"] >= 1
    created = [client.post(f"Reset {number}") for number in range(5)]
    until(lambda: state_of(stack, "relay-postgresql", "reset_peer")["cleared"] == "count")
    client.read_after(*created)


def test_messages_cut_in_the_middle_come_again(stack: LocalStack, client: Client) -> None:
    set_toxic(stack, "projector-rabbitmq", "limit_data", stream="downstream", bytes=1500, times=1)
    created = [client.post(f"Cut short {number}") for number in range(20)]
    until(lambda: state_of(stack, "projector-rabbitmq", "limit_data")["cleared"] == "count")
    client.read_after(*created)


def test_a_thin_line_to_the_read_model_holds_events_up(stack: LocalStack, client: Client) -> None:
    set_toxic(stack, "projector-mongodb", "bandwidth", rate=1, stream="upstream")
    created = [client.post(f"{number} {'x' * 190}") for number in range(20)]
    until(lambda: holds(stack.urls.projector, "unacked") > 0)
    set_toxic(stack, "projector-mongodb", "bandwidth", on=False)
    client.read_after(*created)


def test_a_read_that_gets_no_answer_from_the_store_ends_in_time(
    stack: LocalStack, client: Client
) -> None:
    client.read_after(client.post("Read before"))
    state = set_toxic(stack, "query-service-mongodb", "timeout", stream="downstream")
    assert state["touched"] >= 1
    answer = client.get("/todos?limit=1")
    assert answer.status_code == 503
    assert answer.json()["type"].endswith("mongodb-unavailable")
    set_toxic(stack, "query-service-mongodb", "timeout", on=False)
    until(lambda: client.get("/todos?limit=1").status_code == 200)


def test_a_command_from_the_page_and_from_the_port_goes_through_the_link(
    stack: LocalStack,
) -> None:
    set_toxic(stack, "client-command-service", "latency", latency=1, jitter=1)
    url = f"{stack.urls.web}/commands/todos"
    headers = {"Origin": stack.urls.web}
    assert requests.post(url, json={"title": "x"}, headers=headers, timeout=60).status_code == 201
    by_port = f"http://127.0.0.1:{stack.ports.client_command_service}/todos"
    assert requests.post(by_port, json={"title": "y"}, timeout=60).status_code == 201
    assert state_of(stack, "client-command-service", "latency")["fired"] == 2


def test_a_slow_close_keeps_a_client_waiting_for_the_end_only(stack: LocalStack) -> None:
    set_toxic(stack, "client-command-service", "slow_close", delay=60_000)
    address = ("127.0.0.1", stack.ports.client_command_service)
    with socket.create_connection(address, timeout=60) as end:
        end.sendall(POST.encode())
        answer = b""
        while b"successfully" not in answer:
            answer += end.recv(65536)
        assert answer.startswith(b"HTTP/1.1 201")
        end.setblocking(False)
        with pytest.raises(BlockingIOError):
            end.recv(1)
        set_toxic(stack, "client-command-service", "slow_close", on=False)
        end.settimeout(60)
        while end.recv(65536):
            pass


def test_a_toxic_ends_by_itself_and_the_process_goes_directly_again(
    stack: LocalStack, client: Client
) -> None:
    set_toxic(stack, "relay-rabbitmq", "timeout", for_s=1)
    created = client.post("Let go in time")
    client.read_after(created)
    assert state_of(stack, "relay-rabbitmq", "timeout")["cleared"] == "time"
    until(lambda: connections(stack, "relay-rabbitmq") == 0)
    client.read_after(client.post("Directly"))


def test_a_process_that_is_started_meanwhile_goes_through_the_link_too(
    stack: LocalStack, client: Client
) -> None:
    set_toxic(stack, "relay-rabbitmq", "latency", latency=1)
    fired = state_of(stack, "relay-rabbitmq", "latency")["fired"]
    stack.kill_program("relay")
    until(lambda: state_of(stack, "relay-rabbitmq", "latency")["fired"] > fired)
    client.read_after(client.post("After a restart"))
    assert connections(stack, "relay-rabbitmq") == 1


def test_links_that_die_take_their_toxics_along(stack: LocalStack, client: Client) -> None:
    set_toxic(stack, "relay-rabbitmq", "timeout")
    created = client.post("Until the links die")
    dead = stack.kill_program("links")
    client.read_after(created)
    until(lambda: stack.pid("links") not in {None, dead} and stack.accepts("links"))
    states = [state_of(stack, link, "timeout")["state"] for link in LINKS]
    assert set(states) == {"off"}


def test_toxiproxys_words_act_on_the_same_toxics(stack: LocalStack) -> None:
    client = requests.Session()
    client.headers.update(stack.lab_headers)
    proxies = f"{stack.urls.links}/proxies"
    found = client.get(proxies, timeout=60).json()
    assert tuple(found) == LINKS
    assert found["relay-rabbitmq"]["upstream"] == f"127.0.0.1:{stack.ports.rabbitmq}"
    toxics = f"{proxies}/projector-mongodb/toxics"
    toxic = {"type": "latency", "toxicity": 0.5, "attributes": {"latency": 10, "jitter": 5}}
    made = client.post(toxics, json=toxic, timeout=60).json()
    assert made == {
        **toxic,
        "name": "latency_downstream",
        "stream": "downstream",
        "for_s": 600,
        "touched": made["touched"],
    }
    state = state_of(stack, "projector-mongodb", "latency")
    assert (state["latency"], state["jitter"], state["percent"]) == (10, 5, 50)
    assert client.post(toxics, json=toxic, timeout=60).status_code == 409
    changed = {"attributes": {"latency": 20}}
    client.post(f"{toxics}/latency_downstream", json=changed, timeout=60)
    assert state_of(stack, "projector-mongodb", "latency")["latency"] == 20
    assert client.delete(f"{toxics}/latency_downstream", timeout=60).status_code == 204
    assert client.get(toxics, timeout=60).json() == []
    disabled = client.post(f"{proxies}/relay-rabbitmq", json={"enabled": False}, timeout=60)
    assert disabled.json()["enabled"] is False
    assert state_of(stack, "relay-rabbitmq", "down")["on"] is True
    assert client.post(f"{stack.urls.links}/reset", timeout=60).status_code == 204
    assert state_of(stack, "relay-rabbitmq", "down")["on"] is False
    for body in ({"type": "slicer"}, {"type": "down"}, {"type": "latency", "toxicity": 2}, [1]):
        assert client.post(toxics, json=body, timeout=60).status_code == 400
    no_json = {"Content-Type": "text/plain"}
    answer = client.post(toxics, data='{"type": "latency"}', headers=no_json, timeout=60)
    assert answer.status_code == 400, "a page of another site could send that"
    assert client.get(f"{proxies}/nowhere", timeout=60).status_code == 404
