"""What `web` has kept: older journeys, one journey in full, the whole run."""

import time
from collections.abc import Sequence
from typing import Any

from flask import Flask, Response

from chassis.problems import Problem, json_body, json_response
from web.gateway import Gateway, ask_all
from web.journeys.faults import Firings
from web.journeys.journey import Journey
from web.journeys.journeys import CAPACITY, Journeys
from web.room.messages import firings_message, journey_message
from web.routes.parameters import number_in_query
from web.routes.run_file import RunFile, in_parts
from web.shared import Shared
from web.turns import in_turns

MOST_MS = 10**15
EXPORTS_APART_S = 1.0


def add_journeys(
    app: Flask, journeys: Journeys, firings: Firings, gateway: Gateway, *, lab: bool
) -> None:
    """Give the app the routes of the journeys.

    Args:
        app: web.
        journeys: the journeys.
        firings: what the lab's switches did to them.
        gateway: the way to the lab of each side, which shows what that side holds now.
        lab: whether there is one.
    """

    @app.get("/journeys")
    def show_journeys() -> Response:
        limit = number_in_query("limit", least=1, most=CAPACITY, default=500)
        before_ms = number_in_query("before_ms", least=0, most=MOST_MS, default=MOST_MS)
        found = journeys.begun_before(before_ms * 1_000_000, limit)
        told = [journey_message(it) for it in in_turns(found)]
        fired = firings.of_events(it.event_id for it in found)
        if found:
            fired += firings.between(min(it.began_ns for it in found), before_ms * 1_000_000)
        return json_response({"journeys": told, "firings": firings_message(fired)})

    @app.get("/journeys/<event_id>")
    def show_journey(event_id: str) -> Response:
        journey = journeys.get(event_id)
        if journey is None:
            detail = f"The last {CAPACITY} are kept."
            raise Problem(404, "no-such-journey", "There is no such journey.", detail)
        event, row, document = _held_of(journey, gateway) if lab else (None, None, None)
        fired = firings_message(firings.of_events([event_id]))
        found = {"journey": journey_message(journey), "firings": fired, "event": event}
        return json_response({**found, "row": row, "document": document})


def add_export(app: Flask, run_file: RunFile) -> None:
    """Give the app the route of the run as one file.

    Args:
        app: web.
        run_file: makes it.
    """
    # The file may have 20 MB: making one for each of a room's browsers would hold up everybody.
    shared = Shared[bytes](EXPORTS_APART_S)

    @app.get("/export")
    def export() -> Response:
        name = time.strftime("eventually-%Y%m%d-%H%M%S.json", time.gmtime())
        body = shared.get(lambda: json_body(run_file.message()))
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(len(body)),
        }
        return Response(in_parts(body), headers=headers, content_type="application/json")


def _held_of(journey: Journey, gateway: Gateway) -> Sequence[Any]:
    path = f"/lab/todos/{journey.todo_id}"
    return ask_all(
        lambda: gateway.value("command-service", f"{path}/events/{journey.version}"),
        lambda: gateway.value("command-service", path),
        lambda: gateway.value("query-service", path),
    )
