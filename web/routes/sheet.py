"""The evidence sheet of the lesson that is played, or was played last. Only with LAB=1."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, Response

from chassis.problems import Problem, json_body
from web.gateway import Gateway, ask_all
from web.lessons.machine import machine
from web.lessons.player import Player
from web.lessons.sheet import sheet
from web.routes.at_once import AtOnce
from web.routes.run_file import RunFile, in_parts

# Each talks to some servers, and tells their versions.
TELL_VERSIONS = ("command-service", "relay", "projector", "query-service")
# A sheet may have some MB, and takes web some tenths of a second.
MOST_AT_ONCE = 4


class ServerVersions:
    """The versions of the servers, as the processes tell them; the last that were heard.

    Args:
        gateway: the way to the processes.
        processes: who is asked.
    """

    def __init__(self, gateway: Gateway, processes: Sequence[str] = TELL_VERSIONS) -> None:
        self._gateway = gateway
        self._processes = processes
        self._known: dict[str, str | None] = {}

    def told(self) -> Mapping[str, str | None]:
        """Return the version of each server; None for one of which nobody has ever told it."""
        asks = [lambda it=it: self._gateway.value(it, "/lab/servers") for it in self._processes]
        for told in ask_all(*asks):
            for name, version in (told or {}).items():
                self._known[name] = version or self._known.get(name)
        return dict(self._known)


def add_sheet(app: Flask, player: Player, run_file: RunFile, versions: ServerVersions) -> None:
    """Give the app the route of the sheet.

    Args:
        app: web.
        player: plays the lessons.
        run_file: makes the file of a run.
        versions: of the servers.
    """
    at_once = AtOnce(MOST_AT_ONCE)

    @app.get("/lesson/sheet")
    def show_sheet() -> Response:
        attempt = player.attempt
        if attempt is None:
            title = "There is no sheet yet."
            raise Problem(404, "no-lesson", title, "No lesson has been started.")
        with at_once.one():
            body = json_body(told(attempt))
        name = f"eventually-{attempt.lesson.id}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}.json"',
            "Content-Length": str(len(body)),
        }
        return Response(in_parts(body), headers=headers, content_type="application/json")

    def told(attempt: Any) -> dict[str, Any]:
        here = machine()
        known = {**versions.told(), "python": here["python"]}
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return sheet(attempt, run_file.message(attempt.began_ms), here, known, when)
