"""What costs more at a million todos than at a thousand? Nothing should."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from uuid import uuid4

import requests

from bench import reads, twin
from bench.commands import posts
from bench.neighbours import Neighbours
from bench.rebuilds import LOGGED
from bench.report import Row, Wanted, at_least, at_most, compare
from bench.rig import Rig, until
from bench.stores import Stores
from bench.turns import Tell, in_turn
from bench.twin import FEW, Twin
from chassis import mongo
from command_service.database import write_database
from command_service.outbox import PREPARED, Outbox
from command_service.relay import BATCH
from query_service.deliveries import PREFETCH
from query_service.events import TodoEvent
from query_service.projections import Todo
from query_service.read_model import ReadModel

AS_FAST = at_least(0.8)
AS_SHORT = at_most(1.5)
SECONDS = 2
LOOKS = 1_000
FULL_LOOKS = 50
BATCHES = 40
TRUTHS = 6
# Far above any todo's id, so that what is written there can be deleted afterwards.
FAR_ABOVE = 10**12


def measure(rig: Rig, tell: Tell, neighbours: Neighbours) -> list[Row]:
    """Measure at a million, and in turn at a thousand."""
    rows: list[Row] = []
    with twin.running(rig) as few:
        with rig.without("web", "relay"):
            # The looks leave events in the outbox, so they are taken once.
            for take, times in ((_looks, 1), (_batches, 2), (_pages, 2), (_posts, 2)):
                rows += neighbours.calm(partial(take, rig, few, tell), times)
        rig.wait_until_drained()
        tell("waiting for web to have read its way to the newest of a million todos")
        took_s = rig.wait_until_idle("web")
        tell(f"it took {took_s:.0f} s")
        rows += neighbours.calm(partial(_truths, rig, few, tell), times=2)
    return rows


def _row(what: str, figures: list[list[float]], unit: str, wanted: Wanted) -> Row:
    at_few, at_many = figures
    return compare(what, at_many, unit, f"at {FEW:,}", at_few, wanted)


def _posts(rig: Rig, few: Twin, tell: Tell) -> list[Row]:
    def at_few() -> float:
        few.start_over()
        return posts(few.command_service, SECONDS).per_s

    def at_many() -> float:
        return posts(rig.stack.urls.command_service, SECONDS).per_s

    figures = in_turn(tell, "POST at few and at many", at_few, at_many)
    return [_row(f"POST /todos at {LOGGED:,}", figures, "a second", AS_FAST)]


def _pages(rig: Rig, few: Twin, tell: Tell) -> list[Row]:
    base, newest = rig.stack.urls.query_service, rig.stores.newest_id()
    first_of_few, first, middle, last, any_of_few, any_of_many = in_turn(
        tell,
        "GET at few and at many",
        lambda: reads.gets(few.query_service, reads.page(0), SECONDS),
        lambda: reads.gets(base, reads.page(0), SECONDS),
        lambda: reads.gets(base, reads.page(newest // 2), SECONDS),
        lambda: reads.gets(base, reads.page(newest - reads.PAGE - 10), SECONDS),
        lambda: reads.gets_of_any(few.query_service, FEW, SECONDS),
        lambda: reads.gets_of_any(base, newest, SECONDS),
    )
    same = f"GET /todos?limit={reads.PAGE} at {LOGGED:,}, the same page each time"
    return [
        _row(f"{same}: the first", [first_of_few, first], "a second", AS_FAST),
        _row("the same, one in the middle", [first_of_few, middle], "a second", AS_FAST),
        _row("the same, the last", [first_of_few, last], "a second", AS_FAST),
        _row("the same, another page each time", [any_of_few, any_of_many], "a second", AS_FAST),
    ]


def _looks(rig: Rig, few: Twin, tell: Tell) -> list[Row]:
    """The relay's own statement, from this process, which leads while the relay is stopped."""
    both = (few.stores, rig.stores)
    with ExitStack() as leading:
        at_few, at_many = (leading.enter_context(_leading(each)) for each in both)
        for stores in both:
            # Autovacuum does this within a minute: the last events' dead rows are not growth.
            stores.sql("VACUUM outbox")
        empty = in_turn(
            tell,
            "the relay's look at few and at many",
            lambda: _median_ms(LOOKS, lambda: at_few.take_oldest(BATCH)),
            lambda: _median_ms(LOOKS, lambda: at_many.take_oldest(BATCH)),
        )
        for stores in both:
            stores.write_events(BATCH, outbox=True)
        full = in_turn(
            tell,
            f"its look at {BATCH} events at few and at many",
            lambda: _median_ms(FULL_LOOKS, lambda: at_few.take_oldest(BATCH)),
            lambda: _median_ms(FULL_LOOKS, lambda: at_many.take_oldest(BATCH)),
        )
    what = "the relay's look"
    return [
        _row(f"{what} at an empty outbox, at {LOGGED:,}", empty, "ms", AS_SHORT),
        _row(f"{what} at {BATCH} events that wait, at {LOGGED:,}", full, "ms", AS_SHORT),
    ]


