"""The two runs of a lesson, for everybody to look at."""

from typing import Any

from flask import Flask, Response

from chassis.problems import Problem, json_response
from web.lessons.both_runs import BothRuns
from web.lessons.player import Player
from web.shared import Shared

APART_S = 0.5


def add_lesson_runs(app: Flask, player: Player, both_runs: BothRuns) -> None:
    """Give the app the route of both runs.

    Args:
        app: web.
        player: has the lesson.
        both_runs: holds its runs against each other.
    """
    # A whole room looks at them, each time that they have changed.
    shared = Shared[dict[str, Any] | None](APART_S)

    def both() -> dict[str, Any] | None:
        return both_runs.message(player.attempt) if player.attempt else None

    @app.get("/lesson/runs")
    def show_lesson_runs() -> Response:
        told = shared.get(both)
        if told is None:
            detail = "A lesson has two once its cure has begun."
            raise Problem(404, "no-two-runs", "There are no two runs.", detail)
        return json_response(told)
