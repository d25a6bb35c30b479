"""Fixtures of the tests that talk to the running stack."""

from collections.abc import Iterator

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from stack.local import LocalStack
from tests.support import Client


@pytest.fixture
def client(stack: LocalStack) -> Client:
    """A client of both services."""
    return Client(stack)


@pytest.fixture
def channel(stack: LocalStack) -> Iterator[BlockingChannel]:
    """A channel to the broker, on a connection of its own."""
    connection = pika.BlockingConnection(pika.URLParameters(stack.urls.rabbitmq_url))
    yield connection.channel()
    connection.close()