@contextmanager
def _leading(stores: Stores) -> Iterator[Outbox]:
    outbox = Outbox(write_database(stores.database_url, PREPARED))
    with outbox.closing():
        # The relay's own connection may take a moment to close.
        until(outbox.try_to_lead, 10)
        yield outbox


def _batches(rig: Rig, few: Twin, tell: Tell) -> list[Row]:
    """The projector's own write, from this process."""
    figures = in_turn(
        tell,
        "the projector's batch at few and at many",
        lambda: _apply_ms(few.stores),
        lambda: _apply_ms(rig.stores),
    )
    what = f"the projector's batch of {PREFETCH} new todos, at {LOGGED:,}"
    return [_row(what, figures, "ms", AS_SHORT)]


def _apply_ms(stores: Stores) -> float:
    """Return how long a batch takes, and leave nothing of it behind."""
    database = mongo.database(stores.mongodb_url, timeout_ms=10_000)
    read_model = ReadModel(database)
    batches = iter([_created(FAR_ABOVE + number * PREFETCH) for number in range(BATCHES)])
    took_ms = _median_ms(BATCHES, lambda: read_model.apply(next(batches)))
    database["todos"].delete_many({"_id": {"$gte": FAR_ABOVE}})
    database.client.close()
    return took_ms


def _created(first_id: int) -> list[TodoEvent]:
    todos = [Todo(first_id + number, "Bench todo", False, 1) for number in range(PREFETCH)]
    return [TodoEvent("1.0", str(uuid4()), "todo.created.v1", todo) for todo in todos]


def _truths(rig: Rig, few: Twin, tell: Tell) -> list[Row]:
    """What the page asks for to compare both truths."""
    few.start_over()
    sizes: tuple[list[float], list[float]] = ([], [])

    def truths_ms(web: str, of_web: list[float]) -> float:
        took_ms = []
        for _ in range(TRUTHS):
            # Longer than web goes on sharing an answer.
            time.sleep(0.3)
            began_s = time.perf_counter()
            answer = requests.get(f"{web}/truths?limit=200", timeout=30)
            took_ms.append((time.perf_counter() - began_s) * 1000)
            of_web.append(len(answer.content))
        return statistics.median(took_ms)

    figures = in_turn(
        tell,
        "GET /truths at few and at many",
        lambda: truths_ms(few.web, sizes[0]),
        lambda: truths_ms(rig.stack.urls.web, sizes[1]),
    )
    what = f"GET /truths?limit=200 (web's reconciliation) at {LOGGED:,}"
    return [
        _row(what, figures, "ms", AS_SHORT),
        _row("its size", list(sizes), "bytes", AS_SHORT),
    ]


def _median_ms(times: int, act: Callable[[], object]) -> float:
    took_ms = []
    for _ in range(times):
        began_s = time.perf_counter()
        act()
        took_ms.append((time.perf_counter() - began_s) * 1000)
    return statistics.median(took_ms)
