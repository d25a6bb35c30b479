"""A host who plays a lesson over HTTP, as the page does."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from stack.local import LocalStack
from tests.support.waiting import until


@dataclass
class LessonHost:
    """Plays lessons on a stack.

    Args:
        stack: the stack.
        key: the host key, or what a guest tries as one; "" for none.
    """

    stack: LocalStack
    key: str

    def ask(self, method: str, path: str, body: Any = None) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        url = f"{self.stack.urls.web}{path}"
        return requests.request(method, url, json=body, headers=headers, timeout=120)

    def did(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.ask(method, path, body)
        assert answer.status_code in {200, 202}, answer.text
        return answer.json()

    def refused(self, method: str, path: str, body: Any = None) -> tuple[int, str, str]:
        """Ask, and return the status, the name of the problem, and its detail."""
        answer = self.ask(method, path, body)
        assert answer.status_code >= 400, answer.text
        told = answer.json()
        return answer.status_code, told["type"].rpartition(":")[2], told.get("detail", "")

    def start(self, lesson: str) -> Any:
        return self.did("POST", "/lesson", {"lesson": lesson, "sure": True})

    def show(self, step: int, *, skip: bool = False) -> Any:
        return self.did("POST", "/lesson/step", {"step": step, "skip": skip})

    def answer(self, step: int, answer: Any, who: str = "anna") -> Any:
        body = {"step": step, "who": who, "answer": answer}
        return self.did("POST", "/lesson/answers", body)

    def lock(self, step: int) -> Any:
        return self.did("POST", "/lesson/lock", {"step": step})["steps"][step]

    def act(self, step: int) -> Any:
        """Have a step do what it does, and return it once it is over."""
        self.did("POST", "/lesson/act", {"step": step})
        until(lambda: not self.now()["busy"])
        return self.now()["steps"][step]

    def settled(self, step: int) -> Any:
        """Show a step, and return it once its claims are decided."""
        self.show(step)
        until(lambda: self.now()["steps"][step]["complete"])
        return self.now()["steps"][step]

    def now(self) -> Any:
        return self.did("GET", "/lesson")

    def end(self) -> Any:
        return self.did("DELETE", "/lesson")


@contextmanager
def own_lesson(stack: LocalStack, name: str, text: str) -> Iterator[Path]:
    """Have a file among a teacher's own for a while."""
    path = Path(stack.folder) / "own-lessons" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def typed(stack: LocalStack, command: str, status: int) -> Any:
    """Type a command into a shell, and return the JSON that it prints.

    Args:
        stack: whose host key the shell knows.
        command: a curl command.
        status: how it is answered: 200 for any success.
    """
    done = subprocess.run(
        ["/bin/sh", "-c", command.replace("curl ", "curl -sS --fail-with-body -m 60 ", 1)],
        env={**os.environ, "HOST_KEY": stack.host_key},
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(done.stdout)
    said = told.get("status", 200) if isinstance(told, dict) else 200
    assert (done.returncode == 0, said) == (status == 200, status), (command, done.stdout)
    return told
