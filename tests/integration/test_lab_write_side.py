"""The write side's switches act in the real code path, and what they break is really broken."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pika
import pytest
import requests
from pika.adapters.blocking_connection import BlockingChannel

from query_service.topology import DEAD_LETTERS, EXCHANGE
from stack import running
from stack.local import LocalStack
from stack.programs import ROOT
from tests.support import Client, agree, read_side, rows, until, write_side
from tests.support.evidence import journeys_since
from tests.support.switches import let_go, set_switch

OF = {
    "command-service": ("crash", "hold", "publish", "eat-answer", "newer-events", "wrong-clock"),
    "relay": ("cursor", "no-confirms", "publish-again", "wrong-clock"),
    "projector": ("reader", "wrong-clock"),
}
EVERY = [(process, name) for process, names in OF.items() for name in names]


@pytest.fixture(autouse=True)
def put_right(stack: LocalStack) -> Iterator[None]:
    """Begin with stores that agree, and leave them so."""
    until(lambda: agree(stack))
    yield
    for process in OF:
        url = f"{stack.urls.base(process)}/lab/clear"
        cleared = requests.post(url, headers=stack.lab_headers, timeout=60)
        assert cleared.status_code == 200
    until(lambda: rows(stack, "SELECT count(*) FROM outbox") == [(0,)])
    if not agree(stack):
        rebuild(stack)
    until(lambda: agree(stack))


def rebuild(stack: LocalStack) -> None:
    urls = {
        "COMMAND_SERVICE_URL": stack.urls.command_service,
        "MONGODB_URL": stack.urls.mongodb_url,
    }
    command = [sys.executable, "-m", "query_service.rebuild"]
    subprocess.run(command, cwd=ROOT, env=urls, check=True, capture_output=True, timeout=60)


def switch(stack: LocalStack, process: str, name: str) -> dict[str, Any]:
    lab = requests.get(f"{stack.urls.base(process)}/lab", timeout=60).json()
    state: dict[str, Any] = lab["switches"][name]
    return state


def firings(stack: LocalStack, fault: str, todo_id: int) -> list[dict[str, Any]]:
    told = requests.get(f"{stack.urls.web}/export", timeout=60).json()["firings"]
    return [it for it in told if (it["fault"], it.get("todo_id")) == (fault, todo_id)]


def proved(stack: LocalStack) -> list[int]:
    proof = requests.get(f"{stack.urls.web}/truths?limit=50", timeout=60).json()["proof"]
    return list(proof["todos"]) if proof else []


def post_unanswered(client: Client, title: str, **headers: str) -> None:
    with pytest.raises(requests.ConnectionError):
        client.post(title, **headers)


def todo_named(side: dict[int, tuple[str, bool, int]], title: str) -> int:
    """Return the id of the only todo with this title, or 0."""
    found = [todo_id for todo_id, (its, *_) in side.items() if its == title]
    assert len(found) <= 1
    return found[0] if found else 0


def sent_by(stack: LocalStack, key: tuple[int, int]) -> list[str]:
    hops = journeys_since(stack, 0).get(key, {"hops": []})["hops"]
    return [hop["process"] for hop in hops if hop["hop"] == "confirmed"]


def hops_of(stack: LocalStack, key: tuple[int, int]) -> dict[str, float]:
    """Return when each hop of an event happened, as the page is told, in ms."""
    hops = journeys_since(stack, 0).get(key, {"hops": []})["hops"]
    return {hop["hop"]: hop["at_ms"] for hop in hops}


def back(stack: LocalStack, dead: int | None) -> bool:
    return stack.pid("command-service") not in {None, dead} and stack.accepts("command-service")


def test_publishing_after_the_commit_loses_what_a_crash_comes_between(
    stack: LocalStack, client: Client
) -> None:
    set_switch(stack, "command-service", "publish", on=True, way="after-commit", word="Lost")
    set_switch(stack, "command-service", "crash", on=True, at="after-commit", word="Lost")
    passed = client.post("Goes through the outbox")
    dead = stack.pid("command-service")
    post_unanswered(client, "Lost on the way")
    until(lambda: back(stack, dead))

    todo_id = todo_named(write_side(stack), "Lost on the way")
    assert todo_id
    assert rows(stack, "SELECT kind FROM events WHERE todo_id = %s", todo_id) == [("todo.created",)]
    client.read_after(passed, client.post("Comes through"))
    assert rows(stack, "SELECT count(*) FROM outbox") == [(0,)]
    assert todo_id not in read_side(stack)
    until(lambda: proved(stack) == [todo_id])
    [crash] = until(lambda: firings(stack, "crash", todo_id))
    assert (crash["at"], crash["place"]) == ("after-commit", "command-service")
    assert firings(stack, "publish", todo_id)
    # The switches went with the process. The log has the event, so a replay brings it back.
    assert switch(stack, "command-service", "publish")["state"] == "off"
    rebuild(stack)
    assert read_side(stack) == write_side(stack)


def test_publishing_before_the_commit_leaves_a_phantom(stack: LocalStack, client: Client) -> None:
    set_switch(stack, "command-service", "publish", on=True, way="before-commit", word="Phantom")
    set_switch(stack, "command-service", "hold", on=True, at="before-commit", word="Phantom")
    dead = stack.pid("command-service")
    asking = threading.Thread(target=post_unanswered, args=(client, "Phantom"))
    asking.start()
    todo_id = until(lambda: todo_named(read_side(stack), "Phantom"))
    # It can be read, and has not happened yet. Nobody calls it a ghost, as it may still happen.
    assert todo_id not in write_side(stack)
    assert requests.get(f"{stack.urls.command_service}/lab/log", timeout=60).json()["publishing"]
    let_go(stack, "command-service", "kill")
    asking.join()
    until(lambda: back(stack, dead))

    until(lambda: proved(stack) == [todo_id])
    assert todo_id not in write_side(stack)
    assert rows(stack, "SELECT count(*) FROM events WHERE todo_id = %s", todo_id) == [(0,)]
    # Its id is nobody else's, or it would hide another todo's first version.
    assert client.post("After the phantom").json()["id"] > todo_id
    rebuild(stack)
    assert todo_id not in read_side(stack)


def test_without_the_broker_one_way_loses_and_the_other_refuses(
    stack: LocalStack, client: Client
) -> None:
    first = client.post("Renamed in vain")
    client.read_after(first)
    todo_id = first.json()["id"]
    stack.stop_program("rabbitmq")
    try:
        publish = {"way": "after-commit", "todo": todo_id, "times": 1}
        set_switch(stack, "command-service", "publish", on=True, **publish)
        assert client.patch(todo_id, title="Nobody hears of it", completed=True).status_code == 200
        state = switch(stack, "command-service", "publish")
        assert (state["state"], state["fired"], state["cleared"]) == ("cleared", 1, "count")

        set_switch(stack, "command-service", "publish", on=True, way="before-commit", times=1)
        refused = client.patch(todo_id, title="Refused")
        assert refused.status_code == 503
        assert refused.json()["type"] == "urn:eventually:problem:rabbitmq-unavailable"
    finally:
        stack.start_program("rabbitmq")
    client.read_after(client.post("Comes through"))
    assert write_side(stack)[todo_id] == ("Nobody hears of it", True, 3)
    assert read_side(stack)[todo_id] == ("Renamed in vain", False, 1)
    # A later event carries the whole state, so it brings what was lost along.
    client.read_after(client.patch(todo_id, title="Heard of"))
    assert read_side(stack)[todo_id] == write_side(stack)[todo_id] == ("Heard of", True, 4)


def test_either_way_an_event_arrives_if_nothing_fails(stack: LocalStack, client: Client) -> None:
    for way in ("after-commit", "before-commit"):
        set_switch(stack, "command-service", "publish", on=True, way=way)
        created = client.post(way, Idempotency_Key=f"dual {way}".replace(" ", "-"))
        changed = client.patch(created.json()["id"], title="Both", completed=True)
        assert client.read_after(changed)[0]["completed"]
        assert switch(stack, "command-service", "publish")["fired"] == 2
        key = (created.json()["id"], 1)
        until(lambda: sent_by(stack, key) == ["command-service"])  # noqa: B023
    assert rows(stack, "SELECT count(*) FROM outbox") == [(0,)]


def test_an_answer_is_eaten_after_the_command_has_happened(
    stack: LocalStack, client: Client
) -> None:
    hungry = {"word": "Hungry", "sender": "Ada L", "times": 2}
    set_switch(stack, "command-service", "eat-answer", on=True, **hungry)
    of_ada = {"baggage": "room=5;x=y, sender=Ada%20L"}
    assert client.post("Answered", **of_ada).status_code == 201
    assert client.post("Hungry, of somebody else").status_code == 201
    post_unanswered(client, "Hungry", **of_ada)
    post_unanswered(client, "Hungry once", Idempotency_Key="hungry", **of_ada)
    again = client.post("Hungry once", Idempotency_Key="hungry")
    assert again.status_code == 201
    # Who asks again without a key does it twice.
    assert client.post("Hungry").status_code == 201
    until(lambda: agree(stack))
    titles = sorted(title for title, *_ in write_side(stack).values() if "Hungry" in title)
    assert titles == ["Hungry", "Hungry", "Hungry once", "Hungry, of somebody else"]
    state = switch(stack, "command-service", "eat-answer")
    assert (state["state"], state["fired"]) == ("cleared", 2)
    [fired] = until(lambda: firings(stack, "eat-answer", again.json()["id"]))
    assert fired["ended"] == "told"
    assert "acknowledged" not in hops_of(stack, (again.json()["id"], 1))

    # Through the page, nobody is told either what has become of it.
    set_switch(stack, "command-service", "eat-answer", on=True, times=1)
    unknown = requests.post(
        f"{stack.urls.web}/commands/todos", json={"title": "Hungry guest"}, timeout=60
    )
    assert unknown.status_code == 503
    assert unknown.json()["type"] == "urn:eventually:problem:outcome-unknown"
    until(lambda: todo_named(write_side(stack), "Hungry guest"))


def test_a_cursor_skips_what_commits_late_until_the_outbox_is_read_as_it_is(
    stack: LocalStack, client: Client
) -> None:
    set_switch(stack, "relay", "cursor", on=True)
    set_switch(stack, "command-service", "hold", on=True, at="before-commit", word="late")
    answers: list[requests.Response] = []
    asking = threading.Thread(target=lambda: answers.append(Client(stack).post("Commits late")))
    asking.start()
    until(lambda: switch(stack, "command-service", "hold")["holding"])
    client.read_after(client.post("Commits early"))
    let_go(stack, "command-service", "release")
    asking.join()
    todo_id = answers[0].json()["id"]
    until(lambda: switch(stack, "relay", "cursor")["fired"] == 1)

    client.read_after(client.post("Comes through"))
    waiting = "SELECT todo_id FROM outbox JOIN events USING (transaction_id, position)"
    assert rows(stack, waiting) == [(todo_id,)]
    assert todo_id not in read_side(stack)
    assert not proved(stack)
    [fired] = until(lambda: firings(stack, "cursor", todo_id))
    assert fired["place"] == "relay"
    set_switch(stack, "relay", "cursor", on=False)
    client.read_after(*answers)


def test_without_confirms_what_was_under_way_is_lost_with_the_broker(
    stack: LocalStack, client: Client
) -> None:
    set_switch(stack, "relay", "no-confirms", on=True)
    client.read_after(client.post("Arrives"))
    found = running.find(stack.folder)
    dead = found.freeze("rabbitmq")
    try:
        todo_id = client.post("Sent, and not stored").json()["id"]
        until(lambda: sent_by(stack, (todo_id, 1)) == ["relay"])
        until(lambda: rows(stack, "SELECT count(*) FROM outbox") == [(0,)])
    finally:
        stack.kill_program("rabbitmq")
    until(lambda: stack.pid("rabbitmq") not in {None, dead} and stack.accepts("rabbitmq"))
    set_switch(stack, "relay", "no-confirms", on=False)
    client.read_after(client.post("Comes through"))
    assert todo_id in write_side(stack)
    assert todo_id not in read_side(stack)
    until(lambda: proved(stack) == [todo_id])


def test_an_event_is_published_again_with_the_same_id(
    stack: LocalStack, client: Client, channel: BlockingChannel
) -> None:
    channel.queue_declare("lab-test", exclusive=True)
    channel.queue_bind("lab-test", EXCHANGE, "todo.#")
    set_switch(stack, "relay", "publish-again", on=True, copies=2, word="thrice", times=1)
    thrice, once = client.post("Comes thrice"), client.post("Comes once")
    client.read_after(thrice, once)
    heard: list[str] = []

    def all_heard() -> bool:
        method, properties, body = channel.basic_get("lab-test", auto_ack=True)
        if method is not None:
            assert properties.message_id == json.loads(body)["id"]
            heard.append(json.loads(body)["subject"])
        return len(heard) == 4

    until(all_heard)
    ids = [str(it.json()["id"]) for it in (thrice, once)]
    assert (heard.count(ids[0]), heard.count(ids[1])) == (3, 1)
    state = switch(stack, "relay", "publish-again")
    assert (state["fired"], state["cleared"]) == (1, "count")
    [fired] = until(lambda: firings(stack, "publish-again", thrice.json()["id"]))
    assert fired["ended"] == "told"


def test_a_wrong_clock_changes_what_is_said_and_not_what_is_so(
    stack: LocalStack, client: Client
) -> None:
    todo_id = client.post("On time").json()["id"]
    set_switch(stack, "command-service", "wrong-clock", on=True, ahead_s=-3000)
    late = client.patch(todo_id, title="Written before it was made")
    set_switch(stack, "command-service", "wrong-clock", on=False)
    [read] = client.read_after(late)
    # The newer version wins, whatever the clocks say.
    assert read["title"] == "Written before it was made"
    times = "SELECT time FROM events WHERE todo_id = %s ORDER BY version"
    [(created,), (renamed,)] = rows(stack, times, todo_id)
    assert -3001 < (renamed - created).total_seconds() < -2900
    # The page puts the effect long after its cause; as far ahead, it would be before it.
    until(lambda: {"committed", "projected"} <= hops_of(stack, (todo_id, 2)).keys())
    at_ms = hops_of(stack, (todo_id, 2))
    assert at_ms["projected"] - at_ms["committed"] > 2_900_000
    log = stack.log_folder / "command-service.log"
    until(lambda: "the clock went back by 3,000 s" in log.read_text())
    assert switch(stack, "command-service", "wrong-clock")["fired"] == 1


@pytest.mark.parametrize(("process", "hop"), [("relay", "confirmed"), ("projector", "projected")])
def test_a_wrong_clock_of_another_process_puts_its_hops_elsewhere(
    stack: LocalStack, client: Client, process: str, hop: str
) -> None:
    set_switch(stack, process, "wrong-clock", on=True, ahead_s=3000)
    todo_id = client.post("Far ahead").json()["id"]
    until(lambda: {"committed", hop} <= hops_of(stack, (todo_id, 1)).keys())
    at_ms = hops_of(stack, (todo_id, 1))
    assert at_ms[hop] - at_ms["committed"] > 2_900_000
    set_switch(stack, process, "wrong-clock", on=False)


def test_a_newer_event_is_refused_misread_or_known_as_the_reader_says(
    stack: LocalStack, client: Client, channel: BlockingChannel
) -> None:
    channel.queue_purge(DEAD_LETTERS)
    set_switch(stack, "command-service", "newer-events", on=True, word="newer")
    client.read_after(client.post("As ever"))
    refused = client.post("A newer one, refused").json()["id"]

    def dead_letter() -> tuple[pika.BasicProperties, Any] | None:
        method, properties, body = channel.basic_get(DEAD_LETTERS, auto_ack=True)
        return (properties, json.loads(body)) if method else None

    letter = until(dead_letter)
    assert letter
    properties, event = letter
    assert "todo.created.v2" in properties.headers["x-reason"]
    assert (event["type"], properties.type) == ("todo.created.v2", "todo.created.v2")
    assert event["data"].keys() == {"id", "text", "completed", "version"}
    assert (event["subject"], event["data"]["text"]) == (str(refused), "A newer one, refused")

    set_switch(stack, "projector", "reader", on=True, how="tolerates")
    tolerated = client.post("A newer one, misread")
    client.read_after(tolerated)
    set_switch(stack, "projector", "reader", on=True, how="knows")
    known = client.post("A newer one, known")
    client.read_after(known)
    found = read_side(stack)
    assert refused not in found
    assert found[tolerated.json()["id"]] == ("", False, 1)
    assert found[known.json()["id"]] == ("A newer one, known", False, 1)
    assert switch(stack, "command-service", "newer-events")["fired"] == 3

    # The log keeps the version of each event, and a replay knows them all.
    feed = requests.get(f"{stack.urls.command_service}/events", timeout=60).text.splitlines()
    types = {it["subject"]: it["type"] for it in map(json.loads, feed)}
    assert types[str(refused)] == "todo.created.v2"
    rebuild(stack)
    assert read_side(stack) == write_side(stack)
    page = requests.get(f"{stack.urls.web}/truths?limit=5", timeout=60).json()
    assert page["proof"] is None


@pytest.mark.parametrize(("process", "name"), EVERY)
def test_a_switch_says_what_it_does_and_ends_by_itself(
    stack: LocalStack, process: str, name: str
) -> None:
    description = requests.get(f"{stack.urls.base(process)}/lab", timeout=60).json()
    told = description["descriptions"][name]
    assert told["does"]
    assert told["teaches"]
    state = set_switch(stack, process, name, on=True, for_s=1)
    assert state["on"] is True
    until(lambda: switch(stack, process, name)["cleared"] == "time")
