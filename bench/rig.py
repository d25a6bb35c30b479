"""The stack as the bench uses it: parts stopped and started, tables filled, memory read."""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import requests
from pymongo import MongoClient
from pymongo.database import Database

from command_service.store import PREPARED
from stack.local import LocalStack
from stack.servers import postgresql

OURS = ("command-service", "relay", "projector", "query-service", "web")
UNSAMPLED = "00-4bf92f3577b34da6a3ce929d0e0e4730-00f067aa0ba902b7-00"


@dataclass
class Rig:
    """A running stack, and what to do with it."""

    stack: LocalStack

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run one statement, and return its rows."""
        connection = psycopg2.connect(self.stack.urls.database_url)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    @contextmanager
    def mongodb(self) -> Iterator[Database[dict[str, Any]]]:
        """Lend the read store."""
        with MongoClient[dict[str, Any]](self.stack.urls.mongodb_url, w="majority") as client:
            yield client.get_default_database()

    def holds(self, process: str) -> dict[str, Any]:
        """Return what a process's store or queue holds."""
        answer = requests.get(f"{self.stack.urls.base(process)}/lab", timeout=10)
        held: dict[str, Any] = answer.json()["holds"]
        return held

    def backlog(self) -> int:
        """Return how many events are between the outbox and the read model."""
        projector = self.holds("projector")
        waiting: int = projector["queue"] + projector["unacked"]
        return waiting + int(self.sql("SELECT count(*) FROM outbox")[0][0])

    @contextmanager
    def without(self, *programs: str) -> Iterator[None]:
        """Stop programs for a while."""
        for program in programs:
            self.stack.stop_program(program)
        try:
            yield
        finally:
            for program in programs:
                self.stack.start_program(program)

    def memory_mb(self) -> dict[str, float]:
        """Return the memory of each process of ours, its children included."""
        return {name: _memory_mb(self.stack.pid(name)) for name in OURS}

    def write_events(self, count: int, *, outbox: bool) -> None:
        """Write todos with their first event, as the command service would."""
        self.sql(
            f"""
            WITH todo AS (
                INSERT INTO todos (title)
                SELECT 'Bench todo ' || n FROM generate_series(1, %s) AS n
                RETURNING id, title, completed, version
            ), event AS (
                INSERT INTO events (id, kind, todo_id, version, title, completed, traceparent)
                SELECT gen_random_uuid(), 'todo.created', id, version, title, completed,
                       '{UNSAMPLED}'
                FROM todo RETURNING position, transaction_id
            )
            INSERT INTO outbox (position, transaction_id)
            SELECT position, transaction_id FROM event WHERE %s
            """,
            count,
            outbox,
        )

    def pgbench(self, seconds: int, *, per_s: float | None = None) -> "PgbenchResult":
        """Run pgbench with the statements of a creation, 16 clients, its default protocol."""
        script = _plain_creation()
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "create.sql").write_text(script)
            command = [
                str(_pgbench()), "-n", "-c", "16", "-j", "1", "-T", str(seconds),
                "-f", "create.sql", "--log", "--log-prefix=latencies",
            ]  # fmt: skip
            if per_s is not None:
                command += ["--rate", f"{per_s:.0f}"]
            done = subprocess.run(
                [*command, self.stack.urls.database_url],
                cwd=folder,
                capture_output=True,
                text=True,
                check=True,
            )
            per_second = re.search(r"tps = ([\d.]+)", done.stdout)
            log = "".join(path.read_text() for path in Path(folder).glob("latencies*"))
            latencies_ms = [int(each.split()[2]) / 1000 for each in log.splitlines()]
        return PgbenchResult(float(per_second[1]) if per_second else 0.0, latencies_ms)


@dataclass(frozen=True)
class PgbenchResult:
    """What pgbench measured."""

    per_s: float
    latencies_ms: list[float]

    def quantile_ms(self, share: float) -> float:
        """Return the latency that a share of the transactions did not exceed."""
        return statistics.quantiles(self.latencies_ms, n=1000)[round(share * 1000) - 1]


def _pgbench() -> Path:
    for binaries in postgresql.found():
        if (binaries.folder / "pgbench").is_file():
            return binaries.folder / "pgbench"
    raise SystemExit("pgbench is missing; it comes with PostgreSQL (apt-get install postgresql).")


def _plain_creation() -> str:
    """Return the statement of a creation with its values in it, as a driver would send it."""
    statement = PREPARED.split("AS\n", 1)[1].split(";", 1)[0]
    return statement.replace("$1", "'Learn CQRS'").replace("$2", f"'{UNSAMPLED}'") + ";\n"


def _memory_mb(pid: int | None) -> float:
    if pid is None:
        return 0.0
    process = psutil.Process(pid)
    # The unique part: pages that parent and forked worker share are counted once.
    sizes = [each.memory_full_info().uss for each in (process, *process.children(recursive=True))]
    return sum(sizes) / 1e6


def until(condition: Callable[[], bool], within_s: float) -> float:
    """Poll until the condition is true, and return the seconds it took."""
    began_s = time.perf_counter()
    while not condition():
        if time.perf_counter() - began_s > within_s:
            raise TimeoutError(f"not within {within_s} s")
        # Each look costs what is measured some time; drains take seconds.
        time.sleep(0.05)
    return time.perf_counter() - began_s


@contextmanager
def process(module: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process for a while."""
    started = subprocess.Popen(
        [sys.executable, "-m", module],
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        started.terminate()
        started.wait(timeout=15)
