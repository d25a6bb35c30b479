"""The lab's routes: they show a process's switches, and set them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, request
from werkzeug.datastructures import MultiDict

from chassis.errors import ServerUnavailable
from chassis.lab.lab import Lab
from chassis.lab.match import MAX_ID
from chassis.lab.parameters import BadSetting
from chassis.lab.source import add_source
from chassis.numbers import whole_number
from chassis.problems import Problem, json_response, wrong_shape

# A window shows at most this many rows of a store; an id is a 64-bit integer.
MOST_ROWS = 1_000
# The answer to a kill is on its way by then.
KILLED_AFTER_S = 0.1

# Asks the process's store or queue what it holds now. Raises ServerUnavailable.
Holds = Callable[[], Mapping[str, Any]]
# Returns the lab of a place. Raises Problem.
LabOf = Callable[[str], Lab]


def add_lab(app: Flask, lab: Lab, holds: Holds) -> None:
    """Give the app the routes of a process that is one place, and of what it holds."""
    add_source(app)

    @app.get("/lab")
    def show() -> Response:
        try:
            held: Mapping[str, Any] | None = holds()
        except ServerUnavailable:
            held = None
        return json_response({**lab.shown(), "holds": held})

    @app.post("/lab/clear")
    def clear() -> Response:
        return json_response({"cleared": lab.clear(but=_kept())})

    _add_switches(app, "/lab", lambda _place: lab)


def add_places(app: Flask, labs: Mapping[str, Lab]) -> None:
    """Give the app the routes of a process that serves several places, such as links.

    Args:
        app: the process's app.
        labs: the switches of each place, by its name.
    """
    add_source(app)

    def lab_of(place: str) -> Lab:
        if place not in labs:
            raise Problem(404, "no-such-place", "There is no such place.", f"Not {place[:40]!r}.")
        return labs[place]

    @app.get("/lab")
    def show() -> Response:
        return json_response({"places": {place: lab.shown() for place, lab in labs.items()}})

    @app.post("/lab/clear")
    def clear() -> Response:
        return json_response({"cleared": {place: lab.clear() for place, lab in labs.items()}})

    _add_switches(app, "/lab/places/<place>", lab_of)


def wanted_window(query: MultiDict[str, str]) -> tuple[int | None, int]:
    """Return the window that a query asks for: an id to start after, or None; and how many rows."""
    after, limit = (whole_number(query.get(name, "")) for name in ("after", "limit"))
    most = MOST_ROWS if limit is None else min(max(limit, 1), MOST_ROWS)
    return None if after is None else min(after, MAX_ID), most


def _add_switches(app: Flask, path: str, lab_of: LabOf) -> None:
    @app.put(f"{path}/switches/<name>")
    def switch(name: str, place: str = "") -> Response:
        lab = lab_of(place)
        try:
            return json_response(lab.set(name, request.get_json(silent=True)))
        except KeyError:
            raise _no_such_switch(name) from None
        except BadSetting as error:
            raise wrong_shape(str(error)) from error

    @app.post(f"{path}/switches/<name>/release")
    def release(name: str, place: str = "") -> Response:
        lab = lab_of(place)
        try:
            return json_response(lab.release(name, _wanted_firing()))
        except KeyError:
            raise _no_such_switch(name) from None

    @app.post(f"{path}/switches/<name>/kill")
    def kill(name: str, place: str = "") -> Response:
        lab = lab_of(place)
        try:
            state, firing = lab.holds(name), _wanted_firing()
            threading.Timer(KILLED_AFTER_S, lab.kill, (name, firing)).start()
        except KeyError:
            raise _no_such_switch(name) from None
        return json_response(state, 202)


def _kept() -> list[str]:
    """Return the names of the switches that a request wants to stay on."""
    body = request.get_json(silent=True)
    but = body.get("but") if isinstance(body, dict) else None
    return [str(it) for it in but] if isinstance(but, list) else []


def _wanted_firing() -> str | None:
    """Return the firing whose hold is meant; None for all. Raises Problem."""
    body = request.get_json(silent=True) if request.get_data() else {}
    firing = body.get("firing") if isinstance(body, dict) else 0
    if firing is None or isinstance(firing, str):
        return firing
    detail = 'It takes no body, or the id of a firing: {"firing": "…"}.'
    raise wrong_shape(detail)


def _no_such_switch(name: str) -> Problem:
    return Problem(404, "no-such-switch", "There is no such switch.", f"Not {name[:40]!r}.")
