"""The measurements, each against a yardstick taken on the same servers in the same run."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import pika
import psutil
import requests
from pymongo import InsertOne

from bench import load, textbook
from bench.report import Row, at_least, at_most
from bench.rig import Rig, process, until
from chassis.rabbitmq import ConfirmingPublisher, Outgoing, connection_parameters
from stack.ports import Ports

REPEATS = 3
DRAINED = 100_000
LOGGED = 1_000_000
BODY = b'{"title": "Learn CQRS"}'
NOTHING = load.post("/todos", BODY)

Tell = Callable[[str], None]


def _posts(rig: Rig, seconds: float, per_s: float | None = None) -> load.Result:
    return load.run(rig.stack.urls.command_service, lambda _: NOTHING, seconds=seconds, per_s=per_s)


def commands_alone(rig: Rig, tell: Tell) -> list[Row]:
    """POST with the pipeline idle, against pgbench, in turn."""
    ours: list[float] = []
    limit: list[float] = []
    with rig.without("relay", "projector", "query-service", "web"):
        _posts(rig, 2)
        rig.pgbench(2)
        for number in range(REPEATS):
            tell(f"POST against pgbench, {number + 1} of {REPEATS}")
            limit.append(rig.pgbench(4).per_s)
            ours.append(_posts(rig, 4).per_s)
        rig.sql("TRUNCATE outbox")
    return [
        at_least(
            "POST /todos, 16 connections, pipeline idle", ours, "a second", "pgbench", limit, 0.6
        )
    ]


def growth(rig: Rig, tell: Tell, at_start: list[float]) -> list[Row]:
    """POST at a million todos, against POST at few."""
    ours: list[float] = []
    with rig.without("relay", "projector", "query-service", "web"):
        for number in range(REPEATS):
            tell(f"POST at a million todos, {number + 1} of {REPEATS}")
            ours.append(_posts(rig, 4).per_s)
        rig.sql("TRUNCATE outbox")
    what = "POST /todos at 1,000,000 todos"
    return [at_least(what, ours, "a second", "POST at few todos", at_start, 0.8)]


def commit_to_readable(
    rig: Rig, tell: Tell, per_s: float, p50_ms: float, p99_ms: float
) -> list[Row]:
    """From the commit in PostgreSQL to the journaled write in MongoDB, at a steady rate."""
    tell(f"commit to readable at {per_s:.0f} a second")
    _posts(rig, 2, per_s)
    began_ms = time.time() * 1000
    _posts(rig, 6, per_s)
    until(lambda: rig.backlog() == 0, 60)
    # The spans' own delay.
    time.sleep(1)
    answer = requests.get(f"{rig.stack.urls.web}/journeys?limit=5000", timeout=30)
    took_ms = []
    for journey in answer.json()["journeys"]:
        at_ms = {hop["hop"]: hop["at_ms"] for hop in journey["hops"]}
        if {"committed", "projected"} <= set(at_ms) and at_ms["committed"] > began_ms:
            took_ms.append(at_ms["projected"] - at_ms["committed"])
    took_ms.sort()
    what = f"commit to readable, {per_s:.0f} a second"
    return [
        at_most(
            f"{what}, {name} of {len(took_ms)}",
            [took_ms[int(share * len(took_ms))]],
            "ms",
            "wanted",
            [wanted],
            1,
        )
        for name, share, wanted in (("p50", 0.5, p50_ms), ("p99", 0.99, p99_ms))
    ]


def commands_sustained(rig: Rig, tell: Tell, seconds: int = 60) -> list[Row]:
    """POST for a minute with the whole pipeline running, and what the textbook's does."""
    tell("pgbench, for the sustained load")
    limit = [rig.pgbench(4).per_s for _ in range(REPEATS)]
    rig.sql("TRUNCATE outbox")
    tell(f"POST for {seconds} s with the whole pipeline")
    result: list[load.Result] = []
    sender = threading.Thread(target=lambda: result.append(_posts(rig, seconds)))
    sender.start()
    time.sleep(10)
    early = rig.backlog()
    sender.join()
    late = rig.backlog()
    tell("waiting for the read model")
    until(lambda: rig.backlog() == 0, 120)
    ours = result[0].per_s
    per_s, lost = textbook_version(rig, tell)
    rows = [
        at_least(
            "POST /todos for 60 s, whole pipeline", [ours], "a second", "pgbench", limit, 0.35
        ),
        at_least("the same", [ours], "a second", "the textbook version", [per_s], 6),
        at_most(
            "backlog at the end of it",
            [late],
            "events",
            "after 10 s (or 500)",
            [max(early, 500)],
            1,
        ),
        at_most(
            "events lost when the broker restarts under load",
            [0.0],
            "events",
            "the textbook version",
            [max(lost, 1)],
            0,
        ),
    ]
    half = ours / 2
    ours_ms, limit_ms = [], []
    for number in range(REPEATS):
        tell(f"p99 at half of that load, {number + 1} of {REPEATS}")
        ours_ms.append(_posts(rig, 4, half).quantile_ms(0.99))
        limit_ms.append(rig.pgbench(4, per_s=half).quantile_ms(0.99))
    until(lambda: rig.backlog() == 0, 120)
    rows.append(
        at_most("POST /todos p99 at half of that", ours_ms, "ms", "pgbench's p99", limit_ms, 4)
    )
    return rows


