"""Pages of a large read model, and 304s, against a constant and MongoDB's answer in a row."""

import random
import time
from collections.abc import Callable

import requests

from bench import load
from bench.floors import against_floor
from bench.neighbours import Neighbours
from bench.report import Row
from bench.rig import Rig, constant
from bench.stores import Stores
from bench.turns import Tell, in_turn

# What the query service asks for.
LIVE = {"deleted": {"$exists": False}}
SHOWN = {"title": 1, "completed": 1}
# As many as the query service has.
THREADS = 32
# Of 16 connections, half wait for a read of the page while the other half gathers for the next:
# nobody is answered by a read that began before the request came (decision 13).
SHARING = 8
PAGE = 50
# Other pages are up to this much shorter or longer. With few todos there would be few other pages,
# and any cache of pages would soon have all of them.
VARIED = 10
SECONDS = 2


def measure(rig: Rig, tell: Tell, neighbours: Neighbours) -> list[Row]:
    """Read the same page again and again, then a different one each time, then a known one."""
    base = rig.stack.urls.query_service
    first = requests.get(base + page(0), timeout=10)
    newest = rig.stores.newest_id()
    known = f"If-None-Match: {first.headers['ETag']}\r\n"

    # Web's polling, and its walk after a rebuild, must not be measured here.
    with rig.without("web"), constant(len(first.content), THREADS) as base_of_constant:

        def take() -> list[Row]:
            constants, finds, *ours = in_turn(
                tell,
                "a constant, MongoDB and pages",
                lambda: gets(base_of_constant, "/constant", SECONDS),
                lambda: finds_per_s(rig.stores, newest, SECONDS),
                lambda: gets(base, page(0), SECONDS),
                lambda: gets(base, page(newest // 2), SECONDS),
                lambda: gets(base, page(newest - PAGE - 10), SECONDS),
                lambda: gets_of_any(base, newest, SECONDS),
                lambda: gets(base, page(0), SECONDS, known),
            )
            return _rows(constants, finds, ours)

        return neighbours.calm(take)


def _rows(constants: list[float], finds: list[float], ours: list[list[float]]) -> list[Row]:
    one = {"a constant": constants, "MongoDB and its driver": finds}
    shares = {
        "a constant": constants,
        f"finds, {SHARING} share one": [each * SHARING for each in finds],
    }
    shared = f"a constant and {SHARING:g} to a find, in a row"
    names = (
        (f"GET /todos?limit={PAGE}, the same page each time: the first", shared, shares),
        ("the same page each time: one in the middle", shared, shares),
        ("the same page each time: the last", shared, shares),
        ("another page each time", "a constant and a find, in a row", one),
        ("the same page each time, answered 304", shared, shares),
    )
    return [
        against_floor(what, figures, yardstick, parts)
        for (what, yardstick, parts), figures in zip(names, ours, strict=True)
    ]


def finds_per_s(stores: Stores, newest: int, seconds: float) -> float:
    """Return how often a second MongoDB answers a page, and its driver decodes it, one by one."""
    count = 0
    with stores.mongodb() as database:
        todos = database["todos"]
        end_s = (began_s := time.perf_counter()) + seconds
        while time.perf_counter() < end_s:
            after = random.randrange(newest - PAGE)
            found = todos.find({"_id": {"$gt": after}, **LIVE}, SHOWN)
            assert len(list(found.sort("_id", 1).limit(PAGE))) == PAGE
            count += 1
        return count / (time.perf_counter() - began_s)


def page(after: int, limit: int = PAGE) -> str:
    """Return the path of the page after an id."""
    return f"/todos?limit={limit}&after={after}" if after else f"/todos?limit={limit}"


def gets(base: str, path: str, seconds: float, headers: str = "") -> float:
    """Return the answers a second to the same GET; 304s, if headers ask for them."""
    request = load.get(path, headers)
    return _gets(base, lambda _: request, seconds, b"304" if headers else b"200")


def gets_of_any(base: str, newest: int, seconds: float) -> float:
    """Return the answers a second to GETs of different pages, in no particular order."""

    def any_page(_number: int) -> bytes:
        limit = random.randint(PAGE - VARIED, PAGE + VARIED)
        return load.get(page(random.randrange(newest - limit), limit))

    return _gets(base, any_page, seconds, b"200")


def _gets(base: str, request: Callable[[int], bytes], seconds: float, expected: bytes) -> float:
    return load.run(base, request, seconds=seconds, expected=expected).per_s
