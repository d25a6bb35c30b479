"""The dead-letter queue: one at a time at it, and an earlier version's is made anew."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from chassis.backoff import Backoff
from query_service.topology import (
    COPIES,
    COUNTS,
    DEAD_LETTERS,
    KEPT,
    ROUTING_KEY,
    declare_dead_letters,
)

# Where letters are while their queue is made anew.
MOVING = "todo.dead-letters.moving"
LOCK = "todo.dead-letters.lock"
ALONE_WITHIN_S = 10.0
# So many answers in a row, 50 ms apart, that there is nothing.
SURE = 3
# AMQP 0-9-1, 1.2 (reply codes): not found, resource locked, precondition failed.
_NOT_FOUND, _LOCKED, _OTHER_ARGUMENTS = 404, 405, 406


class SomebodyElse(Exception):
    """Somebody else works on the dead letters, and has not finished in time."""

    def __init__(self) -> None:
        super().__init__("Somebody else is at the dead letters just now. Try again.")


@contextmanager
def alone(connection: pika.BlockingConnection) -> Iterator[None]:
    """Be the only one at the dead letters. Raises SomebodyElse after ALONE_WITHIN_S.

    Whoever looks at them takes them out of the queue for that time, and others would miss them. The
    lock is an exclusive queue, which goes with its connection: nobody who dies leaves it behind.
    """
    channel = _take_turn(connection)
    try:
        yield
    finally:
        if channel.is_open:
            channel.queue_delete(LOCK)
            channel.close()


def bring_up_to_date(connection: pika.BlockingConnection) -> None:
    """Declare the dead-letter queue; one of an earlier version is made anew, with its letters.

    RabbitMQ refuses to declare a queue whose arguments differ, and has no other way to change them
    that needs no administrator. The letters wait in MOVING meanwhile. Wherever this is interrupted,
    it goes on at the next call. Raises SomebodyElse if another program has letters in hand.
    """
    if _is_as_declared(connection) and not _exists(connection, MOVING):
        return
    with alone(connection):
        channel = connection.channel()
        channel.confirm_delivery()
        if not _is_as_declared(connection):
            channel.queue_declare(MOVING, durable=True, arguments=KEPT)
            # In this order, so that at each moment a new dead letter has a queue to go to.
            channel.queue_bind(MOVING, DEAD_LETTERS)
            channel.queue_unbind(DEAD_LETTERS, DEAD_LETTERS)
            _move_all(channel, DEAD_LETTERS, MOVING)
            channel.queue_delete(DEAD_LETTERS)
        declare_dead_letters(channel)
        if _exists(connection, MOVING):
            channel.queue_unbind(MOVING, DEAD_LETTERS)
            _move_all(channel, MOVING, DEAD_LETTERS)
            channel.queue_delete(MOVING)
        channel.close()


def _take_turn(connection: pika.BlockingConnection) -> BlockingChannel:
    backoff, deadline_s = Backoff(0.02, 0.2), time.monotonic() + ALONE_WITHIN_S
    while True:
        channel = connection.channel()
        try:
            channel.queue_declare(LOCK, exclusive=True)
        except ChannelClosedByBroker as error:
            if error.reply_code != _LOCKED:
                raise
        else:
            return channel
        if time.monotonic() > deadline_s:
            raise SomebodyElse
        connection.sleep(backoff.next_s())


def _is_as_declared(connection: pika.BlockingConnection) -> bool:
    """Return whether the queue is there and as it should be; if it is missing, make it."""
    channel = connection.channel()
    try:
        declare_dead_letters(channel)
    except ChannelClosedByBroker as error:
        if error.reply_code != _OTHER_ARGUMENTS:
            raise
        return False
    channel.close()
    return True


def _exists(connection: pika.BlockingConnection, queue: str) -> bool:
    channel = connection.channel()
    try:
        channel.queue_declare(queue, passive=True)
    except ChannelClosedByBroker as error:
        if error.reply_code != _NOT_FOUND:
            raise
        # That the channel was closed counts as an event, and would end the next wait.
        connection.process_data_events(time_limit=0)
        return False
    channel.close()
    return True


def _move_all(channel: BlockingChannel, source: str, target: str) -> None:
    """Move all messages of a queue, until nobody else has any of them in hand either.

    Each is confirmed in its new place before it leaves the old one.
    """
    deadline_s, empty = time.monotonic() + ALONE_WITHIN_S, 0
    while time.monotonic() < deadline_s:
        method, properties, body = channel.basic_get(source)
        if method is not None:
            empty = 0
            headers = {ROUTING_KEY: method.routing_key, **(properties.headers or {})}
            properties.headers = {name: headers[name] for name in headers.keys() - COUNTS - COPIES}
            properties.delivery_mode = pika.DeliveryMode.Persistent.value
            properties.user_id = properties.expiration = None
            channel.basic_publish("", target, body, properties, mandatory=True)
            channel.basic_ack(method.delivery_tag)
            deadline_s = time.monotonic() + ALONE_WITHIN_S
            continue
        # Whoever holds a message of a quorum queue counts as a consumer of it.
        left = channel.queue_declare(source, passive=True).method
        empty = empty + 1 if (left.message_count, left.consumer_count) == (0, 0) else 0
        # A broker that is too busy to know answers that there is nothing, and nobody.
        if empty == SURE:
            return
        channel.connection.sleep(0.05)
    raise SomebodyElse
