"""Whether the projector is idle: the lab asks, and the thread that consumes answers."""

from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any

from flask import Flask, Response

from chassis.errors import ServerUnavailable
from chassis.problems import json_response

# The thread that consumes answers at once, unless it has work in hand.
ANSWERED_WITHIN_S = 0.5


class IdleQuestions:
    """Takes questions to the thread that consumes, as only that one knows what has arrived.

    Args:
        wake: ends that thread's wait for messages.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._asked: SimpleQueue[Future[bool]] = SimpleQueue()

    def ask(self) -> bool:
        """Return whether the projector is idle; False if it is too busy to say."""
        question = Future[bool]()
        self._asked.put(question)
        self._wake()
        try:
            return question.result(ANSWERED_WITHIN_S)
        except TimeoutError:
            question.cancel()
            return False

    def answer(self, is_idle: Callable[[], bool]) -> bool:
        """Answer what has been asked, and return whether anything was.

        For the thread that consumes, between two batches.

        Args:
            is_idle: looks whether anything is on its way or in hand.
        """
        was_asked = False
        while not self._asked.empty():
            was_asked = True
            question = self._asked.get()
            if question.set_running_or_notify_cancel():
                question.set_result(is_idle())
        return was_asked


def add_idle_route(app: Flask, look: Callable[[], dict[str, Any]]) -> None:
    """Give the app the route that says whether the projector is idle.

    Args:
        app: the projector's small app.
        look: finds out. Raises ServerUnavailable.
    """

    @app.get("/lab/idle")
    def show_idle() -> Response:
        try:
            return json_response(look())
        except ServerUnavailable:
            return json_response({"idle": False, "dead_letters": None})
