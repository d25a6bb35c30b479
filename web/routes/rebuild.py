"""The rebuild, passed on to the query service: everybody may see it, and the host may run it."""

from flask import Flask, Response, request

from web.gateway import Gateway
from web.routes.forwarding import headers_of, passed_back
from web.routes.host_key import HostKey, only_with


def add_rebuild(app: Flask, host_key: HostKey, gateway: Gateway) -> None:
    """Give the app the routes of the rebuild.

    Args:
        app: web.
        host_key: what running or interrupting it needs.
        gateway: the way to the query service, which runs it.
    """

    def ask(method: str, body: bytes | None = None) -> Response:
        headers = headers_of(request, ("Content-Type",))
        return passed_back(gateway.ask("query-service", method, "/lab/rebuild", body, headers))

    @app.get("/rebuild")
    def show_rebuild() -> Response:
        return ask("GET")

    @app.post("/rebuild")
    @only_with(host_key)
    def start_rebuild() -> Response:
        return ask("POST", request.get_data())

    @app.delete("/rebuild")
    @only_with(host_key)
    def interrupt_rebuild() -> Response:
        return ask("DELETE")
