"""The host's actions, and the page's requests, while the stack runs."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pymongo import MongoClient

from stack.local import LocalStack
from stack.ports import LINKS
from stack.programs import ROOT
from tests.support import Client, agree, until
from tests.support.browsers import EVERY_HOP, Browser, a_browser
from tests.support.switches import paused, set_switch

PROCESSES = {
    "command-service",
    "relay",
    "projector",
    "query-service",
    "counter",
    "replica",
    "coordinator",
}
# What has switches: those, and the servers, on which the stack's control acts.
PLACES = {*PROCESSES, "postgresql", "rabbitmq", "mongodb"} | set(LINKS)


@pytest.fixture
def web(stack: LocalStack) -> str:
    return stack.urls.base("web")


@pytest.fixture
def host(stack: LocalStack) -> dict[str, str]:
    return {"Authorization": f"Bearer {stack.host_key}"}


@pytest.fixture
def paused_relay(stack: LocalStack) -> Iterator[None]:
    with paused(stack, "relay"):
        yield


def get(url: str) -> Any:
    answer = requests.get(url, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def journeys_of(web: str, todo_id: int) -> list[Any]:
    found = get(f"{web}/journeys?limit=5000")["journeys"]
    return [journey for journey in found if journey["todo_id"] == todo_id]


def test_both_truths_cover_the_same_window(
    stack: LocalStack, client: Client, web: str, paused_relay: None
) -> None:
    known = [client.post(f"Two truths {number}").json()["id"] for number in range(3)]
    last = get(f"{web}/truths?limit=3")
    assert [todo["id"] for todo in last["postgresql"]["todos"]] == known
    assert [todo["id"] for todo in last["mongodb"]["todos"]] == []
    assert (last["after"], last["upto"]) == (known[0] - 1, None)
    window = get(f"{web}/truths?after={known[0] - 1}&limit=2")
    new = {"id": known[0], "title": "Two truths 0", "completed": False, "version": 1}
    assert (window["upto"], window["postgresql"]["todos"][0]) == (known[1], new)
    assert window["mongodb"]["todos"] == []


def test_a_deleted_todo_is_a_tombstone_only_on_the_read_side(
    stack: LocalStack, client: Client, web: str
) -> None:
    todo_id = client.post("To be deleted").json()["id"]
    client.delete(todo_id)
    until(lambda: agree(stack))
    truths = get(f"{web}/truths?after={todo_id - 1}&limit=1")
    assert truths["postgresql"]["todos"] == []
    assert truths["mongodb"]["todos"] == [{"id": todo_id, "version": 2, "deleted": True}]


def test_an_unavailable_truth_says_why(stack: LocalStack, web: str) -> None:
    stack.stop_program("mongodb")
    try:
        truths = get(f"{web}/truths")
        assert truths["mongodb"]["todos"] == []
        assert truths["mongodb"]["error"]
        assert truths["postgresql"]["error"] is None
    finally:
        stack.start_program("mongodb")


def test_older_todos_are_compared_too_and_differences_listed_until_mended(
    stack: LocalStack, client: Client, web: str
) -> None:
    todo_ids = [client.post(f"Older {number}").json()["id"] for number in range(4)]
    until(lambda: agree(stack))

    def differing() -> dict[int, Any]:
        older = get(f"{web}/truths?limit=2")["older"]
        assert older["differing"] == len(older["todos"])
        return {it["id"]: it for it in older["todos"]}

    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
        todos = mongo.get_default_database()["todos"]
        document = todos.find_one_and_delete({"_id": todo_ids[0]})
        assert document
        todos.update_one({"_id": todo_ids[1]}, {"$set": {"title": "Tampered with"}})
        try:
            until(lambda: len(differing()) == 2)
            found = differing()
            assert (found[todo_ids[0]]["mongodb"], found[todo_ids[1]]["mongodb"]["title"]) == (
                None,
                "Tampered with",
            )
            assert found[todo_ids[0]]["postgresql"]["title"] == "Older 0"
        finally:
            todos.insert_one(document)
            todos.update_one({"_id": todo_ids[1]}, {"$set": {"title": "Older 1"}})
    until(lambda: not differing())
    older = get(f"{web}/truths?limit=2")["older"]
    assert older["compared"] >= 2
    assert older["since_ms"] is not None


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "after=-1", "after=x"])
def test_a_window_out_of_range_is_refused(web: str, query: str) -> None:
    answer = requests.get(f"{web}/truths?{query}", timeout=60)
    assert (answer.status_code, answer.json()["type"][-13:]) == (400, "bad-parameter")


def test_one_journey_comes_with_its_event_its_row_and_its_document(
    stack: LocalStack, client: Client, web: str
) -> None:
    with a_browser(stack) as browser:
        todo_id = client.post("Learn CQRS").json()["id"]
        event_id = browser.until_it_saw(todo_id)["committed"]["event_id"]
    found = get(f"{web}/journeys/{event_id}")
    assert {hop["hop"] for hop in found["journey"]["hops"]} == EVERY_HOP
    state = {"id": todo_id, "title": "Learn CQRS", "completed": False, "version": 1}
    assert (found["event"]["id"], found["event"]["data"]) == (event_id, state)
    assert found["row"] == state
    assert (found["document"]["_id"], found["document"]["version"]) == (todo_id, 1)
    client.delete(todo_id)
    until(lambda: agree(stack))
    later = get(f"{web}/journeys/{event_id}")
    assert later["row"] is None
    assert later["document"]["deleted"]
    assert later["event"] == found["event"]
    assert requests.get(f"{web}/journeys/unknown", timeout=60).status_code == 404


def test_older_journeys_can_be_asked_for(client: Client, web: str) -> None:
    todo_id = client.post("Older").json()["id"]
    [older] = until(lambda: journeys_of(web, todo_id))
    client.post("Newer")
    began_ms = min(hop["at_ms"] for hop in older["hops"])
    before = get(f"{web}/journeys?before_ms={began_ms + 1}&limit=1")["journeys"]
    assert [journey["todo_id"] for journey in before] == [todo_id]


def test_the_host_sets_how_often_the_poller_reads_and_every_page_learns_it(
    stack: LocalStack, web: str, host: dict[str, str]
) -> None:
    with a_browser(stack) as browser:
        try:
            answer = requests.put(f"{web}/poll", json={"interval_ms": 60}, headers=host, timeout=60)
            assert answer.json() == {"interval_ms": 60}
            until(lambda: browser.told["poll"] == [{"interval_ms": 60}])
            with a_browser(stack) as later:
                assert later.welcome["poll_interval_ms"] == 60
        finally:
            requests.put(f"{web}/poll", json={"interval_ms": 250}, headers=host, timeout=60)


# What is needed to check a probe against the trace of its own write.
PROBED_HOPS = ("acknowledged", "delivered", "projected")


def test_a_burst_sends_real_commands_and_probes_a_sample_of_them(
    stack: LocalStack, client: Client, web: str, host: dict[str, str]
) -> None:
    first = client.post("Before the burst").json()["id"]
    with a_browser(stack) as browser:
        begun = requests.post(f"{web}/burst", json={"count": 60}, headers=host, timeout=60)
        assert (begun.status_code, begun.json()["wanted"]) == (202, 60)
        again = requests.post(f"{web}/burst", json={"count": 60}, headers=host, timeout=60)
        assert again.status_code == 409
        done = {"sent": 60, "wanted": 60, "failed": 0, "running": False}
        until(lambda: browser.told["burst"][-1:] == [done])
        until(lambda: agree(stack))
        todos = client.get(f"/todos?after={first}").json()
        assert len([todo for todo in todos if todo["title"].endswith("of 60")]) == 60
        probes = until(lambda: [it for told in browser.told["probes"] for it in told["probes"]])
        assert all(probe["at_ms"] >= probe["asked_ms"] for probe in probes)
        needed = [(it["event_id"], hop) for it in probes for hop in PROBED_HOPS]

        def known() -> dict[tuple[str, str], float] | None:
            hops = {(hop["event_id"], hop["hop"]): hop["at_ms"] for hop in browser.hops}
            return hops if hops.keys() >= set(needed) else None

        # A probe may be matched before the traces of what came later have arrived.
        way = until(known)
        assert way is not None
        for probe in probes:
            looked_ms = (probe["asked_ms"] + probe["at_ms"]) / 2
            acknowledged_ms = way[probe["event_id"], "acknowledged"]
            assert probe["t_ms"] == pytest.approx(looked_ms - acknowledged_ms, abs=0.01)
        # The first of a second are sure to be probed; each later one stands for several writes.
        assert min(probe["weight"] for probe in probes) == 1
        # What a probe saw is what the trace of the same write says.
        for probe in probes:
            delivered_ms, projected_ms = (
                way[probe["event_id"], hop] for hop in ("delivered", "projected")
            )
            if probe["visible"]:
                assert probe["at_ms"] >= delivered_ms
            else:
                assert probe["asked_ms"] <= projected_ms


def test_a_browser_that_joins_later_gets_past_backlogs_and_probe_reads(
    stack: LocalStack, client: Client, web: str, host: dict[str, str], paused_relay: None
) -> None:
    def most_waited(past: list[Any]) -> int:
        told = [sample["told"].get("command-service") or {} for sample in past]
        return max((holds.get("outbox", 0) for holds in told), default=0)

    with a_browser(stack) as earlier:
        body = {"count": 20}
        requests.post(f"{web}/burst", json=body, headers=host, timeout=60).raise_for_status()
        until(lambda: (earlier.holds["command-service"] or {}).get("outbox", 0) >= 20)
        probes = until(lambda: [it for told in earlier.told["probes"] for it in told["probes"]])
    set_switch(stack, "relay", "pause", on=False)
    until(lambda: agree(stack))
    with a_browser(stack) as later:
        assert most_waited(later.welcome["past"]["holds"]) >= 20
        counted_ms = [held["at_ms"] for held in later.welcome["holds"].values()]
        assert max(counted_ms) <= later.welcome["now_ms"]
        assert set().union(*(it["told"] for it in later.welcome["past"]["health"])) == PROCESSES
        assert all(probe in later.welcome["probes"] for probe in probes)
        assert len(later.welcome["probes"]) <= 1000


def test_the_past_and_the_export_say_when_a_switch_was_set(stack: LocalStack, web: str) -> None:
    def pauses_of_relay(samples: list[Any]) -> list[tuple[float, bool]]:
        told = [(it["at_ms"], it["told"]["relay"]) for it in samples if "relay" in it["told"]]
        known = [(at_ms, switches) for at_ms, switches in told if switches]
        return [(at_ms, it["pause"]["on"]) for at_ms, it in known if "pause" in it]

    def whole_since(begin_ms: float, samples: list[Any]) -> list[tuple[float, bool]]:
        assert set().union(*(sample["told"] for sample in samples)) == PLACES
        pauses = [it for it in pauses_of_relay(samples) if it[0] >= begin_ms]
        assert [on for _, on in pauses] == [True, False]
        return pauses

    def told(browser: Browser) -> list[bool]:
        return [switches["relay"]["pause"]["on"] for switches in browser.told["switches"]]

    def goes_on() -> bool:
        with a_browser(stack) as browser:
            relay = browser.welcome["switches"].get("relay")
            return bool(relay and "pause" in relay) and not relay["pause"]["on"]

    until(goes_on)  # web may not have heard yet of what the test before this one did
    begin_ms = get(f"{web}/export")["at_ms"]
    with a_browser(stack) as browser:
        with paused(stack, "relay"):
            until(lambda: told(browser) == [True])
        until(lambda: told(browser) == [True, False])
    with a_browser(stack) as later:
        pauses = whole_since(begin_ms, later.welcome["past"]["switches"])
    assert whole_since(begin_ms, get(f"{web}/export")["switches"]) == pauses


def test_a_burst_can_be_stopped(stack: LocalStack, web: str, host: dict[str, str]) -> None:
    steady = {"per_second": 20, "seconds": 60}
    with a_browser(stack) as browser:
        begun = requests.post(f"{web}/burst", json=steady, headers=host, timeout=60)
        assert begun.json()["wanted"] == 1200
        until(lambda: browser.told["burst"] and browser.told["burst"][-1]["sent"] > 0)
        requests.delete(f"{web}/burst", headers=host, timeout=60).raise_for_status()
        until(lambda: not browser.told["burst"][-1]["running"])
        assert browser.told["burst"][-1]["sent"] < 1200


def test_a_run_is_exported_as_one_file(stack: LocalStack, client: Client, web: str) -> None:
    todo_id = client.post("Keep me").json()["id"]

    def kept() -> Any:
        answer = requests.get(f"{web}/export", timeout=60)
        run = json.loads(answer.content)
        [journey] = [it for it in run["journeys"] if it["todo_id"] == todo_id]
        assert {hop["hop"] for hop in journey["hops"]} == EVERY_HOP
        assert any(todo["id"] == todo_id for todo in run["reads"][-1]["todos"])
        for what in ("holds", "health", "switches"):
            told = [sample["told"] for sample in run[what]]
            assert set().union(*told) == (PLACES if what == "switches" else PROCESSES)
        return answer

    def exported() -> Any:
        try:
            return kept()
        except ValueError as error:
            raise AssertionError from error

    answer = until(exported)
    run = answer.json()
    assert (run["format"], run["version"]) == ("eventually-run", 1)
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="eventually-')


def test_the_source_of_what_runs_is_shown_at_each_place(stack: LocalStack, web: str) -> None:
    runs = {
        "command-service": "command_service.store:PostgresTodoStore",
        "relay": "command_service.relay:Relay.run",
        "projector": "query_service.idempotence:replace_if_older",
        "query-service": "query_service.read_model:ReadModel.page",
        "counter": "query_service.counts:Counts.count",
        "replica": "query_service.replica:main",
        "relay-rabbitmq": "links.toxics:Latency",
        "rabbitmq": "stack.outside:Freeze.begins",
        "web": "web.truths.proof:Prover",
    }
    for place, named in runs.items():
        url = f"{web}/lab/source" if place == "web" else f"{web}/lab/{place}/source"
        found = requests.get(url, params={"object": named}, timeout=60)
        assert found.status_code == 200, (place, found.text)
        told = found.json()
        lines = (ROOT / told["file"]).read_text().split("\n")
        assert told["text"].split("\n")[0] == lines[told["line"] - 1], place
    # Each has its own, and nobody has what is not ours.
    for named in ("web.app:create_app", "query_service.counts:Counts", "json:loads"):
        url = f"{web}/lab/relay/source"
        assert requests.get(url, params={"object": named}, timeout=60).status_code == 404
    assert requests.get(f"{web}/lab/nowhere/source", timeout=60).status_code == 404
