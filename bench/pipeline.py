"""The whole pipeline under load: how fast, how fresh, and with how much memory."""

import threading
import time
from dataclasses import dataclass
from typing import Any

import requests

from bench import drains, load, pgbench, reads, textbook_runs
from bench.commands import ANSWER_BYTES, THREADS, posts
from bench.floors import against_floor
from bench.ledger import Ledger
from bench.neighbours import Neighbours
from bench.report import Row, at_least, at_most, compare
from bench.rig import Rig, constant
from bench.textbook_runs import Textbook
from bench.turns import Tell, in_turn

SUSTAINED_S = 60
EARLY_S = 10
PGBENCH_S = 4
CONSTANT_S = 2
# Its parts are measured in batches of 500. Here a batch is what has just arrived, as freshness
# goes first, so less of the floor can be reached.
PIPELINE_SHARE = 0.6
# At a steady rate, before it is measured.
WARM_UP_S = 2
TEXTBOOK_S = 3
# Commands after which connections are open and caches filled.
WARM_UP = 5_000
# Few enough that each is traced, and web keeps its journey.
WARM_UP_PER_S = 200
# Memory must not grow over this many todos; the missing ones are written within these seconds.
TODOS = 100_000
TOP_UP_S = 25
SMALL_BACKLOG = 500
# Longer than a restart of the broker.
RESTART_S = 12
RESTART_PER_S = 100


@dataclass
class Todos:
    """Todos sent through the whole pipeline.

    Args:
        url: the command service.
        count: how many have been created.
    """

    url: str
    count: int = 0

    def post(self, seconds: float, per_s: float | None = None) -> load.Result:
        """Create todos, as fast as answers come or at a steady rate."""
        result = posts(self.url, seconds, per_s)
        self.count += len(result.latencies_s) - result.failed
        return result


def measure(rig: Rig, tell: Tell, neighbours: Neighbours) -> list[Row]:
    """Load the whole pipeline, lightly and then as much as it can take."""
    tell("warming up")
    posts(rig.stack.urls.command_service, WARM_UP / WARM_UP_PER_S, WARM_UP_PER_S)
    rig.wait_until_drained()
    # Web is warm once it has sent everything it keeps, which the request below makes it do.
    _journeys(rig)
    at_start_mb, todos = rig.memory_mb(), Todos(rig.stack.urls.command_service)
    rows = neighbours.calm(lambda: _commit_to_readable(rig, tell, todos, 200, 5, 25))
    with textbook_runs.running(rig) as textbook:
        sustained = neighbours.calm(lambda: _sustained(rig, tell, todos, textbook), times=1)
        per_s = sustained[0].figure
        rows += sustained
        rows += neighbours.calm(
            lambda: _commit_to_readable(rig, tell, todos, 0.7 * per_s, 15, 80), times=2
        )
        _top_up(rig, tell, todos, per_s)
        rows += _memory(rig, at_start_mb, todos.count)
        rows += neighbours.calm(lambda: _latency(rig, tell, todos, per_s / 2), times=2)
        rows += _lost(rig, tell, textbook)
    return rows


def _commit_to_readable(
    rig: Rig, tell: Tell, todos: Todos, per_s: float, p50_ms: float, p99_ms: float
) -> list[Row]:
    """From the commit in PostgreSQL to the journaled write in MongoDB, at a steady rate."""
    tell(f"commit to readable at {per_s:.0f} a second")
    todos.post(WARM_UP_S, per_s)
    began_ms = time.time() * 1000
    todos.post(6, per_s)
    rig.wait_until_drained(60)
    # The spans' own delay.
    time.sleep(1)
    took_ms = []
    for journey in _journeys(rig):
        at_ms = {hop["hop"]: hop["at_ms"] for hop in journey["hops"]}
        if {"committed", "projected"} <= set(at_ms) and at_ms["committed"] > began_ms:
            took_ms.append(at_ms["projected"] - at_ms["committed"])
    took_ms.sort()
    what = f"commit to readable, {per_s:.0f} a second"
    return [
        compare(
            f"{what}, {name} of {len(took_ms):,}",
            [took_ms[int(share * len(took_ms))]],
            "ms",
            "wanted",
            [wanted],
            at_most(1),
        )
        for name, share, wanted in (("p50", 0.5, p50_ms), ("p99", 0.99, p99_ms))
    ]


def _journeys(rig: Rig) -> list[Any]:
    answer = requests.get(f"{rig.stack.urls.web}/journeys?limit=5000", timeout=30)
    journeys: list[Any] = answer.json()["journeys"]
    return journeys


