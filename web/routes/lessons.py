"""The lessons: everybody may look and answer, and the host plays them. Only with LAB=1."""

from typing import Any

from flask import Flask, Response

from chassis.problems import Problem, json_response, wrong_shape
from web.lessons.player import Player
from web.lessons.shelf import Shelf
from web.routes.host_key import HostKey, only_with
from web.routes.parameters import json_object


def add_lessons(app: Flask, host_key: HostKey, shelf: Shelf, player: Player) -> None:
    """Give the app the routes of the lessons.

    Args:
        app: web.
        host_key: what playing one needs.
        shelf: the lessons that there are.
        player: plays them.
    """
    _add_what_all_may(app, shelf, player)
    _add_beginning_and_end(app, host_key, player)
    _add_steps(app, host_key, player)


def _add_what_all_may(app: Flask, shelf: Shelf, player: Player) -> None:
    @app.get("/lessons")
    def list_lessons() -> Response:
        return json_response(shelf.listed())

    @app.get("/lessons/<lesson_id>")
    def show_lesson(lesson_id: str) -> Response:
        return json_response(shelf.document(lesson_id))

    @app.get("/lesson")
    def show_played() -> Response:
        return json_response(player.shown(whole=True))

    @app.post("/lesson/answers")
    def answer() -> Response:
        player.answer(_step(), _asked("who"), _asked("answer"))
        return json_response({"answered": True})


def _add_beginning_and_end(app: Flask, host_key: HostKey, player: Player) -> None:
    @app.post("/lesson")
    @only_with(host_key)
    def start_lesson() -> Response:
        lesson_id = _asked("lesson")
        if not isinstance(lesson_id, str):
            raise wrong_shape("lesson is the id of a lesson.")
        if json_object().get("sure") is not True:
            detail = f'{player.asks_first(lesson_id)} Send {{"sure": true}} to do it.'
            raise Problem(409, "not-sure", "This cannot be undone.", detail)
        return json_response(player.start(lesson_id))

    @app.delete("/lesson")
    @only_with(host_key)
    def end_lesson() -> Response:
        return json_response(player.end())

    @app.post("/lesson/again")
    @only_with(host_key)
    def play_again() -> Response:
        return json_response(player.again())


def _add_steps(app: Flask, host_key: HostKey, player: Player) -> None:
    @app.post("/lesson/step")
    @only_with(host_key)
    def show_step() -> Response:
        skip = json_object().get("skip") is True
        return json_response(player.show(_step(), skip=skip))

    @app.post("/lesson/act")
    @only_with(host_key)
    def act() -> Response:
        return json_response(player.act(_step()), 202)

    @app.post("/lesson/lock")
    @only_with(host_key)
    def lock() -> Response:
        return json_response(player.lock(_step()))

    @app.post("/lesson/hands")
    @only_with(host_key)
    def count_hands() -> Response:
        return json_response(player.hands(_step(), _asked("counts")))


def _step() -> int:
    step = _asked("step")
    if type(step) is not int:
        raise wrong_shape("step is the number of a step, from 0.")
    return step


def _asked(name: str) -> Any:
    asked = json_object()
    if name not in asked:
        raise wrong_shape(f"{name} is missing.")
    return asked[name]
