"""The same for the page, on the projector's ops port: look, retry, edit, discard, restore.

Only with LAB=1, and only `web` passes it on: what acts needs the host key there.
"""

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, request

from chassis.problems import Problem, json_response
from query_service.dead_letters.words import answered
from query_service.dead_letters.work import DeadLetters, Look, NoSuchLetter, Outcome
from query_service.letter_queue import SomebodyElse
from query_service.topology import DEAD_LETTERS, DISCARDED

MOST_IDS = 1_000
MOST_WAIT_S = 10
MOST_SAID = 500
# Enough that a retry which waits for its letter to land keeps nobody else waiting.
THREADS = 6


def add_letter_routes(app: Flask, letters: DeadLetters) -> None:
    """Give the app the routes of the dead letters.

    Args:
        app: the projector's small app.
        letters: what does the work.
    """
    app.register_error_handler(SomebodyElse, _somebody_else)

    @app.get("/lab/dead-letters")
    def show_letters() -> Response:
        return _listed(letters.look(DEAD_LETTERS))

    @app.get("/lab/dead-letters/discarded")
    def show_discarded() -> Response:
        return _listed(letters.look(DISCARDED))

    @app.get("/lab/dead-letters/<letter_id>")
    def show_letter(letter_id: str) -> Response:
        try:
            return json_response(letters.show(letter_id))
        except NoSuchLetter:
            title = "There is no such letter."
            raise Problem(404, "no-such-letter", title, "It may have been settled.") from None

    @app.post("/lab/dead-letters/<any(retry, discard, restore):what>")
    def act(what: str) -> Response:
        asked = _asked("ids", "because", "wait_s")
        ids, because = _ids(asked), _because(asked)
        if what == "discard":
            return _answered(letters.discard(ids, because, _nobody))
        if what == "restore":
            return _answered(letters.restore(ids, _nobody))
        return _landed(letters, letters.retry(ids, because, _nobody), asked)

    @app.post("/lab/dead-letters/<letter_id>/edit")
    def edit(letter_id: str) -> Response:
        asked = _asked("event", "because", "wait_s")
        event = asked.get("event")
        if not isinstance(event, str):
            raise _wrong_shape("Send the event as a text: its JSON.")
        return _landed(letters, letters.edit(letter_id, event, _because(asked), _nobody), asked)


def _listed(look: Look) -> Response:
    return json_response({"letters": [look.shown(it) for it in look.letters], "more": look.more})


def _landed(letters: DeadLetters, outcomes: Sequence[Outcome], asked: dict[str, Any]) -> Response:
    wait_s = asked.get("wait_s", 0)
    if type(wait_s) is not int or not 0 <= wait_s <= MOST_WAIT_S:
        raise _wrong_shape(f"wait_s is a whole number from 0 to {MOST_WAIT_S}.")
    return _answered(outcomes, letters.landed(outcomes, wait_s) if wait_s else {})


def _answered(outcomes: Sequence[Outcome], landed: dict[str, str] | None = None) -> Response:
    return json_response(answered(outcomes, landed or {}))


def _asked(*known: str) -> dict[str, Any]:
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict) or asked.keys() - set(known):
        raise _wrong_shape(f"Send a JSON object with {', '.join(known)}.")
    return asked


def _ids(asked: dict[str, Any]) -> list[str]:
    ids = asked.get("ids")
    if not isinstance(ids, list) or not 0 < len(ids) <= MOST_IDS:
        raise _wrong_shape(f"ids is a list of 1 to {MOST_IDS} letters.")
    if not all(isinstance(it, str) for it in ids):
        raise _wrong_shape("Each of the ids is a text.")
    return ids


def _because(asked: dict[str, Any]) -> str | None:
    because = asked.get("because") or None
    if because is not None and (not isinstance(because, str) or len(because) > MOST_SAID):
        raise _wrong_shape(f"because is a text of at most {MOST_SAID} characters.")
    return because


def _wrong_shape(detail: str) -> Problem:
    return Problem(400, "wrong-shape", "The body has the wrong shape.", detail)


def _somebody_else(error: SomebodyElse) -> Response:
    title, retry = "The dead letters are in somebody's hands.", {"Retry-After": "1"}
    return Problem(503, "dead-letters-in-hand", title, str(error), retry).response()


def _nobody(_outcome: Outcome) -> None:
    """Tell nobody: all of it is in the answer."""