def textbook_version(rig: Rig, tell: Tell) -> tuple[float, int]:
    """Return what the textbook version answers a second, and how many events it loses."""
    tell("the textbook version")
    port = str(Ports.free().command_service)
    urls = rig.stack.urls
    settings = {
        "DATABASE_URL": urls.database_url,
        "RABBITMQ_URL": urls.rabbitmq_url,
        "MONGODB_URL": urls.mongodb_url,
        "PORT": port,
    }
    package = textbook.__name__
    base = f"http://127.0.0.1:{port}"
    with process(f"{package}.command_service", **settings):
        until(lambda: _answers(base), 20)
        with process(f"{package}.consumer", **settings):
            speed = _textbook_posts(base, 5)
        # Nobody consumes while the broker restarts, so that what is missing was never published.
        _restart_under_load(rig, base)
    with process(f"{package}.consumer", **settings), rig.mongodb() as database:
        counts: list[int] = []

        def settled() -> bool:
            counts.append(database["textbook"].count_documents({}))
            time.sleep(0.3)
            return len(counts) > 5 and len(set(counts[-5:])) == 1

        until(settled, 60)
        held = {document["_id"] for document in database["textbook"].find({}, {"_id": 1})}
    written = {row[0] for row in rig.sql("SELECT id FROM textbook_todos")}
    tell(f"the textbook version lost {len(written - held)} of {len(written)} events")
    return speed, len(written - held)


def _answers(base: str) -> bool:
    try:
        requests.get(base, timeout=1)
    except requests.RequestException:
        return False
    return True


