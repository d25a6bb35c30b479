"""Waiting with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg2
import requests

T = TypeVar("T")


# A busy machine gets there too; only a test that fails waits this long.
WITHIN_S = 60.0


def until(condition: Callable[[], T], within_s: float = WITHIN_S) -> T:
    """Poll until the condition is true, and return its value. Fails at the deadline."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            value = condition()
            failure: Exception | None = None
        except (AssertionError, requests.RequestException, psycopg2.Error) as error:
            failure = error
        else:
            if value:
                return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s") from failure
        time.sleep(0.02)
