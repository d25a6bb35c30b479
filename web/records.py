"""What the page asks for: older journeys, one journey in full, both truths, the whole run."""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask, Response, request

from chassis.errors import ServerUnavailable
from chassis.problems import Problem, json_response
from web.gateway import Gateway
from web.journeys import CAPACITY, Journey, Journeys
from web.messages import Message, journey_message, ms
from web.probes import Probes
from web.room import Room
from web.shared import Shared

MOST_TODOS = 200
# Every browser asks for both truths a few times a second while something happens.
TRUTHS_SHARED_FOR_S = 0.25
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
        limit = _number("limit", least=1, most=CAPACITY, default=500)
        before_ms = _number("before_ms", least=0, most=MOST_MS, default=MOST_MS)
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

    if not lab:
        return

    newest = Shared[bytes](TRUTHS_SHARED_FOR_S)

    @app.get("/truths")
    def show_truths() -> Response:
        limit = _number("limit", least=1, most=MOST_TODOS, default=MOST_TODOS)
        window = f"limit={limit}"
        if "after" not in request.args:
            body = newest.get(limit, lambda: _truths(window, limit, newest=True))
        else:
            window += f"&after={_number('after', least=0, most=2**63 - 1, default=0)}"
            body = _truths(window, limit, newest=False)
        return Response(body, mimetype="application/json")

    def _truths(window: str, limit: int, *, newest: bool) -> bytes:
        path = f"/lab/todos?{window}"
        sides = together(
            lambda: _side(gateway, "command-service", path),
            lambda: _side(gateway, "query-service", path),
        )
        cut = _same_window(sides, limit, newest=newest)
        both = {"at_ms": ms(time.time_ns()), **cut, "postgresql": sides[0], "mongodb": sides[1]}
        return json.dumps(both).encode()


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Call all at the same time, and return what they return."""
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: call(), calls))


def _side(gateway: Gateway, process: str, path: str) -> Message:
    try:
        answer = gateway.probe(process, path)
    except ServerUnavailable as error:
        return {"at_ms": ms(time.time_ns()), "todos": [], "error": error.reason}
    try:
        held = json.loads(answer.body)
        return {"at_ms": ms(answer.ended_ns), "todos": held["todos"], "error": None}
    except (ValueError, LookupError, TypeError):
        # A problem document says which server it is that cannot be reached.
        reason = f"{process} answers {answer.status}"
        return {"at_ms": ms(answer.ended_ns), "todos": [], "error": reason}


def _same_window(sides: Sequence[Message], limit: int, *, newest: bool) -> Message:
    """Cut both sides to the ids that both answers cover, and return these bounds.

    A side that gave as many as it may says nothing of what lies beyond; without the cut, todos
    there would look as if the other side alone had them.
    """
    ends = [
        side["todos"][0 if newest else -1]["id"] for side in sides if len(side["todos"]) >= limit
    ]
    after = max(ends) - 1 if newest and ends else 0
    upto = min(ends) if ends and not newest else None
    for side in sides:
        side["todos"] = [
            it for it in side["todos"] if it["id"] > after and (upto is None or it["id"] <= upto)
        ]
    return {"after": after, "upto": upto}


def _number(name: str, *, least: int, most: int, default: int) -> int:
    value = request.args.get(name, default)
    try:
        number = round(float(value)) if name.endswith("_ms") else int(value)
    except (ValueError, OverflowError):
        number = least - 1
    if not least <= number <= most:
        detail = f"{name} has to be a whole number from {least} to {most}."
        raise Problem(400, "bad-parameter", "A parameter cannot be used.", detail)
    return number
