"""What the host may do: set the switches, the poller's interval and the load. With LAB=1 alone."""

from collections.abc import Callable
from functools import wraps
from hmac import compare_digest
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, request

from chassis.problems import Problem, json_response
from web.burst import Burst
from web.gateway import Gateway
from web.passing import as_it_was, some_headers
from web.poller import TodoPoller
from web.settings import Settings

View = Callable[..., Response]


def add_control(
    app: Flask, settings: Settings, gateway: Gateway, poller: TodoPoller, burst: Burst
) -> None:
    """Give the app the lab's routes; whatever changes something needs the host key.

    Args:
        app: web.
        settings: what web is told.
        gateway: the way to the processes.
        poller: whose interval can be changed.
        burst: the load.
    """
    for_the_host = _with_key(settings.host_key)

    @app.get("/lab")
    def show_lab() -> Response:
        return json_response({process: gateway.value(process, "/lab") for process in settings.urls})

    @app.put("/lab/<process>/switches/<name>")
    @for_the_host
    def switch(process: str, name: str) -> Response:
        if process not in settings.urls:
            raise Problem(404, "no-such-process", "There is no such process.")
        path = f"/lab/switches/{quote(name, safe='')}"
        headers = some_headers(request, ("Content-Type",))
        return as_it_was(gateway.ask(process, "PUT", path, request.get_data(), headers))

    @app.put("/poll")
    @for_the_host
    def poll() -> Response:
        [interval_ms] = _numbers(interval_ms=(50, 5000))
        poller.set_interval(interval_ms)
        return json_response({"interval_ms": interval_ms})

    @app.post("/burst")
    @for_the_host
    def start() -> Response:
        if "count" in _body():
            [count] = _numbers(count=(1, 1000))
            per_second = None
        else:
            per_second, seconds = _numbers(per_second=(1, 200), seconds=(1, 60))
            count = per_second * seconds
        if not burst.start(count, per_second):
            detail = "Wait for it, or stop it with DELETE /burst."
            raise Problem(409, "burst-running", "A burst is running.", detail)
        return json_response(burst.progress(), 202)

    @app.delete("/burst")
    @for_the_host
    def stop() -> Response:
        burst.stop()
        return json_response(burst.progress())


def _with_key(host_key: str) -> Callable[[View], View]:
    """Return a decorator that lets the host through, and nobody else."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**arguments: Any) -> Response:
            given = request.headers.get("Authorization", "")
            if not compare_digest(given.encode(), f"Bearer {host_key}".encode()):
                detail = "It was printed when the stack started."
                needed = {"WWW-Authenticate": "Bearer"}
                raise Problem(401, "host-key-needed", "This needs the host key.", detail, needed)
            return view(**arguments)

        return guarded

    return decorate


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def _numbers(**wanted: tuple[int, int]) -> list[int]:
    """Return these whole numbers of the body, which has nothing else. Raises Problem."""
    body = _body()
    fitting = all(
        type(body.get(name)) is int and least <= body[name] <= most
        for name, (least, most) in wanted.items()
    )
    if not fitting or len(body) > len(wanted):
        fields = " and ".join(f"{name} from {a} to {b}" for name, (a, b) in wanted.items())
        detail = f"Send whole numbers: {fields}."
        raise Problem(400, "wrong-shape", "The body has the wrong shape.", detail)
    return [body[name] for name in wanted]
