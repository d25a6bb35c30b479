"""A page of todos as it is sent: its bytes, its ETag and the link to the next page."""

import json
from dataclasses import dataclass
from hashlib import blake2b

from chassis.problems import json_body
from query_service.http.parameters import WantedPage
from query_service.read_model import ReadModel


@dataclass(frozen=True)
class Page:
    """A page as it is sent; on the last one there is no link."""

    body: bytes
    tag: str
    link: str | None


def render(read_model: ReadModel, wanted: WantedPage) -> Page:
    """Read the todos of a page and render them."""
    # Reading one more than wanted shows whether there is a next page.
    todos = read_model.page(wanted.completed, wanted.after, wanted.limit + 1)
    link = None
    if len(todos) > wanted.limit:
        todos = todos[: wanted.limit]
        link = f'<{_next_page(wanted, todos[-1]["id"])}>; rel="next"'
    body = json_body(todos)
    return Page(body, blake2b(body, digest_size=12).hexdigest(), link)


def _next_page(wanted: WantedPage, after: int) -> str:
    # Nothing in it needs quoting: numbers, and true or false.
    completed = "" if wanted.completed is None else f"completed={json.dumps(wanted.completed)}&"
    return f"/todos?{completed}limit={wanted.limit}&after={after}"
