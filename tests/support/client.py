"""A client of both services."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests

from stack.local import LocalStack
from tests.support.waiting import until

WORKERS = 8
JSON = {"Content-Type": "application/json"}


@dataclass
class Client:
    """A client of the two services, as a user with curl would be."""

    stack: LocalStack
    session: requests.Session = field(default_factory=requests.Session)

    def post(self, title: str, **headers: str) -> requests.Response:
        return self.command("POST", "/todos", {"title": title}, **headers)

    def patch(self, todo_id: int, **change: Any) -> requests.Response:
        return self.command("PATCH", f"/todos/{todo_id}", change)

    def delete(self, todo_id: int) -> requests.Response:
        return self.command("DELETE", f"/todos/{todo_id}", None)

    def command(self, method: str, path: str, body: Any, **headers: str) -> requests.Response:
        """Send a command; underscores in the names of headers stand for hyphens."""
        return self.session.request(
            method,
            self.stack.urls.command_service + path,
            json=body,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            timeout=60,
        )

    def get(self, path: str = "/todos", **headers: str) -> requests.Response:
        return self.session.get(
            self.stack.urls.query_service + path,
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            timeout=60,
        )

    def get_at(self, token: str, path: str) -> requests.Response:
        """Read once the read model has got as far as the token, which may take several reads."""

        def answered() -> list[requests.Response]:
            answer = self.get(path, Consistency_Token=token, Prefer="wait=10")
            return [] if answer.status_code == 503 else [answer]

        return until(answered)[0]

    def read_after(self, *answers: requests.Response) -> list[dict[str, Any]]:
        """Read the newest todos, with the effects of these commands."""
        token = ",".join(answer.headers["Consistency-Token"] for answer in answers)
        after = max(0, min(answer.json()["id"] for answer in answers) - 1)
        answer = self.get_at(token, f"/todos?after={after}")
        assert answer.status_code == 200, answer.text
        todos: list[dict[str, Any]] = answer.json()
        return todos


def create_many(stack: LocalStack, count: int) -> list[int]:
    """Create todos, several at a time over connections that are kept, and return their ids."""
    clients = [Client(stack) for _ in range(WORKERS)]

    def create(number: int) -> int:
        return int(clients[number % WORKERS].post(f"Todo {number}").json()["id"])

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(create, range(count)))
