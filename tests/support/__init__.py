"""Shared by the tests. Import the most common helpers from here."""

from tests.support.client import JSON, Client
from tests.support.processes import another
from tests.support.stores import agree, read_side, rows, todos_in, write_side
from tests.support.waiting import until

__all__ = [
    "JSON",
    "Client",
    "agree",
    "another",
    "read_side",
    "rows",
    "todos_in",
    "until",
    "write_side",
]
