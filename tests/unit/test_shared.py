"""What is shared is made once for all who asked before, and is newer than each call for it."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event

import pytest

from tests.support import until
from web.shared import Shared


def test_each_call_gets_a_value_that_was_begun_after_it() -> None:
    numbers = count(1)
    shared = Shared[int](0)
    assert [shared.get(lambda: next(numbers)) for _ in range(3)] == [1, 2, 3]


def test_those_who_ask_while_one_is_made_share_the_next() -> None:
    numbers = count(1)
    goes_on = Event()
    shared = Shared[int](0)

    def make() -> int:
        assert goes_on.wait(20)
        return next(numbers)

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(shared.get, make)
        until(lambda: shared._begun == 1)
        others = [pool.submit(shared.get, make) for _ in range(7)]
        until(lambda: shared._waiting == 8)
        goes_on.set()
        assert first.result() == 1
        assert {other.result() for other in others} == {2}


def test_a_failure_is_that_of_one_call() -> None:
    shared = Shared[float](0)
    with pytest.raises(ZeroDivisionError):
        shared.get(lambda: 1 / 0)
    assert shared.get(lambda: 1.0) == 1.0
