"""Real processes are killed and real servers are stopped while commands are under way.

Whatever dies, and whenever: every acknowledged todo reaches MongoDB in its last state, MongoDB
has nothing that PostgreSQL lacks, and nobody has to step in.
"""

import os
import signal
from collections.abc import Callable

import pytest
import requests

from stack.local import LocalStack
from tests.support import Client, agree, read_side, until, write_side
from tests.support.workload import Workload


def stop_and_start(server: str) -> Callable[[LocalStack], None]:
    def fault(stack: LocalStack) -> None:
        stack.stop_program(server)
        stack.start_program(server)

    return fault


def kill(name: str) -> Callable[[LocalStack], None]:
    def fault(stack: LocalStack) -> None:
        dead = stack.kill_program(name)
        # The supervisor brings it back; PostgreSQL's backends outlive their parent for a moment.
        until(lambda: stack.pid(name) not in {None, dead} and stack.accepts(name), within_s=60)

    return fault


def kill_parent_alone(stack: LocalStack) -> None:
    """Kill only the process that the supervisor knows, and leave the worker that it started."""
    dead = stack.pid("command-service")
    assert dead is not None
    os.kill(dead, signal.SIGKILL)
    until(lambda: stack.pid("command-service") not in {None, dead}, within_s=60)


FAULTS = {
    "kill -9 relay": kill("relay"),
    "kill -9 projector": kill("projector"),
    "kill -9 command-service": kill("command-service"),
    "kill -9 the parent of command-service's worker": kill_parent_alone,
    "stop and start rabbitmq": stop_and_start("rabbitmq"),
    "stop and start mongodb": stop_and_start("mongodb"),
    "stop and start postgresql": stop_and_start("postgresql"),
    "kill -9 rabbitmq": kill("rabbitmq"),
    "kill -9 mongodb": kill("mongodb"),
    "kill -9 postgresql": kill("postgresql"),
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", FAULTS)
def test_acknowledged_todos_survive(stack: LocalStack, fault: str) -> None:
    workload = Workload(stack)
    workload.run(lambda: FAULTS[fault](stack))

    until(lambda: agree(stack), within_s=90)
    held, written = read_side(stack), write_side(stack)
    assert held == written
    assert workload.not_in(held) == {}


def test_ids_have_no_gap_after_a_crash_of_postgresql(stack: LocalStack) -> None:
    client = Client(stack)
    before = client.post("Before the crash").json()["id"]
    kill("postgresql")(stack)
    assert client.post("After the crash").json()["id"] == before + 1


def test_reads_are_served_while_the_write_side_is_down(stack: LocalStack) -> None:
    client = Client(stack)
    client.read_after(client.post("Read while PostgreSQL is away"))
    stack.stop_program("postgresql")
    try:
        refused = client.post("Refused")
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "1"
        assert refused.json()["type"] in {
            "urn:eventually:problem:postgresql-unavailable",
            "urn:eventually:problem:outcome-unknown",
        }
        assert client.get().status_code == 200
    finally:
        stack.start_program("postgresql")
    until(lambda: client.post("Accepted again").status_code == 201)


def test_commands_are_accepted_while_broker_and_read_store_are_down(stack: LocalStack) -> None:
    client = Client(stack)
    stack.stop_program("rabbitmq")
    stack.stop_program("mongodb")
    try:
        created = [client.post(f"Written in the dark {number}") for number in range(20)]
        assert {answer.status_code for answer in created} == {201}
        unavailable = client.get()
        assert unavailable.status_code == 503
        assert unavailable.json()["type"] == "urn:eventually:problem:mongodb-unavailable"
        for base, server in ((stack.urls.relay, "rabbitmq"), (stack.urls.projector, "mongodb")):
            ready = requests.get(f"{base}/readyz")
            assert ready.status_code == 503
            assert ready.json()["checks"][server] != "ok"
    finally:
        stack.start_program("mongodb")
        stack.start_program("rabbitmq")
    until(lambda: agree(stack), within_s=60)
    assert len(client.read_after(*created)) == 20


def test_the_projector_keeps_its_events_while_mongodb_is_down(stack: LocalStack) -> None:
    client = Client(stack)
    until(lambda: agree(stack))
    pid = stack.pid("projector")
    stack.stop_program("mongodb")
    try:
        created = [client.post(f"Held {number}") for number in range(10)]

        def in_hand() -> bool:
            held: int = requests.get(f"{stack.urls.projector}/lab").json()["holds"]["unacked"]
            return held == 10

        until(in_hand)
    finally:
        stack.start_program("mongodb")
    client.read_after(*created)
    assert stack.pid("projector") == pid, "it waits, and does not exit"
