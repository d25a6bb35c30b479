"""All clear lifts everything, starts what is down, tries it out, and says whether both agree."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests
from pymongo import MongoClient

from stack.local import LocalStack
from stack.programs import ROOT
from tests.support import Client, agree, read_side, until, write_side
from tests.support.browsers import a_browser

SEED = 14
PAIRS = 4


def host(stack: LocalStack) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {stack.host_key}"}


def lab(stack: LocalStack) -> Any:
    return requests.get(f"{stack.urls.web}/lab", timeout=60).json()


def asked(
    stack: LocalStack, place: str, name: str, setting: Mapping[str, object]
) -> requests.Response:
    url = f"{stack.urls.web}/lab/{place}/switches/{name}"
    return requests.put(url, json=setting, headers=host(stack), timeout=60)


def put(stack: LocalStack, place: str, name: str, setting: Mapping[str, object]) -> None:
    asked(stack, place, name, setting).raise_for_status()


def all_clear(stack: LocalStack) -> Any:
    url = f"{stack.urls.web}/lab/all-clear"
    answer = requests.post(url, headers=host(stack), timeout=120)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(autouse=True)
def cleared(stack: LocalStack) -> Iterator[None]:
    yield
    cured(stack, all_clear(stack))
    url = f"{stack.urls.projector}/lab/messages"
    requests.delete(url, headers=stack.lab_headers, timeout=60).raise_for_status()


def cured(stack: LocalStack, told: Any) -> Any:
    """Do what All clear has said would help, if anything has to be done; a rebuild always does."""
    if told["agree"]:
        return told
    assert told["final"], told
    assert told["todos"], told
    assert all(todo["cure"] for todo in told["todos"]), told
    urls = stack.urls
    settings = {"COMMAND_SERVICE_URL": urls.command_service, "MONGODB_URL": urls.mongodb_url}
    subprocess.run(
        [sys.executable, "-m", "query_service.rebuild"],
        cwd=ROOT,
        env={**os.environ, **settings},
        check=True,
        capture_output=True,
    )
    return all_clear(stack)


def settings_of(described: Mapping[str, Any]) -> dict[str, object]:
    """Return a setting with the first of what has to be chosen."""
    chosen = {
        each["name"]: each["choices"][0]["value"]
        for each in described["parameters"]
        if each["kind"] == "choice" and each["default"] is None and each["group"] == "setting"
    }
    return {"on": True, **chosen}


def pairs_of_switches(stack: LocalStack) -> list[tuple[tuple[str, str, dict[str, object]], ...]]:
    """Return pairs of switches, drawn from a seed out of all that there are, cures among them."""
    switches = [
        (place, name, settings_of(described))
        for place, told in lab(stack).items()
        for name, described in told["descriptions"].items()
    ]
    drawn = random.Random(SEED)
    return [tuple(drawn.sample(switches, 2)) for _ in range(PAIRS)]


@pytest.mark.timeout(300)
def test_after_any_two_switches_both_stores_agree(stack: LocalStack, client: Client) -> None:
    for pair in pairs_of_switches(stack):
        for place, name, setting in pair:
            answer = asked(stack, place, name, setting)
            # Who has just been stopped or killed cannot be told anything more.
            assert answer.status_code in {200, 503}, answer.text
        for number in range(5):
            try:
                client.session.post(
                    f"{stack.urls.command_service}/todos", json={"title": f"{number}"}, timeout=1
                )
            except requests.RequestException:
                continue
        told = cured(stack, all_clear(stack))
        assert told["agree"], (pair, told)
        assert told["says"].startswith("All clear: both stores agree.")
        until(lambda: agree(stack))
        still_on = [
            (place, name)
            for place, its in lab(stack).items()
            for name, state in its["switches"].items()
            if state["on"]
        ]
        assert still_on == []


def test_it_says_what_it_did_and_the_room_hears_of_each_step(
    stack: LocalStack, client: Client
) -> None:
    stack.stop_program("rabbitmq")
    put(stack, "projector", "slow", {"on": True, "delay_ms": 1})
    put(stack, "mongodb", "freeze", {"on": True})
    with a_browser(stack) as browser:
        told = all_clear(stack)
        assert told["lifted"] == {"projector": ["slow"], "mongodb": ["freeze"]}
        assert (told["started"], told["unready"]) == (["rabbitmq"], {})
        until(lambda: [it["says"] for it in browser.told["mending"][-1:]] == [told["says"]])
        assert browser.told["mending"][-1]["running"] is False
        assert [step["says"] for step in told["steps"]] == [
            "Every switch is lifted, and what is down is started.",
            "Every process gets ready.",
            "A canary goes through the loop.",
            "Both stores are compared.",
        ]
    assert lab(stack)["projector"]["switches"]["slow"]["cleared"] == "all-clear"
    assert lab(stack)["mongodb"]["switches"]["freeze"]["cleared"] == "all-clear"
    # The canary leaves neither a todo nor a journey.
    assert told["canary"] not in write_side(stack)
    assert told["canary"] not in read_side(stack)
    journeys = requests.get(f"{stack.urls.web}/journeys?limit=5000", timeout=60).json()["journeys"]
    assert told["canary"] not in {journey["todo_id"] for journey in journeys}


def test_what_differs_is_named_with_its_cure(stack: LocalStack, client: Client) -> None:
    lost = client.post("Lost by hand").json()["id"]
    until(lambda: agree(stack))
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
        todos = mongo.get_default_database()["todos"]
        document = todos.find_one_and_delete({"_id": lost})
        assert document
        try:
            told = all_clear(stack)
        finally:
            todos.insert_one(document)
    assert (told["agree"], told["final"], told["differing"]) == (False, True, 1)
    [todo] = told["todos"]
    assert (todo["id"], todo["says"]) == (lost, "PostgreSQL has it, and MongoDB does not.")
    assert "query_service.rebuild" in todo["cure"]
    assert told["says"].startswith("The stores differ in 1 todo.")


def test_a_process_that_crashed_and_was_to_stay_away_is_back_at_once(
    stack: LocalStack, client: Client
) -> None:
    put(stack, "projector", "crash", {"on": True, "at": "before-write", "delay_ms": 60_000})
    client.post("Crashes the projector")
    until(lambda: lab(stack)["projector"]["program"]["state"] == "crashed")
    told = all_clear(stack)
    assert (told["agree"], told["started"]) == (True, ["projector"])


def test_only_the_host_may_and_one_at_a_time(stack: LocalStack) -> None:
    url = f"{stack.urls.web}/lab/all-clear"
    assert requests.post(url, timeout=60).status_code == 401


def cure(stack: LocalStack) -> Any:
    url = f"{stack.urls.web}/lab/all-clear"
    answer = requests.post(url, json={"cure": True}, headers=host(stack), timeout=120)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_if_asked_it_sends_dead_letters_again_and_rebuilds(
    stack: LocalStack, client: Client
) -> None:
    put(stack, "projector", "poison", {"on": True, "word": "Poisoned"})
    parked = client.post("Poisoned").json()["id"]
    until(lambda: held(stack, "projector", "dead_letters") == 1)
    lost = client.post("Lost by hand").json()["id"]
    until(lambda: lost in read_side(stack))
    with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
        mongo.get_default_database()["todos"].delete_one({"_id": lost})
    told = all_clear(stack)
    assert (told["agree"], told["differing"], told["dead_letters"]) == (False, 2, 1)
    told = cure(stack)
    assert (told["agree"], told["dead_letters"]) == (True, 0), told
    assert told["cured"] == ["1 dead letter sent again.", "The read model was rebuilt."]
    assert {parked, lost} <= read_side(stack).keys()


def test_a_letter_that_nothing_will_apply_is_put_aside_once_the_read_model_has_it(
    stack: LocalStack, client: Client
) -> None:
    put(stack, "command-service", "newer-events", {"on": True, "word": "Too new"})
    todo_id = client.post("Too new").json()["id"]
    until(lambda: held(stack, "projector", "dead_letters") == 1)
    told = cure(stack)
    assert (told["agree"], told["dead_letters"]) == (True, 0), told
    assert told["cured"][1:] == [
        "The read model was rebuilt.",
        "1 dead letter put aside: the read model has that.",
    ]
    assert todo_id in read_side(stack)


def test_the_counts_and_the_replica_are_compared_and_cured_while_they_are_kept(
    stack: LocalStack, client: Client
) -> None:
    put(stack, "counter", "count", {"on": True})
    put(stack, "replica", "replicate", {"on": True, "lag_ms": 1000})
    until(lambda: held(stack, "counter", "queue") is not None)
    until(lambda: held(stack, "replica", "queue") is not None)
    put(stack, "counter", "no-inbox", {"on": True})
    put(stack, "counter", "redeliver", {"on": True, "word": "Counted twice"})
    before = held(stack, "counter", "created")
    client.post("Counted twice")
    until(lambda: held(stack, "counter", "created") == before + 2)
    told = all_clear(stack)
    [counts, replica] = told["further"]
    assert (counts["model"], counts["agree"], replica) == (
        "counts",
        False,
        {"model": "replica", "agree": True, "says": "The replica agrees."},
    )
    assert told["says"].startswith("Not all is clear: both stores agree. The counts are wrong: ")
    assert {"count", "no-inbox"} == {*told["lifted"]["counter"]}
    assert told["lifted"]["replica"] == ["replicate"]
    put(stack, "counter", "count", {"on": True})
    until(lambda: held(stack, "counter", "queue") is not None)
    told = cure(stack)
    assert (told["agree"], [it["agree"] for it in told["further"]]) == (True, [True]), told


def test_a_replica_that_lost_a_todo_is_named_with_its_cure_and_cured(
    stack: LocalStack, client: Client
) -> None:
    todo_id = client.post("Lost by the replica").json()["id"]

    def loses() -> None:
        put(stack, "replica", "replicate", {"on": True, "lag_ms": 0})
        # To be filled, it reads the log, which mends what it has lost before.
        until(lambda: held(stack, "replica", "queue") is not None)
        with MongoClient[dict[str, Any]](stack.urls.mongodb_url) as mongo:
            documents = mongo.get_default_database()["replica"]
            until(lambda: documents.delete_one({"_id": todo_id}).deleted_count == 1)

    loses()
    told = all_clear(stack)
    [replica] = told["further"]
    assert (told["agree"], replica["says"]) == (False, "The replica differs in 1 todo."), told
    assert replica["cure"].endswith("--model replica")
    loses()
    told = cure(stack)
    assert (told["agree"], [it["agree"] for it in told["further"]]) == (True, [True]), told


def held(stack: LocalStack, process: str, what: str) -> Any:
    """Return what a process holds of something; None if it keeps nothing just now."""
    holds = requests.get(f"{stack.urls.base(process)}/lab", timeout=60).json()["holds"]
    return (holds or {}).get(what)
