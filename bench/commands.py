"""Commands only: POST with nothing else running, against pgbench with the same statements."""

from bench import load, pgbench
from bench.report import Row, at_least, compare
from bench.rig import Rig
from bench.turns import Tell, in_turn

SECONDS = 4
NOTHING_NEW = load.post("/todos", b'{"title": "Learn CQRS"}')


def posts(url: str, seconds: float, per_s: float | None = None) -> load.Result:
    """Create todos, as fast as answers come or at a steady rate."""
    return load.run(url, lambda _: NOTHING_NEW, seconds=seconds, per_s=per_s)


def measure(rig: Rig, tell: Tell) -> list[Row]:
    """POST with the pipeline idle, against pgbench."""
    urls = rig.stack.urls
    with rig.without("relay", "projector", "query-service", "web"):
        posts(urls.command_service, 2)
        pgbench.run(urls.database_url, 2)
        limit, ours = in_turn(
            tell,
            "pgbench and POST",
            lambda: pgbench.run(urls.database_url, SECONDS).per_s,
            lambda: posts(urls.command_service, SECONDS).per_s,
        )
        # Nobody needs pgbench's todos, so none of them should be published.
        rig.stores.sql("TRUNCATE outbox")
    what = "POST /todos, 16 connections, pipeline idle"
    return [compare(what, ours, "a second", "pgbench", limit, at_least(0.6))]
