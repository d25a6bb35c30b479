"""Reads as a lesson's readers do, and notes what each was shown."""

import json
import time
from dataclasses import replace

from chassis.errors import ServerUnavailable
from chassis.numbers import whole_number
from web.gateway import ANSWER_TIMEOUT_S, Answer, Gateway
from web.journeys.journey import ms
from web.lessons.lesson import Action
from web.lessons.patience import LONGEST_ANSWER, SOMEBODY_WITHIN_S, once_somebody_is_there
from web.lessons.playing import Playing
from web.lessons.requests import Known, request_of
from web.lessons.run import Seen
from web.own_time import OwnTime

# Which of the two copies a list came from.
_WHOSE = {"todos": "first copy: ", "replica": "replica: "}


class Looking:
    """Reads todos.

    Args:
        gateway: the way to the query service.
        own_time: the time of what is read.
    """

    def __init__(self, gateway: Gateway, own_time: OwnTime) -> None:
        self._gateway = gateway
        self._own_time = own_time

    def read(self, action: Action, playing: Playing, number: int) -> str:
        """Read as often as the action says; return what each read was shown.

        Args:
            action: what is read.
            playing: the run.
            number: the action's number in it.
        """
        read, told, last_s = action.what, list[str](), 0.0
        for _ in range(read["times"]):
            if playing.stop.wait(max(0.0, last_s + read["every_ms"] / 1000 - time.monotonic())):
                break
            last_s = time.monotonic()
            seen, said = self._look(action, playing, playing.known(number))
            told.append(said if read["times"] == 1 else briefly(seen, said))
        return " · ".join(told)

    def _look(self, action: Action, playing: Playing, known: Known) -> tuple[Seen, str]:
        request, read = request_of(action, known), action.what
        assert request is not None
        asked_ms = self._own_time.now_ms()
        token = request.headers.get("Consistency-Token", "")
        of = known.todos.get(read["of"]) if read["of"] else None
        seen = Seen(read["as"], read["model"], "", asked_ms, asked_ms, None, token=token, of=of)
        path = request.path if "$" not in request.path else "/todos/0"
        try:
            answer = once_somebody_is_there(
                lambda: self._gateway.query(path, request.headers, ANSWER_TIMEOUT_S),
                SOMEBODY_WITHIN_S,
                playing.stop,
            )
        except ServerUnavailable as error:
            seen = replace(seen, ended_ms=self._own_time.now_ms())
            said = f"no answer: {error.reason}"
        else:
            seen = _read_of(seen, answer)
            said = f"{answer.status}, {answer.body[:LONGEST_ANSWER].decode(errors='replace')}"
            version = whole_number(answer.headers.get("ETag", "").strip('"'))
            if read["of"] and version is not None and answer.status == 200:
                playing.versions[read["as"], read["of"]] = version
        with playing.lock:
            playing.run.reads.append(seen)
        return seen, " ".join(said.split())


def briefly(seen: Seen, said: str) -> str:
    """Return what one of many reads was shown: the titles, and whose they are."""
    if seen.status != 200:
        return said
    titles = ", ".join(str(todo.get("title")) for todo in seen.todos.values()) or "nothing"
    whose = "" if seen.model == "todos" else _WHOSE.get(seen.answered_by, "")
    return f"{whose}{titles}"[:LONGEST_ANSWER]


def _read_of(seen: Seen, answer: Answer) -> Seen:
    try:
        told = json.loads(answer.body)
    except ValueError:
        told = None
    listed = told if isinstance(told, list) else [told] if answer.status == 200 else []
    return replace(
        seen,
        asked_ms=ms(answer.asked_ns),
        ended_ms=ms(answer.ended_ns),
        status=answer.status,
        answered_by=answer.headers.get("Read-Model", ""),
        todos={int(it["id"]): it for it in listed if isinstance(it, dict)},
    )
