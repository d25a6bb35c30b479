"""Pages of todos, as any user of the query service reads them."""

import json
from typing import Any

from web.background.todo_page import PAGE, Page
from web.gateway import UNTRACED, Answer, Gateway
from web.journeys.reads import Read

READ_TIMEOUT_S = 5.0


class Unusable(Exception):
    """The query service answered, but not with todos."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"answered {answer.status}")
        self.answer = answer


class TodoPages:
    """Reads todos. Every call raises ServerUnavailable or Unusable if it gets none.

    Args:
        gateway: the way to the query service.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def page(self, after: int, known: Page | None = None) -> Page:
        """Read the page of the todos above an id.

        Args:
            after: the id.
            known: the page that was read there last, which need not be sent again.
        """
        headers = {"If-None-Match": known.etag} if known and known.etag else {}
        answer = self._get(f"/todos?limit={PAGE}&after={after}", headers)
        if known and answer.status == 304:
            read = Read(answer.asked_ns, answer.ended_ns, after, known.read.upto, None)
            return Page(read, known.todos, known.etag, changed=False)
        todos = _todos_of(answer)
        states = {int(it["id"]): _state_of(it) for it in todos}
        upto = max(states) if len(todos) >= PAGE else None
        read = Read(answer.asked_ns, answer.ended_ns, after, upto, states)
        return Page(read, todos, answer.headers.get("ETag", ""), changed=True)

    def one(self, todo_id: int) -> Read:
        """Read one todo, which may not exist."""
        answer = self._get(f"/todos/{todo_id}")
        states = {} if answer.status == 404 else {todo_id: _state_of(_json(answer))}
        return Read(answer.asked_ns, answer.ended_ns, todo_id - 1, todo_id, states)

    def is_any_beyond(self, todo_id: int) -> bool:
        """Return whether there is a todo with a larger id."""
        return bool(_todos_of(self._get(f"/todos?limit=1&after={todo_id}")))

    def _get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self._gateway.query(path, {**UNTRACED, **(headers or {})}, READ_TIMEOUT_S)


def _json(answer: Answer) -> Any:
    if answer.status != 200:
        raise Unusable(answer)
    try:
        return json.loads(answer.body)
    except ValueError as error:
        raise Unusable(answer) from error


def _todos_of(answer: Answer) -> list[Any]:
    todos = _json(answer)
    if not isinstance(todos, list):
        raise Unusable(answer)
    return todos


def _state_of(todo: Any) -> tuple[str, bool]:
    return str(todo["title"]), bool(todo["completed"])
