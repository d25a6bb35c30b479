"""How long All clear takes, and going back to the known start: `python -m bench.known_start`.

A stack of its own is started for it, with as many todos as are asked for.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

import requests

from bench.stores import Stores
from stack.local import LocalStack
from stack.ports import Ports
from stack.words import say

TODOS = 1_000
# What is undone: as many todos as a lively lesson makes.
SINCE = 200
TIMES = 3


def main() -> None:
    """Measure, and print each time."""
    parser = argparse.ArgumentParser(prog="python -m bench.known_start", description=__doc__)
    parser.add_argument("--todos", type=int, default=TODOS, help="how many there are")
    todos = parser.parse_args().todos
    with tempfile.TemporaryDirectory(prefix="eventually-") as folder:
        stack = LocalStack(Path(folder) / "stack", Ports.free())
        with stack:
            measure(stack, todos)
        stack.remove()


def measure(stack: LocalStack, todos: int) -> None:
    """Print how long each takes with so many todos, several times."""
    stores = Stores(stack.urls.database_url, stack.urls.mongodb_url)
    stores.write_events(todos, outbox=True)
    _tell("all clear, all of them on their way", ask(stack, "POST", "all-clear"))
    _tell(f"taking a known start of {todos:,} todos", ask(stack, "PUT", "known-start"))
    for _ in range(TIMES):
        stores.write_events(SINCE, outbox=True)
        went_back = ask(stack, "POST", "known-start/restore", {"sure": True})
        _tell(f"going back from {SINCE:,} todos later", went_back)
    _tell("all clear, nothing to do", ask(stack, "POST", "all-clear"))
    _tell("reset", ask(stack, "POST", "reset", {"sure": True}))


def ask(stack: LocalStack, method: str, path: str, body: Any = None) -> Any:
    """Ask web as the host does."""
    key = {"Authorization": f"Bearer {stack.host_key}"}
    url = f"{stack.urls.web}/lab/{path}"
    answer = requests.request(method, url, json=body, headers=key, timeout=120)
    answer.raise_for_status()
    return answer.json()


def _tell(what: str, answer: Any) -> None:
    say(f"{answer['took_ms'] / 1000:7.2f} s  {what}: {answer['says']}")


if __name__ == "__main__":
    main()