def _sustained(rig: Rig, tell: Tell, todos: Todos, textbook: Textbook) -> list[Row]:
    """POST for a minute, with each yardstick before and after it."""
    bodies = drains.yardstick_events(rig, tell)
    limits, textbooks = [_parts(rig, tell, bodies)], [_textbook(textbook, tell)]
    tell(f"POST for {SUSTAINED_S} s with the whole pipeline")
    ours: list[float] = []
    sender = threading.Thread(target=lambda: ours.append(todos.post(SUSTAINED_S).per_s))
    sender.start()
    time.sleep(EARLY_S)
    early = rig.backlog()
    sender.join()
    late = rig.backlog()
    tell("waiting for the read model")
    rig.wait_until_drained()
    textbooks.append(_textbook(textbook, tell))
    limits.append(_parts(rig, tell, bodies))
    what = f"POST /todos for {SUSTAINED_S} s, whole pipeline"
    of_backlog = f"after {EARLY_S} s (or {SMALL_BACKLOG})"
    parts = {name: [each[name] for each in limits] for name in limits[0]}
    return [
        against_floor(what, ours, "all its parts in a row", parts, PIPELINE_SHARE),
        compare("the same", ours, "a second", "the textbook version", textbooks, at_least(6)),
        compare(
            "backlog at the end of it",
            [late],
            "events",
            of_backlog,
            [max(early, SMALL_BACKLOG)],
            at_most(1),
        ),
    ]


def _parts(rig: Rig, tell: Tell, bodies: list[str]) -> dict[str, float]:
    """Return what each part of the pipeline reaches with both cores to itself."""
    tell("each part of the pipeline by itself")
    with rig.paused("relay"):
        transactions = pgbench.run(rig.stack.urls.database_url, PGBENCH_S).per_s
    rig.wait_until_drained()
    with constant(ANSWER_BYTES, THREADS) as base:
        constants = reads.gets(base, "/constant", CONSTANT_S)
    return {
        "a constant": constants,
        "pgbench": transactions,
        "publishing": drains.publish_per_s(rig, bodies),
        "pika that only acks": drains.consume_per_s(rig, len(bodies)),
        "bulk_write": drains.bulk_write_per_s(rig, bodies),
    }


def _textbook(textbook: Textbook, tell: Tell) -> float:
    tell("the textbook version")
    return textbook.per_s(TEXTBOOK_S)


def _top_up(rig: Rig, tell: Tell, todos: Todos, per_s: float) -> None:
    """Write todos until there are as many as wanted, or time is up."""
    lacking = TODOS - todos.count
    if lacking > 0:
        tell(f"{lacking:,} more todos through the whole pipeline, or as many as {TOP_UP_S} s allow")
        todos.post(min(lacking / per_s, TOP_UP_S))
    rig.wait_until_drained()


def _memory(rig: Rig, at_start_mb: dict[str, float], written: int) -> list[Row]:
    """The memory of each process after that many todos, against what it had when warm."""
    rows = []
    for name, now_mb in rig.memory_mb().items():
        what = f"memory of {name} after {written:,} todos"
        start = [max(at_start_mb[name], 1.0)]
        rows.append(compare(what, [now_mb], "MB", "wanted", [90.0], at_most(1)))
        of_start = f"after a warm-up of {WARM_UP:,}"
        rows.append(compare("the same", [now_mb], "MB", of_start, start, at_most(1.1)))
    return rows


def _latency(rig: Rig, tell: Tell, todos: Todos, per_s: float) -> list[Row]:
    """The slowest of a hundred answers at half of what the pipeline takes, each side warmed up."""

    def by_pgbench() -> float:
        pgbench.run(rig.stack.urls.database_url, WARM_UP_S, per_s=per_s)
        return pgbench.run(rig.stack.urls.database_url, PGBENCH_S, per_s=per_s).quantile_ms(0.99)

    def by_posts() -> float:
        # The first second of a flood is traced like a trickle, which makes it slower.
        todos.post(WARM_UP_S, per_s)
        return todos.post(PGBENCH_S, per_s).quantile_ms(0.99)

    limit_ms, ours_ms = in_turn(tell, f"p99 at {per_s:.0f} a second", by_pgbench, by_posts)
    rig.wait_until_drained()
    what = "POST /todos p99 at half of that"
    return [compare(what, ours_ms, "ms", "pgbench's p99", limit_ms, at_most(4))]


def _lost(rig: Rig, tell: Tell, textbook: Textbook) -> list[Row]:
    """Restart the broker while both are sent commands, and look for what was acknowledged."""
    ledger = Ledger("Broker restarts")
    with ledger.loading(rig.stack.urls.command_service, RESTART_S, RESTART_PER_S):
        by_the_textbook = textbook.lost_with_the_broker(tell)
    rig.wait_until_drained()
    what = f"events lost when the broker restarts, of {len(ledger):,} todos"
    lost, limit = [ledger.lost(rig.stores)], [by_the_textbook]
    return [compare(what, lost, "events", "the textbook version", limit, at_most(0))]
