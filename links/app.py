"""The links' HTTP: the lab's own form, Toxiproxy's, and the questions of the processes."""

from collections.abc import Awaitable
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from flask import Flask, Response
from prometheus_client import CollectorRegistry, Gauge

from chassis.http import new_app
from chassis.lab.routes import add_places
from chassis.problems import Problem, json_response
from links.proxy import Proxy
from links.toxiproxy import add_toxiproxy
from links.ways import Ways

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

LONGEST_WAIT_S = 60.0
_ROUTES = "/routes/"


def create_app(proxy: Proxy, ways: Ways, registry: CollectorRegistry) -> Flask:
    """Return the app of the links."""
    app = new_app("links", {}, registry)
    add_places(app, {name: link.lab for name, link in proxy.links.items()})
    add_toxiproxy(app, proxy.links)
    _count_connections(proxy, registry)

    @app.get(f"{_ROUTES}<process>")
    def show_ways(process: str) -> Response:
        if not ways.knows(process):
            detail = f"No link begins at {process[:40]!r}."
            raise Problem(404, "no-such-process", "There is no such process.", detail)
        return json_response({"through": ways.wanted_of(process)})

    return app


def _count_connections(proxy: Proxy, registry: CollectorRegistry) -> None:
    words = "Connections through the proxy now."
    gauge = Gauge("link_connections", words, ["link"], registry=registry)
    for name, link in proxy.links.items():
        gauge.labels(name).set_function(partial(getattr, link, "connections"))


def questions(ways: Ways, environ: "WSGIEnvironment") -> Awaitable[None] | None:
    """Return the wait that a process's question asks for, or None if a request is none."""
    path: str = environ["PATH_INFO"]
    process = path.removeprefix(_ROUTES)
    if process == path or not ways.knows(process):
        return None
    asked = parse_qs(environ.get("QUERY_STRING", ""))
    comes = asked.get("through", [""])[0].split(",")
    try:
        wait_s = float(asked.get("wait_s", ["0"])[0])
    except ValueError:
        return None
    wait_s = min(max(wait_s, 0.0), LONGEST_WAIT_S)
    who = asked.get("who", [""])[0][:100]
    return ways.news(process, who, [link for link in comes if link], wait_s)
