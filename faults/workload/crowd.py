"""All clients of a run, half of them with tokens."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from faults.history import Recorder
from faults.workload.session import ANSWER_WITHIN_S, Services, Session, Shared

CLIENTS = 6


@contextmanager
def crowd(services: Services, history: Recorder, seed: int) -> Iterator[None]:
    """Have the clients send commands and reads meanwhile; wait at the end until all have stopped.

    Args:
        services: whom they ask.
        history: keeps what they do.
        seed: decides what they do.
    """
    shared, chance = Shared(), random.Random(seed)
    sessions = [
        Session(
            f"{'token' if number % 2 else 'plain'}-{number}",
            services,
            shared,
            history,
            seed=chance.getrandbits(32),
            tokens=bool(number % 2),
        )
        for number in range(CLIENTS)
    ]
    threads = [threading.Thread(target=it.run, daemon=True) for it in sessions]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        shared.over.set()
        for thread in threads:
            # None takes longer than one answer that does not come.
            thread.join(ANSWER_WITHIN_S * 10)
