"""A read model on a replica set, with three hosts in its URL, survives the primary's death."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from stack import programs
from stack.local import LocalStack
from stack.ports import LOOPBACK, Ports
from stack.servers import mongodb
from tests.support import Client, todos_in, until, write_side
from tests.support.workload import Workload

NAME = "eventually"
BESIDE_IT = [name for name in programs.ALL if name not in {"mongodb", "web"}]


@dataclass
class ReplicaSet:
    """Three running members, by their ports."""

    members: dict[int, subprocess.Popen[bytes]]
    killed: int | None = None

    @property
    def url(self) -> str:
        hosts = ",".join(f"{LOOPBACK}:{port}" for port in self.members)
        return f"mongodb://{hosts}/eventually?replicaSet={NAME}"

    def begin(self) -> None:
        """Make the members a set that notices a death in two seconds instead of ten."""
        hosts = [
            {"_id": number, "host": f"{LOOPBACK}:{port}"}
            for number, port in enumerate(self.members)
        ]
        settings = {"electionTimeoutMillis": 2000, "heartbeatIntervalMillis": 500}
        one = f"mongodb://{hosts[0]['host']}/?directConnection=true"
        with MongoClient[dict[str, Any]](one) as client:
            wanted = {"_id": NAME, "members": hosts, "settings": settings}
            client.admin.command("replSetInitiate", wanted)
        until(lambda: self.primary() is not None, within_s=60)

    def primary(self) -> int | None:
        """Return the port of the member that takes writes."""
        with MongoClient[dict[str, Any]](self.url) as client:
            answer = client.admin.command("hello")
            return int(answer["me"].rpartition(":")[2]) if answer["isWritablePrimary"] else None

    def kill_primary(self) -> None:
        port = self.primary()
        assert port is not None
        self.members[port].kill()
        self.members[port].wait()
        self.killed = port


@contextmanager
def replica_set(folder: Path) -> Iterator[ReplicaSet]:
    with ExitStack() as processes:
        members = {}
        for port in (Ports.free().mongodb for _ in range(3)):
            member = mongodb.prepare(folder / str(port), port)
            process = processes.enter_context(
                subprocess.Popen([*member.command, "--replSet", NAME], stdout=subprocess.DEVNULL)
            )
            processes.callback(process.kill)
            members[port] = process
        until(lambda: all(mongodb.accepts(f"mongodb://{LOOPBACK}:{port}") for port in members))
        begun = ReplicaSet(members)
        begun.begin()
        yield begun


@pytest.mark.timeout(300)
def test_acknowledged_todos_survive_the_death_of_the_primary(tmp_path: Path) -> None:
    with replica_set(tmp_path / "members") as servers:
        reads = {"MONGODB_URL": servers.url}
        of_our_own = LocalStack(
            tmp_path / "stack",
            Ports.free(),
            only=BESIDE_IT,
            environment={"projector": reads, "query-service": reads},
        )
        with of_our_own as stack:
            workload = Workload(stack)
            workload.run(servers.kill_primary)

            until(lambda: todos_in(servers.url) == write_side(stack), within_s=90)
            assert workload.not_in(todos_in(servers.url)) == {}
            assert servers.primary() not in {None, servers.killed}
            last = Client(stack).post("After the primary")
            assert Client(stack).read_after(last)[-1]["title"] == "After the primary"
        of_our_own.remove()
