"""Commands only: POST with nothing else running, against a constant and pgbench in a row."""

from bench import load, pgbench, reads
from bench.floors import against_floor
from bench.neighbours import Neighbours
from bench.report import Row
from bench.rig import Rig, constant
from bench.turns import Tell, in_turn

SECONDS = 3
# As many as the command service has.
THREADS = 8
# As long as the answer to a creation.
ANSWER_BYTES = 58
NOTHING_NEW = load.post("/todos", b'{"title": "Learn CQRS"}')


def posts(url: str, seconds: float, per_s: float | None = None) -> load.Result:
    """Create todos, as fast as answers come or at a steady rate."""
    return load.run(url, lambda _: NOTHING_NEW, seconds=seconds, per_s=per_s)


def measure(rig: Rig, tell: Tell, neighbours: Neighbours) -> list[Row]:
    """POST with the pipeline idle, against its floor: an HTTP request, and the transaction."""
    urls = rig.stack.urls
    with (
        rig.without("relay", "projector", "query-service", "web"),
        constant(ANSWER_BYTES, THREADS) as base,
    ):
        posts(urls.command_service, 2)
        pgbench.run(urls.database_url, 2)

        def take() -> list[Row]:
            constants, transactions, ours = in_turn(
                tell,
                "a constant, pgbench and POST",
                lambda: reads.gets(base, "/constant", SECONDS),
                lambda: pgbench.run(urls.database_url, SECONDS).per_s,
                lambda: posts(urls.command_service, SECONDS).per_s,
            )
            what = "POST /todos, 16 connections, pipeline idle"
            parts = {"a constant": constants, "pgbench": transactions}
            return [against_floor(what, ours, "a constant and pgbench in a row", parts)]

        rows = neighbours.calm(take)
        # Nobody needs pgbench's todos, so none of them should be published.
        rig.stores.sql("TRUNCATE outbox")
    return rows
