"""Who is to come through the links, and who does."""

import asyncio
from collections.abc import Awaitable, Callable

from links.ways import Ways

PORTS = {"relay": {"relay-postgresql": 5022, "relay-rabbitmq": 5023}, "web": {"client": 5027}}


def played(play: Callable[[Ways], Awaitable[None]]) -> None:
    async def run() -> None:
        await play(Ways(PORTS))

    asyncio.run(run())


def test_a_question_is_answered_when_there_is_news() -> None:
    async def play(ways: Ways) -> None:
        asking = asyncio.create_task(ways.news("relay", "a", (), 600))
        bringing = asyncio.create_task(asyncio.to_thread(ways.bring, "relay-rabbitmq"))
        await asking
        assert ways.wanted_of("relay") == {"relay-rabbitmq": 5023}
        assert not bringing.done()
        again = asyncio.create_task(ways.news("relay", "a", ["relay-rabbitmq"], 600))
        assert await bringing
        ways.want("relay-rabbitmq", is_toxic=False)
        # Once that has been so for a while.
        await again
        assert ways.wanted_of("relay") == {}

    played(play)


def test_all_processes_of_a_name_have_to_come() -> None:
    async def play(ways: Ways) -> None:
        first = asyncio.create_task(ways.news("relay", "a", (), 600))
        second = asyncio.create_task(ways.news("relay", "b", (), 600))
        await asyncio.sleep(0)
        bringing = asyncio.create_task(asyncio.to_thread(ways.bring, "relay-rabbitmq"))
        await asyncio.gather(first, second)
        asking = asyncio.create_task(ways.news("relay", "a", ["relay-rabbitmq"], 600))
        await asyncio.sleep(0)
        assert not bringing.done()
        other = asyncio.create_task(ways.news("relay", "b", ["relay-rabbitmq"], 600))
        assert await bringing
        for task in (asking, other):
            task.cancel()

    played(play)


def test_a_process_that_is_gone_keeps_nobody_waiting() -> None:
    async def play(ways: Ways) -> None:
        gone = asyncio.create_task(ways.news("relay", "a", (), 600))
        there = asyncio.create_task(ways.news("relay", "b", ["relay-rabbitmq"], 600))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        ways.want("relay-rabbitmq", is_toxic=True)
        assert await asyncio.to_thread(ways.bring, "relay-rabbitmq")
        there.cancel()

    played(play)


def test_a_question_is_answered_when_its_time_is_over() -> None:
    async def play(ways: Ways) -> None:
        async with asyncio.timeout(60):
            await ways.news("web", "a", (), 0.01)
        assert ways.wanted_of("web") == {}

    played(play)
