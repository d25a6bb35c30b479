"""Callers at about the same time share one value."""

from itertools import count

import pytest

from web.brief_cache import BriefCache


def test_calls_within_the_moment_get_the_same_value() -> None:
    now_s = 0.0
    numbers = count()
    cache = BriefCache[int](0.2, lambda: now_s)
    assert [cache.get("a", lambda: next(numbers)) for _ in range(3)] == [0, 0, 0]
    now_s = 0.1
    assert cache.get("b", lambda: next(numbers)) == 1
    now_s = 0.2
    assert cache.get("a", lambda: next(numbers)) == 2
    assert cache.get("b", lambda: next(numbers)) == 1


def test_a_failure_is_not_kept() -> None:
    cache = BriefCache[float](60)
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: 1 / 0)
    assert cache.get("a", lambda: 1) == 1
