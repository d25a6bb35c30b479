"""Requests for the same page share a read, but never one that began before they came."""

import threading
from collections.abc import Callable

import pytest

from query_service.http.shared_reads import SharedReads


class Store:
    """A value, and reads of it that end when the test lets them."""

    def __init__(self) -> None:
        self.value = 0
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.count = 0

    def read(self) -> int:
        self.count += 1
        seen = self.value
        self.begun.release()
        assert self.go.acquire(timeout=60)
        return seen


def started(ask: Callable[[], object], count: int = 1) -> list[threading.Thread]:
    threads = [threading.Thread(target=ask) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


class Key:
    """Equal to every other key; notes when it was looked up, which happens under the lock."""

    def __init__(self) -> None:
        self.looked_up = threading.Event()

    def __hash__(self) -> int:
        self.looked_up.set()
        return 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key)


def test_requests_that_come_during_a_read_share_the_next_one() -> None:
    store, shared = Store(), SharedReads[int]()
    answers: list[int] = []
    keys = [Key() for _ in range(5)]

    def ask(key: Key) -> threading.Thread:
        [thread] = started(lambda: answers.append(shared(key, store.read)))
        return thread

    threads = [ask(keys[0])]
    assert store.begun.acquire(timeout=60)
    store.value = 1
    threads += [ask(key) for key in keys[1:]]
    assert all(key.looked_up.wait(60) for key in keys)
    store.go.release()
    assert store.begun.acquire(timeout=60)
    store.go.release()
    for thread in threads:
        thread.join(10)
    assert sorted(answers) == [0, 1, 1, 1, 1]
    assert store.count == 2


def test_a_request_never_gets_a_read_that_began_before_it_arrived() -> None:
    store, shared = Store(), SharedReads[int]()
    answers: list[int] = []
    [early] = started(lambda: answers.append(shared("page", store.read)))
    assert store.begun.acquire(timeout=60)
    store.value = 1
    [late] = started(lambda: answers.append(shared("page", store.read)))
    store.go.release()
    early.join(10)
    store.go.release()
    late.join(10)
    assert answers == [0, 1]
    assert store.count == 2


def test_different_reads_do_not_wait_for_each_other() -> None:
    store, shared = Store(), SharedReads[int]()
    [held_up] = started(lambda: shared("page", store.read))
    assert store.begun.acquire(timeout=60)
    assert shared("another", lambda: 7) == 7
    store.go.release()
    held_up.join(10)


def test_an_error_reaches_every_request_and_the_next_read_starts_afresh() -> None:
    shared = SharedReads[int]()

    def fail() -> int:
        raise ConnectionError("away")

    with pytest.raises(ConnectionError):
        shared("page", fail)
    assert shared("page", lambda: 3) == 3
