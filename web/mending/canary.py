"""The canary: a todo that is sent through the whole loop, and taken away again."""

import json
import time
from collections.abc import Callable
from uuid import uuid4

from chassis.errors import ServerUnavailable
from web.gateway import UNTRACED, Answer, Gateway

TITLE = "Canary"
# Short, so that a step that fails for now is soon tried again.
TIMEOUT_S = 4.0
WAIT_S = 2
PAUSE_S = 0.1


class NoCanary(Exception):
    """It did not come through in time; the text says how far it got."""


def send_through(gateway: Gateway, until_s: float) -> int:
    """Create a todo, read it, delete it, and see it gone; return its id. Raises NoCanary.

    It is not traced, so that the room sees no journey that nobody has asked for.

    Args:
        gateway: the way to both services.
        until_s: how long it may take, on the monotonic clock.
    """
    key = {"Idempotency-Key": f"canary-{uuid4().hex}", "Content-Type": "application/json"}
    body = json.dumps({"title": TITLE}).encode()

    def command(method: str, path: str, wanted: set[int], what: str) -> Answer:
        def ask() -> Answer:
            sent = body if method == "POST" else None
            return gateway.ask(
                "command-service", method, path, sent, {**UNTRACED, **key}, TIMEOUT_S
            )

        return _insist(ask, wanted, until_s, what)

    def read(token: str, wanted: int, what: str) -> None:
        headers = {**UNTRACED, "Consistency-Token": token, "Prefer": f"wait={WAIT_S}"}
        path = f"/todos/{token.partition('.')[0]}"
        _insist(lambda: gateway.query(path, headers, TIMEOUT_S), {wanted}, until_s, what)

    created = command("POST", "/todos", {201}, "No todo could be created.")
    token = created.headers["Consistency-Token"]
    read(token, 200, "A new todo did not reach the read model.")
    path = f"/todos/{token.partition('.')[0]}"
    # A deletion whose answer was lost has happened all the same.
    deleted = command("DELETE", path, {200, 404}, "A todo could not be deleted.")
    todo_id, _, version = deleted.headers.get("Consistency-Token", token).partition(".")
    read(f"{todo_id}.{max(2, int(version))}", 404, "A deletion did not reach the read model.")
    return int(todo_id)


def _insist(ask: Callable[[], Answer], wanted: set[int], until_s: float, what: str) -> Answer:
    said = "no answer"
    while time.monotonic() < until_s:
        try:
            answer = ask()
        except ServerUnavailable as error:
            said = str(error)
        else:
            if answer.status in wanted:
                return answer
            said = f"answered {answer.status}"
        time.sleep(PAUSE_S)
    raise NoCanary(f"{what} ({said})")
