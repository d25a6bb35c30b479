"""How long an action asks again while nobody answers."""

import errno
import json
import os
import threading
import time
from collections.abc import Callable

from chassis.errors import ServerUnavailable
from chassis.problems import Problem
from web.gateway import Answer
from web.lessons.playing import Refused

# Within this, a process that was killed, and a server that was stopped, is back.
BACK_WITHIN_S = 60.0
# So long is a command or a read sent again that found nobody, unless its action says otherwise.
SOMEBODY_WITHIN_S = 20.0
NOBODY = os.strerror(errno.ECONNREFUSED).lower()
PAUSE_S = 0.1
LONGEST_ANSWER = 120


def insist(ask: Callable[[], Answer], stop: threading.Event) -> Answer:
    """Ask a process again while it is away, and the run goes on. Raises Refused."""
    until_s = time.monotonic() + BACK_WITHIN_S
    while True:
        try:
            return ask()
        except Problem as problem:
            by_hand = problem.name == "only-by-hand"
            then = " Then go on." if by_hand else ""
            why = f"{problem.title} {problem.detail}{then}".strip()
            raise Refused(why, by_hand=by_hand) from problem
        except ServerUnavailable as error:
            if stop.is_set() or time.monotonic() > until_s:
                raise Refused(f"{error.server} does not answer: {error.reason}.") from error
        stop.wait(PAUSE_S)


def once_somebody_is_there(
    ask: Callable[[], Answer], within_s: float, stop: threading.Event
) -> Answer:
    """Ask again while the connection is refused, as nothing is done then.

    Raises ServerUnavailable.
    """
    until_s = time.monotonic() + within_s
    while True:
        try:
            return ask()
        except ServerUnavailable as error:
            if error.reason != NOBODY or stop.is_set() or time.monotonic() > until_s:
                raise
        stop.wait(PAUSE_S)


def switch_says(answer: Answer) -> str:
    """Return what the answer of a switch says: whether it is on, and for how long at most."""
    try:
        told = json.loads(answer.body)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("on"), bool):
        return answer_says(answer)
    if not told["on"]:
        return f"{answer.status}, off"
    for_s = told.get("for_s")
    return f"{answer.status}, on" + (f", for {for_s:g} s at most" if for_s else "")


def answer_says(answer: Answer) -> str:
    """Return what an answer says: its problem in words, or as much of it as can be shown."""
    text = " ".join(answer.body.decode(errors="replace").split())
    try:
        told = json.loads(answer.body)
    except ValueError:
        told = None
    if answer.status >= 400 and isinstance(told, dict) and "title" in told:
        return " ".join(str(told[it]) for it in ("title", "detail") if told.get(it))
    short = text if len(text) <= LONGEST_ANSWER else f"{text[:LONGEST_ANSWER]}…"
    return f"{answer.status} {short}".strip()
