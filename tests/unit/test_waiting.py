"""Reads that wait for versions."""

import asyncio
import threading
from collections.abc import Iterable

import pytest

from query_service.http.waiting import TooManyWaiting, WaitingReads


class Held:
    """The versions that a read model holds, and how often it was asked, for which todos."""

    def __init__(self, **versions: int) -> None:
        self.versions = {int(name[1:]): version for name, version in versions.items()}
        self.looks: list[set[int]] = []
        self.may_look = threading.Event()
        self.may_look.set()

    def __call__(self, todo_ids: Iterable[int]) -> dict[int, int]:
        asked = set(todo_ids)
        assert self.may_look.wait(30)
        self.looks.append(asked)
        return {todo_id: self.versions[todo_id] for todo_id in asked & self.versions.keys()}


def test_what_is_there_is_not_waited_for() -> None:
    async def scenario() -> None:
        held = Held(_1=2)
        assert await WaitingReads(held, 10).until({1: 2}, 60) == {}
        assert held.looks == [{1}]

    asyncio.run(scenario())


def test_a_read_that_will_not_wait_gets_one_look() -> None:
    async def scenario() -> None:
        held = Held(_1=1)
        assert await WaitingReads(held, 10).until({1: 2, 2: 1}, 0) == {1: 2, 2: 1}
        assert len(held.looks) == 1

    asyncio.run(scenario())


def test_a_wait_ends_when_the_last_version_is_there() -> None:
    async def scenario() -> None:
        held = Held(_1=1)
        reading = asyncio.ensure_future(WaitingReads(held, 10).until({1: 2, 2: 4}, 60))
        while not held.looks:
            await asyncio.sleep(0)
        held.versions = {1: 2, 2: 3}
        seen = len(held.looks)
        while len(held.looks) < seen + 2:
            await asyncio.sleep(0.001)
        assert not reading.done()
        held.versions[2] = 5
        assert await reading == {}
        assert held.looks[-1] == {2}, "what has been seen once is not asked for again"

    asyncio.run(scenario())


def test_a_look_that_began_before_a_read_does_not_answer_it() -> None:
    async def scenario() -> None:
        held = Held(_1=1)
        held.may_look.clear()
        reads = WaitingReads(held, 10)
        first = asyncio.ensure_future(reads.until({1: 1}, 0))
        await asyncio.sleep(0)
        second = asyncio.ensure_future(reads.until({1: 1}, 0))
        await asyncio.sleep(0)
        held.may_look.set()
        assert (await first, await second) == ({}, {})
        assert held.looks == [{1}, {1}]

    asyncio.run(scenario())


def test_one_look_serves_all_that_wait() -> None:
    async def scenario() -> None:
        held = Held()
        reads = WaitingReads(held, 1000)
        waits = [asyncio.ensure_future(reads.until({todo_id: 1}, 60)) for todo_id in range(500)]
        everybody = set(range(500))
        while everybody not in held.looks:
            await asyncio.sleep(0.001)
        held.versions = dict.fromkeys(range(500), 1)
        assert await asyncio.gather(*waits) == [{}] * 500

    asyncio.run(scenario())


def test_past_the_limit_a_read_may_not_wait() -> None:
    async def scenario() -> None:
        held = Held()
        reads = WaitingReads(held, 2)
        waits = [asyncio.ensure_future(reads.until({1: 1}, 60)) for _ in range(2)]
        while not held.looks:
            await asyncio.sleep(0)
        with pytest.raises(TooManyWaiting, match="2 reads are waiting"):
            await reads.until({2: 1}, 60)
        # Somebody who leaves makes room.
        waits[0].cancel()
        await asyncio.wait([waits[0]])
        held.versions = {1: 1}
        assert await reads.until({1: 1}, 60) == {}
        assert await waits[1] == {}

    asyncio.run(scenario())


def test_all_that_wait_learn_that_the_store_is_away() -> None:
    def held(_todo_ids: Iterable[int]) -> dict[int, int]:
        raise ConnectionError("away")

    async def scenario() -> None:
        reads = WaitingReads(held, 10)
        waits = [reads.until({1: 1}, 60), reads.until({2: 1}, 60)]
        assert [str(it) for it in await asyncio.gather(*waits, return_exceptions=True)] == [
            "away",
            "away",
        ]

    asyncio.run(scenario())


def test_nobody_waits_when_the_process_has_to_end() -> None:
    async def scenario() -> None:
        held = Held()
        reads = WaitingReads(held, 10)
        reading = asyncio.ensure_future(reads.until({1: 1}, 60))
        while not held.looks:
            await asyncio.sleep(0)
        reads.end()
        assert await reading == {1: 1}

    asyncio.run(scenario())
