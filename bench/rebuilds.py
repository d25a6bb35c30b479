"""The rebuild of the read model from a long log, against inserting its result."""

import os
import subprocess
import sys
import time

import psutil

from bench.neighbours import Neighbours
from bench.report import Row, at_least, at_most, compare
from bench.rig import Rig
from bench.turns import Tell

LOGGED = 1_000_000
STEP = 100_000
SAMPLE = 100_000
CHUNK = 10_000


def measure(rig: Rig, tell: Tell, neighbours: Neighbours) -> list[Row]:
    """Rebuild from a million events, with insert_many before and after it."""
    _fill_the_log(rig, tell)
    return neighbours.calm(lambda: _rebuilt(rig, tell), times=2)


def _rebuilt(rig: Rig, tell: Tell) -> list[Row]:
    inserting = [_insert_many(rig, tell)]
    tell("rebuilding")
    per_s, most_mb = _rebuild(rig)
    inserting.append(_insert_many(rig, tell))
    what = f"rebuild from {LOGGED:,} events"
    return [
        compare(what, [per_s], "a second", "insert_many", inserting, at_least(0.7)),
        compare("its memory", [most_mb], "MB", "wanted", [250.0], at_most(1)),
    ]


def _fill_the_log(rig: Rig, tell: Tell) -> None:
    """Write todos with their events until there are as many as wanted; none is published."""
    have = rig.stores.sql("SELECT count(*) FROM events")[0][0]
    while have < LOGGED:
        tell(f"writing the log, {have:,} of {LOGGED:,}")
        step = min(STEP, LOGGED - have)
        rig.stores.write_events(step, outbox=False)
        have += step
    rig.stores.sql("ANALYZE")


def _rebuild(rig: Rig) -> tuple[float, float]:
    """Return the events a second, and the most memory that the rebuild took, in MB."""
    urls = rig.stack.urls
    settings = {"COMMAND_SERVICE_URL": urls.command_service, "MONGODB_URL": urls.mongodb_url}
    most_mb = 0.0
    began_s = time.perf_counter()
    rebuild = subprocess.Popen(
        [sys.executable, "-m", "query_service.rebuild"],
        env={**os.environ, **settings},
        stderr=subprocess.DEVNULL,
    )
    watched = psutil.Process(rebuild.pid)
    while rebuild.poll() is None:
        try:
            most_mb = max(most_mb, watched.memory_info().rss / 1e6)
        except psutil.Error:
            break
        time.sleep(0.1)
    if rebuild.wait():
        raise RuntimeError(f"The rebuild ended with {rebuild.returncode}.")
    took_s = time.perf_counter() - began_s
    return rig.stores.sql("SELECT count(*) FROM events")[0][0] / took_s, most_mb


def _insert_many(rig: Rig, tell: Tell) -> float:
    tell("insert_many of documents as the rebuild makes them")
    with rig.stores.mongodb() as database:
        sample = list(database["todos"].find({}, {"batch": 0}).limit(SAMPLE))
        database.drop_collection("bench")
        began_s = time.perf_counter()
        for start in range(0, len(sample), CHUNK):
            database["bench"].insert_many(sample[start : start + CHUNK], ordered=False)
        took_s = time.perf_counter() - began_s
        database.drop_collection("bench")
    return len(sample) / took_s
