"""Both truths: every browser asks for them a few times a second while something happens."""

import json

from flask import Flask, Response, request

from web.brief_cache import BriefCache
from web.gateway import Gateway
from web.journeys.journeys import Journeys
from web.own_time import OwnTime
from web.room.messages import Message
from web.routes.parameters import number_in_query
from web.truths.look import Looks
from web.truths.sides import window

MOST_TODOS = 200
KEPT_FOR_S = 0.25


def add_truths(app: Flask, gateway: Gateway, journeys: Journeys, own_time: OwnTime) -> None:
    """Give the app the route of both truths, as the lab of each side shows them.

    Args:
        app: web.
        gateway: the way to the lab of each side.
        journeys: what is known of the todos' events.
        own_time: the time of all that.
    """
    cache, looks = BriefCache[bytes](KEPT_FOR_S), Looks(gateway, journeys, own_time)

    @app.get("/truths")
    def show_truths() -> Response:
        limit = number_in_query("limit", least=1, most=MOST_TODOS, default=MOST_TODOS)
        if "after" in request.args:
            after = number_in_query("after", least=0, most=2**63 - 1, default=0)
            body = _as_json(window(gateway, own_time, after, limit))
        else:
            body = cache.get(limit, lambda: _as_json(looks.look(limit)))
        return Response(body, mimetype="application/json")


def _as_json(message: Message) -> bytes:
    return json.dumps(message).encode()
