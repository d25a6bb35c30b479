"""Bad events: whatever arrives, the good events go on, and each bad one is parked with a reason.

More of them: `FUZZ_EXAMPLES=20`.
"""

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from query_service.topology import COUNTER, DEAD_LETTERS, DISCARDED, EXCHANGE, QUEUE, REPLICA
from stack.local import LocalStack
from tests.integration.test_counter import counted
from tests.integration.test_dead_letters import Tool, depth
from tests.integration.test_replica import in_the_replica
from tests.support import Client, agree, until, write_side
from tests.support.bad_messages import Bad, all_bad, drawn
from tests.support.switches import set_switch

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1"))
CONSUMERS = {"projector": QUEUE, "counter": COUNTER.name, "replica": REPLICA.name}


@pytest.fixture
def all_consumers(stack: LocalStack, client: Client, channel: BlockingChannel) -> Iterator[None]:
    """All three read models are kept."""
    until(lambda: all(stack.accepts(name) for name in CONSUMERS))
    set_switch(stack, "counter", "count", on=True)
    set_switch(stack, "replica", "replicate", on=True, lag_ms=0)
    until(lambda: client.get("/counts").ok and client.get(Read_Model="replica").ok)
    yield
    for name in (DEAD_LETTERS, DISCARDED):
        channel.queue_purge(name)
    set_switch(stack, "counter", "count", on=False)
    set_switch(stack, "replica", "replicate", on=False)


def publish_between(client: Client, channel: BlockingChannel, bad: list[Bad]) -> int:
    """Publish all of it, with good events of real todos between; return how many todos."""
    good = 0
    for number, each in enumerate(bad):
        channel.basic_publish(EXCHANGE, "todo.created", each.body, each.properties)
        if number % 4 == 0:
            client.post(f"Good, after {each.what}"[:200]).raise_for_status()
            good += 1
    return good


def test_good_events_go_on_and_bad_ones_are_parked_with_their_reason(
    stack: LocalStack, client: Client, channel: BlockingChannel, all_consumers: None
) -> None:
    pids = {name: stack.pid(name) for name in CONSUMERS}

    @settings(max_examples=EXAMPLES, derandomize=True, database=None, phases=[Phase.generate])
    @given(st.lists(drawn(), min_size=30, max_size=30, unique=True))
    def batch(bodies: list[bytes]) -> None:
        bad = all_bad(bodies)
        channel.queue_purge(DEAD_LETTERS)
        before = counted(stack)["created"]
        good = publish_between(client, channel, bad)
        until(lambda: agree(stack))
        until(lambda: in_the_replica(stack) == write_side(stack))
        until(lambda: counted(stack)["created"] == before + good)
        wanted = len(CONSUMERS) * len(bad)
        until(lambda: depth(channel) == wanted)
        parked = Tool(stack).letters()
        origins = Counter((it["body"], it["origin"]) for it in parked)
        assert origins == Counter(
            (each.text, queue) for each in bad for queue in CONSUMERS.values()
        )
        assert not [it for it in parked if not it["reason"]]
        check_tool(Tool(stack), wanted)

    batch()
    # None of them died of it, and came back.
    assert {name: stack.pid(name) for name in CONSUMERS} == pids


def check_tool(tool: Tool, wanted: int) -> None:
    """Look at all letters in a terminal, put them aside, and bring them back."""
    listed = tool.run("list").stdout
    assert f"{wanted} dead letters." in listed
    shown = tool.run("show", tool.letters()[-1]["id"]).stdout
    assert not [it for it in listed + shown if not it.isprintable() and it != "\n"]
    for verb in ("discard", "restore", "discard"):
        told = tool.json(verb, "--all", "--yes")
        assert (told["done"], told["skipped"]) == (wanted, 0), told


def test_the_broker_takes_no_message_that_would_fill_a_consumer(channel: BlockingChannel) -> None:
    channel.confirm_delivery()
    with pytest.raises(ChannelClosedByBroker, match="larger than configured max size"):
        channel.basic_publish(EXCHANGE, "todo.created", bytes(2**20))
