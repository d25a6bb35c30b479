"""Runs the textbook version: how much it answers a second, and what it loses."""

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from bench import textbook
from bench.rig import Rig, answers, process, until
from bench.turns import Tell
from stack.ports import Ports

SENDERS = 16
PACKAGE = textbook.__name__
TODO = {"title": "Learn CQRS"}


@dataclass(frozen=True)
class Textbook:
    """The textbook version's command service, running; and its consumer, when it is wanted.

    Args:
        rig: the stack whose servers it uses.
        base: its address.
        settings: the settings of its processes.
    """

    rig: Rig
    base: str
    settings: dict[str, str]

    def per_s(self, seconds: float) -> float:
        """Return the todos that it creates a second, with its consumer at work.

        Flask's own server closes each connection, so the keep-alive load does not fit it.
        """
        end_s = time.perf_counter() + seconds
        counts = [0] * SENDERS

        def send(sender: int) -> None:
            while time.perf_counter() < end_s:
                answer = requests.post(f"{self.base}/todos", json=TODO, timeout=30)
                counts[sender] += answer.status_code == 201

        with process(f"{PACKAGE}.consumer", **self.settings):
            senders = [threading.Thread(target=send, args=(each,)) for each in range(SENDERS)]
            for sender in senders:
                sender.start()
            for sender in senders:
                sender.join()
        return sum(counts) / seconds

    def lost_with_the_broker(self, tell: Tell) -> int:
        """Restart the broker under load, and return how many todos never reach the read side."""
        tell("the textbook version, whose broker restarts")
        # Nothing consumes meanwhile, so whatever is missing was never published.
        self._restart_the_broker()
        with process(f"{PACKAGE}.consumer", **self.settings), self.rig.stores.mongodb() as mongo:
            counts: list[int] = []

            def settled() -> bool:
                counts.append(mongo["textbook"].count_documents({}))
                return len(counts) > 5 and len(set(counts[-5:])) == 1

            until(settled, 60, look_s=0.3)
            held = {document["_id"] for document in mongo["textbook"].find({}, {"_id": 1})}
        written = {row[0] for row in self.rig.stores.sql("SELECT id FROM textbook_todos")}
        tell(f"the textbook version lost {len(written - held)} of {len(written)} events")
        return len(written - held)

    def _restart_the_broker(self) -> None:
        stop = threading.Event()

        def send() -> None:
            while not stop.is_set():
                with contextlib.suppress(requests.RequestException):
                    requests.post(f"{self.base}/todos", json=TODO, timeout=10)

        senders = [threading.Thread(target=send) for _ in range(4)]
        for sender in senders:
            sender.start()
        time.sleep(0.5)
        self.rig.stack.stop_program("rabbitmq")
        self.rig.stack.start_program("rabbitmq")
        stop.set()
        for sender in senders:
            sender.join()


@contextmanager
def running(rig: Rig) -> Iterator[Textbook]:
    """Run the textbook version's command service beside the stack."""
    urls = rig.stack.urls
    port = Ports.free().command_service
    settings = {
        "DATABASE_URL": urls.database_url,
        "RABBITMQ_URL": urls.rabbitmq_url,
        "MONGODB_URL": urls.mongodb_url,
        "PORT": str(port),
    }
    base = f"http://127.0.0.1:{port}"
    with process(f"{PACKAGE}.command_service", **settings):
        until(lambda: answers(base), 20)
        yield Textbook(rig, base, settings)
