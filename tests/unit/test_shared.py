"""One value for all who ask at about the same time."""

from itertools import count

import pytest

from web.shared import Shared


def test_who_asks_within_the_moment_is_given_the_same_value() -> None:
    now_s = 0.0
    numbers = count()
    shared = Shared[int](0.2, lambda: now_s)
    assert [shared.get("a", lambda: next(numbers)) for _ in range(3)] == [0, 0, 0]
    now_s = 0.1
    assert shared.get("b", lambda: next(numbers)) == 1
    now_s = 0.2
    assert shared.get("a", lambda: next(numbers)) == 2
    assert shared.get("b", lambda: next(numbers)) == 1


def test_a_failure_is_not_kept() -> None:
    shared = Shared[float](60)
    with pytest.raises(ZeroDivisionError):
        shared.get("a", lambda: 1 / 0)
    assert shared.get("a", lambda: 1) == 1
