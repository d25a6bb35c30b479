"""Fixtures of the tests that talk to the running stack."""

import pytest

from stack.local import LocalStack
from tests.support import Client


@pytest.fixture
def client(stack: LocalStack) -> Client:
    """A client of both services."""
    return Client(stack)
