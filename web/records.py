"""What the page asks for: older journeys, one journey in full, the whole run."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask, Response, request

from chassis.problems import Problem, json_response
from web.gateway import Gateway
from web.journeys import CAPACITY, Journey, Journeys
from web.messages import journey_message, ms
from web.probes import Probes
from web.room import Room

MOST_MS = 10**15


def add_records(app: Flask, journeys: Journeys, room: Room, probes: Probes) -> None:
    """Give the app the routes of what web itself has kept.

    Args:
        app: web.
        journeys: the journeys.
        room: what the browsers were told.
        probes: the probe reads.
    """

    @app.get("/journeys")
    def show_journeys() -> Response:
        limit = number("limit", least=1, most=CAPACITY, default=500)
        before_ms = number("before_ms", least=0, most=MOST_MS, default=MOST_MS)
        found = journeys.begun_before(before_ms * 1_000_000, limit)
        return json_response({"journeys": [journey_message(it) for it in found]})

    @app.get("/export")
    def export() -> Response:
        run = {
            "format": "eventually-run",
            "version": 1,
            "at_ms": ms(time.time_ns()),
            "journeys": [journey_message(it) for it in journeys.newest(CAPACITY)],
            "reads": room.reads(),
            "probes": list(probes.newest),
            **room.past(),
        }
        name = time.strftime("eventually-%Y%m%d-%H%M%S.json", time.gmtime())
        return json_response(run, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def add_stores(app: Flask, journeys: Journeys, gateway: Gateway, *, lab: bool) -> None:
    """Give the app the routes of what the stores hold now, as the lab of each side tells it.

    Args:
        app: web.
        journeys: the journeys.
        gateway: the way to the lab of each side.
        lab: whether there is one.
    """

    @app.get("/journeys/<event_id>")
    def show_journey(event_id: str) -> Response:
        journey = journeys.get(event_id)
        if journey is None:
            detail = f"The last {CAPACITY} are kept."
            raise Problem(404, "no-such-journey", "There is no such journey.", detail)
        event, row, document = _held_of(journey) if lab else (None, None, None)
        return json_response(
            {
                "journey": journey_message(journey),
                "event": event,
                "row": row,
                "document": document,
            }
        )

    def _held_of(journey: Journey) -> Sequence[Any]:
        path = f"/lab/todos/{journey.todo_id}"
        return together(
            lambda: gateway.value("command-service", f"{path}/events/{journey.version}"),
            lambda: gateway.value("command-service", path),
            lambda: gateway.value("query-service", path),
        )


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Call all at the same time, and return what they return."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: call(), calls))


def number(name: str, *, least: int, most: int, default: int) -> int:
    """Return a parameter of the query as a number. Raises Problem."""
    value = request.args.get(name, default)
    try:
        given = round(float(value)) if name.endswith("_ms") else int(value)
    except (ValueError, OverflowError):
        given = least - 1
    if not least <= given <= most:
        detail = f"{name} has to be a whole number from {least} to {most}."
        raise Problem(400, "bad-parameter", "A parameter cannot be used.", detail)
    return given
