"""Commands under way while something breaks, and the acknowledgements that came back."""

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

import requests

from stack.local import LocalStack
from tests.support.client import Client
from tests.support.waiting import until

COMMANDS = 200
WORKERS = 8


@dataclass
class Workload:
    """Creates, changes and deletes todos, and remembers what was acknowledged.

    Each todo belongs to one worker, so its last acknowledged state is known. A command without
    an answer is sent again, with the same idempotency key or the same wanted state.
    """

    stack: LocalStack
    acknowledged: dict[int, tuple[str, bool] | None] = field(default_factory=dict)
    done: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    failures: list[str] = field(default_factory=list)

    def run(self, fault: Callable[[], None]) -> None:
        """Send the commands, and let the fault happen in the middle of them."""
        workers = [
            threading.Thread(target=self._work, args=(seed,), daemon=True)
            for seed in range(WORKERS)
        ]
        for worker in workers:
            worker.start()
        until(lambda: self.done >= COMMANDS // 4, within_s=60)
        fault()
        for worker in workers:
            worker.join(timeout=120)
        assert not self.failures, self.failures[:3]
        assert self.done >= COMMANDS

    def not_in(self, held: Mapping[int, tuple[str, bool, int]]) -> dict[int, object]:
        """Return the todos that are not as they were acknowledged, by id."""
        return {
            todo_id: {"acknowledged": wanted, "held": held.get(todo_id)}
            for todo_id, wanted in self.acknowledged.items()
            if wanted != (held[todo_id][:2] if todo_id in held else None)
        }

    def _work(self, seed: int) -> None:
        chance = random.Random(seed)
        client = Client(self.stack)
        mine: list[int] = []
        for number in range(COMMANDS // WORKERS):
            kind = chance.choice(["create", "create", "change", "delete"]) if mine else "create"
            if kind == "create":
                self._create(client, mine, f"Worker {seed}, command {number}")
            elif kind == "change":
                self._change(client, chance.choice(mine), f"Changed by {seed} in {number}")
            else:
                self._delete(client, mine.pop())
            with self._lock:
                self.done += 1

    def _create(self, client: Client, mine: list[int], title: str) -> None:
        key = str(uuid4())
        answer = self._persist(lambda: client.post(title, Idempotency_Key=key))
        if answer.status_code != 201:
            self.failures.append(answer.text)
            return
        mine.append(answer.json()["id"])
        self.acknowledged[mine[-1]] = (title, False)

    def _change(self, client: Client, todo_id: int, title: str) -> None:
        answer = self._persist(lambda: client.patch(todo_id, title=title, completed=True))
        if answer.status_code != 200:
            self.failures.append(answer.text)
        self.acknowledged[todo_id] = (title, True)

    def _delete(self, client: Client, todo_id: int) -> None:
        answer = self._persist(lambda: client.delete(todo_id))
        # 404 if the first try was carried out and its answer was lost.
        if answer.status_code not in {200, 404}:
            self.failures.append(answer.text)
        self.acknowledged[todo_id] = None

    def _persist(self, send: Callable[[], requests.Response]) -> requests.Response:
        answers: list[requests.Response] = []

        def answered() -> bool:
            answers.append(send())
            return answers[-1].status_code != 503

        until(answered, within_s=90)
        return answers[-1]