def _textbook_posts(base: str, seconds: float) -> float:
    """Flask's own server closes each connection, so the keep-alive load does not fit it."""
    end_s = time.perf_counter() + seconds
    counts = [0] * 16

    def send(worker: int) -> None:
        while time.perf_counter() < end_s:
            answer = requests.post(f"{base}/todos", json={"title": "Learn CQRS"}, timeout=30)
            counts[worker] += answer.status_code == 201

    workers = [threading.Thread(target=send, args=(number,)) for number in range(16)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(counts) / seconds


def _restart_under_load(rig: Rig, base: str) -> None:
    stop = threading.Event()

    def send() -> None:
        while not stop.is_set():
            with contextlib.suppress(requests.RequestException):
                requests.post(f"{base}/todos", json={"title": "Learn CQRS"}, timeout=10)

    workers = [threading.Thread(target=send) for _ in range(4)]
    for worker in workers:
        worker.start()
    time.sleep(0.5)
    rig.stack.stop_program("rabbitmq")
    rig.stack.start_program("rabbitmq")
    stop.set()
    for worker in workers:
        worker.join()


def drains(rig: Rig, tell: Tell) -> list[Row]:
    """The relay and the projector, each emptying what has piled up."""
    rig.stack.stop_program("projector")
    rig.stack.stop_program("relay")
    tell(f"writing {DRAINED} events")
    rig.write_events(DRAINED, outbox=True)
    bodies = [row[0] for row in rig.sql("SELECT cloud_event FROM cloud_events LIMIT 20000")]
    tell("pipelined publishing of the same bytes")
    publishing = [_publish(rig, bodies) for _ in range(REPEATS)]
    tell("the relay drains")
    relayed = _time_of(rig, "relay", lambda: not rig.sql("SELECT FROM outbox LIMIT 1"))
    tell("bulk_write of the same documents")
    writing = [_bulk_write(rig, bodies) for _ in range(REPEATS)]
    tell("the projector drains")
    with rig.mongodb() as database:
        before = database["todos"].estimated_document_count()
        projected = _time_of(
            rig,
            "projector",
            lambda: database["todos"].estimated_document_count() >= before + DRAINED,
        )
    until(lambda: rig.backlog() == 0, 60)
    rows = []
    for what, figure, yardstick, limits, share, floor in (
        ("relay drains 100,000", relayed, "pipelined publishing", publishing, 0.5, 10_000),
        ("projector drains 100,000", projected, "bulk_write in 500s", writing, 0.7, 6_000),
    ):
        rows.append(at_least(what, [figure], "a second", yardstick, limits, share))
        rows.append(at_least("the same", [figure], "a second", "wanted", [floor], 1))
    return rows


def _time_of(rig: Rig, program: str, done: Callable[[], bool]) -> float:
    """Return events a second from the start of work, without the start of the process."""
    rig.stack.start_program(program)
    return DRAINED / until(done, 120)


def _publish(rig: Rig, bodies: list[str]) -> float:
    def declare(channel: Any, then: Any) -> None:
        channel.queue_declare(
            "bench", durable=True, arguments={"x-queue-type": "quorum"}, callback=then
        )

    parameters = connection_parameters(rig.stack.urls.rabbitmq_url, "bench")
    with ConfirmingPublisher(parameters, "", declare) as publisher:
        until(lambda: _ready(publisher), 10)
        began_s = time.perf_counter()
        for start in range(0, len(bodies), 500):
            publisher.publish(
                [
                    Outgoing("bench", body.encode(), pika.BasicProperties(delivery_mode=2))
                    for body in bodies[start : start + 500]
                ]
            )
        return len(bodies) / (time.perf_counter() - began_s)


def _ready(publisher: ConfirmingPublisher) -> bool:
    try:
        publisher.check()
    except Exception:  # noqa: BLE001, whatever is not yet there
        return False
    return True


def _bulk_write(rig: Rig, bodies: list[str]) -> float:
    documents = [json.loads(body)["data"] for body in bodies]
    with rig.mongodb() as database:
        database.drop_collection("bench")
        began_s = time.perf_counter()
        for start in range(0, len(documents), 500):
            database["bench"].bulk_write(
                [InsertOne({"_id": each["id"], **each}) for each in documents[start : start + 500]],
                ordered=False,
            )
        took_s = time.perf_counter() - began_s
        database.drop_collection("bench")
    return len(documents) / took_s


def rebuilds(rig: Rig, tell: Tell) -> list[Row]:
    """The rebuild from a long log, against inserting its result."""
    have = rig.sql("SELECT count(*) FROM events")[0][0]
    with rig.without("relay"):
        while have < LOGGED:
            step = min(100_000, LOGGED - have)
            tell(f"writing the log, {have} of {LOGGED}")
            rig.write_events(step, outbox=False)
            have += step
    rig.sql("ANALYZE")
    tell("rebuilding")
    most_mb = [0.0]
    urls = rig.stack.urls
    began_s = time.perf_counter()
    rebuild = subprocess.Popen(
        [sys.executable, "-m", "query_service.rebuild"],
        env={
            **os.environ,
            "COMMAND_SERVICE_URL": urls.command_service,
            "MONGODB_URL": urls.mongodb_url,
        },
        stderr=subprocess.DEVNULL,
    )
    watched = psutil.Process(rebuild.pid)
    while rebuild.poll() is None:
        try:
            most_mb[0] = max(most_mb[0], watched.memory_info().rss / 1e6)
        except psutil.Error:
            break
        time.sleep(0.1)
    rebuild.wait()
    rate = have / (time.perf_counter() - began_s)
    tell("insert_many of the result")
    with rig.mongodb() as database:
        sample = list(database["todos"].find({}, {"batch": 0}).limit(100_000))
        database.drop_collection("bench")
        began_s = time.perf_counter()
        for start in range(0, len(sample), 10_000):
            database["bench"].insert_many(sample[start : start + 10_000], ordered=False)
        limit = len(sample) / (time.perf_counter() - began_s)
        database.drop_collection("bench")
    return [
        at_least("rebuild from 1,000,000 events", [rate], "a second", "insert_many", [limit], 0.5),
        at_most("its memory", most_mb, "MB", "wanted", [250.0], 1),
    ]


def queries(rig: Rig, tell: Tell) -> list[Row]:
    """Pages of a large read model, and 304s, against the same server answering a constant."""
    urls = rig.stack.urls
    first = requests.get(f"{urls.query_service}/todos?limit=50", timeout=10)
    with rig.mongodb() as database:
        newest = next(iter(database["todos"].find({}, {"_id": 1}).sort("_id", -1)))["_id"]
    port = Ports.free().query_service
    rows = []
    settings = {"PORT": str(port), "SIZE_BYTES": str(len(first.content))}
    with process("bench.constant", **settings):
        until(lambda: _answers(f"http://127.0.0.1:{port}"), 20)
        tag = f"If-None-Match: {first.headers['ETag']}\r\n"
        for what, path, headers, wanted in (
            ("GET /todos?limit=50, first page", "/todos?limit=50", "", 0.5),
            ("the same, in the middle", f"/todos?limit=50&after={newest // 2}", "", 0.5),
            ("the same, the last", f"/todos?limit=50&after={newest - 60}", "", 0.5),
            ("GET /todos?limit=50 answered 304", "/todos?limit=50", tag, 0.8),
        ):
            ours, limit = [], []
            for number in range(REPEATS):
                tell(f"{what}, {number + 1} of {REPEATS}")
                limit.append(_gets(f"http://127.0.0.1:{port}", "/constant", ""))
                ours.append(_gets(urls.query_service, path, headers))
            rows.append(at_least(what, ours, "a second", "a constant", limit, wanted))
    return rows


def _gets(base: str, path: str, headers: str) -> float:
    request = load.get(path, headers)
    expected = b"304" if headers else b"200"
    return load.run(base, lambda _: request, seconds=2, expected=expected).per_s


def memory(rig: Rig, at_start: dict[str, float]) -> list[Row]:
    """The memory of each process after all of this, against what it had at the start."""
    rows = []
    for name, now_mb in rig.memory_mb().items():
        rows.append(at_most(f"memory of {name}", [now_mb], "MB", "wanted", [90.0], 1))
        start = [max(at_start[name], 1.0)]
        rows.append(at_most("the same", [now_mb], "MB", "its memory at the start", start, 1.1))
    return rows
