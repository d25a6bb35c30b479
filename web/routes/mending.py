"""All clear, the known start and Reset: the host puts the stack right."""

from collections.abc import Callable

from flask import Flask, Response

from chassis.problems import Problem, json_response
from web.mending.mending import Mending
from web.room.messages import Message
from web.routes.host_key import HostKey, only_with
from web.routes.parameters import json_object


def add_mending(app: Flask, host_key: HostKey, mending: Mending) -> None:
    """Give the app the routes that put right what the lab has broken.

    Args:
        app: web.
        host_key: what they need.
        mending: puts it right.
    """
    all_clear, known_starts, one = mending.all_clear, mending.known_starts, mending.one

    def alone(work: Callable[[], Message]) -> Response:
        with one.alone():
            return json_response(work())

    @app.post("/lab/all-clear")
    @only_with(host_key)
    def give_all_clear() -> Response:
        cure = json_object().get("cure") is True
        return alone(lambda: all_clear.run(cure=cure))

    @app.get("/lab/known-start")
    def show_known_start() -> Response:
        return json_response(known_starts.shown())

    @app.put("/lab/known-start")
    @only_with(host_key)
    def take_known_start() -> Response:
        return alone(known_starts.take)

    @app.post("/lab/known-start/restore")
    @only_with(host_key)
    def restore_known_start() -> Response:
        _check_sure(lambda: known_starts.shown()["restore"])
        return alone(known_starts.restore)

    @app.post("/lab/reset")
    @only_with(host_key)
    def reset_all() -> Response:
        _check_sure(lambda: known_starts.shown()["reset"])
        return alone(known_starts.reset)


def _check_sure(says: Callable[[], str]) -> None:
    """Let nobody lose anything by a slip. Raises Problem, which says what would be lost."""
    if json_object().get("sure") is not True:
        detail = f'{says()} Send {{"sure": true}} to do it.'
        raise Problem(409, "not-sure", "This cannot be undone.", detail)
