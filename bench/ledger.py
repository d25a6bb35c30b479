"""A ledger of what was acknowledged, to be compared with the read model at the end."""

import contextlib
import json
import random
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from bench import load
from bench.rig import until
from bench.stores import Stores

TOKEN = re.compile(rb"^consistency-token: *(\d+)\.(\d+)", re.IGNORECASE | re.MULTILINE)


class Ledger:
    """Sends commands, and keeps the newest acknowledged version of each todo with its title.

    Args:
        name: the beginning of each of its titles, which all differ.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._newest: dict[int, tuple[int, str]] = {}
        self._ids: list[int] = []

    def __len__(self) -> int:
        return len(self._ids)

    @contextmanager
    def loading(self, url: str, seconds: float, per_s: float | None = None) -> Iterator[None]:
        """Send commands during the block, and end when the last is answered.

        Args:
            url: a command service.
            seconds: for how long.
            per_s: the rate, None for as fast as it goes.
        """
        options = {"seconds": seconds, "per_s": per_s, "connections": 8}
        sender = threading.Thread(
            target=load.run,
            args=(url, self._request),
            kwargs={**options, "answered": self._answered},
        )
        sender.start()
        try:
            yield
        finally:
            sender.join()

    def lost(self, stores: Stores, within_s: float = 30) -> int:
        """Return how many of its todos have not reached the read model within that time."""
        with contextlib.suppress(TimeoutError):
            until(lambda: self._missing(stores) == 0, within_s)
        return self._missing(stores)

    def _missing(self, stores: Stores) -> int:
        """Return how many of its todos are not in the read model as they were acknowledged."""
        with stores.mongodb() as database:
            found = database["todos"].find({"_id": {"$in": self._ids}})
            held = {each["_id"]: (each["version"], each.get("title")) for each in found}
        return sum(held.get(todo_id) != newest for todo_id, newest in self._newest.items())

    def _request(self, number: int) -> bytes:
        """Return a creation, or every third time a new title for a known todo."""
        body = json.dumps({"title": self._title(number)}).encode()
        if number % 3 or not self._ids:
            return load.post("/todos", body)
        return load.command("PATCH", f"/todos/{random.choice(self._ids)}", body)

    def _answered(self, number: int, answer: bytes) -> None:
        token = TOKEN.search(answer)
        if token is None:
            return
        todo_id, version = int(token[1]), int(token[2])
        if todo_id not in self._newest:
            self._ids.append(todo_id)
        # Two changes to one todo may be under way at once, and may be answered in either order.
        self._newest[todo_id] = max(
            (version, self._title(number)), self._newest.get(todo_id, (0, ""))
        )

    def _title(self, number: int) -> str:
        return f"{self._name} {number}"
