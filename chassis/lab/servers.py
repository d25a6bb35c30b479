"""The versions of the servers that a process talks to."""

from collections.abc import Callable, Mapping

from flask import Flask, Response

from chassis.errors import ServerUnavailable
from chassis.problems import json_response

# By the server's name, what returns its version. It raises ServerUnavailable.
Versions = Mapping[str, Callable[[], str]]


def add_servers(app: Flask, versions: Versions) -> None:
    """Give the app the route that tells them; null for a server that cannot be reached."""

    @app.get("/lab/servers")
    def show_servers() -> Response:
        return json_response({name: _told(version) for name, version in versions.items()})


def _told(version: Callable[[], str]) -> str | None:
    try:
        return version()
    except ServerUnavailable:
        return None
