"""The two runs of a lesson, for everybody to look at."""

from flask import Flask, Response

from chassis.problems import Problem, json_response
from web.lessons.both_runs import BothRuns
from web.lessons.player import Player


def add_lesson_runs(app: Flask, player: Player, both_runs: BothRuns) -> None:
    """Give the app the route of both runs.

    Args:
        app: web.
        player: has the lesson.
        both_runs: holds its runs against each other.
    """

    @app.get("/lesson/runs")
    def show_lesson_runs() -> Response:
        attempt = player.attempt
        told = both_runs.message(attempt) if attempt else None
        if told is None:
            detail = "A lesson has two once its cure has begun."
            raise Problem(404, "no-two-runs", "There are no two runs.", detail)
        return json_response(told)
