"""The lab: the switches of every process, the poller's interval and the load. Only with LAB=1."""

from flask import Flask, Response, request

from chassis.lab.source import add_source
from chassis.problems import Problem, json_response
from web.background.burst import Burst
from web.background.todo_poller import TodoPoller
from web.places import Places
from web.routes.forwarding import headers_of, passed_back
from web.routes.host_key import HostKey, only_with
from web.routes.parameters import json_object, numbers_in_body


def add_switches(app: Flask, host_key: HostKey, places: Places) -> None:
    """Give the app the switches: everyone may see them, and only the host may set them.

    Args:
        app: web.
        host_key: what setting one needs.
        places: where they are.
    """

    @app.get("/lab")
    def show_lab() -> Response:
        return json_response(places.shown())

    # Of web itself.
    add_source(app)

    @app.get("/lab/<place>/source")
    def show_source_of(place: str) -> Response:
        return passed_back(places.source(place, request.args.get("object", "")))

    @app.put("/lab/<place>/switches/<name>")
    @only_with(host_key)
    def switch(place: str, name: str) -> Response:
        headers = headers_of(request, ("Content-Type",))
        return passed_back(places.ask(place, name, "PUT", "", request.get_data(), headers))

    @app.post("/lab/<place>/switches/<name>/<any(release, kill):what>")
    @only_with(host_key)
    def let_go(place: str, name: str, what: str) -> Response:
        headers = headers_of(request, ("Content-Type",))
        return passed_back(places.ask(place, name, "POST", f"/{what}", request.get_data(), headers))


def add_poll(app: Flask, host_key: HostKey, poller: TodoPoller) -> None:
    """Give the app the route that sets how often the poller reads.

    Args:
        app: web.
        host_key: what it needs.
        poller: whose interval it is.
    """

    @app.put("/poll")
    @only_with(host_key)
    def poll() -> Response:
        [interval_ms] = numbers_in_body(interval_ms=(50, 5000))
        poller.set_interval(interval_ms)
        return json_response({"interval_ms": interval_ms})


def add_burst(app: Flask, host_key: HostKey, burst: Burst) -> None:
    """Give the app the routes that start and stop the load.

    Args:
        app: web.
        host_key: what they need.
        burst: the load.
    """

    @app.post("/burst")
    @only_with(host_key)
    def start() -> Response:
        if not burst.start(*_load_asked_for()):
            detail = "Wait for it, or stop it with DELETE /burst."
            raise Problem(409, "burst-running", "A burst is running.", detail)
        return json_response(burst.progress(), 202)

    @app.delete("/burst")
    @only_with(host_key)
    def stop() -> Response:
        burst.stop()
        return json_response(burst.progress())


def _load_asked_for() -> tuple[int, int | None]:
    """Return how many commands, and how many a second; None for as fast as they are answered."""
    if "count" in json_object():
        [count] = numbers_in_body(count=(1, 1000))
        return count, None
    per_second, seconds = numbers_in_body(per_second=(1, 200), seconds=(1, 60))
    return per_second * seconds, per_second
