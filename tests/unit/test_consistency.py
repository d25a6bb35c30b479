"""Tokens and preferences."""

import pytest

from query_service.http.consistency import (
    LONGEST_WAIT_S,
    BadConsistencyToken,
    BadPreference,
    parse_tokens,
    parse_wait_s,
)


def test_several_tokens_keep_the_newest_version_of_each_todo() -> None:
    assert parse_tokens("1.1, 2.7,1.3") == {1: 3, 2: 7}
    assert parse_tokens("1.1,, ,2.7,") == {1: 1, 2: 7}
    assert parse_tokens(None) == {}


@pytest.mark.parametrize(
    "value", ["", "1", "1.", ".1", "0.1", "1.0", "a.b", "1.1;2.2", ",", "-1.1", "\u0661.1"]
)
def test_a_malformed_token_is_refused(value: str) -> None:
    with pytest.raises(BadConsistencyToken):
        parse_tokens(value)


def test_too_many_tokens_to_wait_for_are_refused() -> None:
    with pytest.raises(BadConsistencyToken):
        parse_tokens(",".join(f"{todo_id}.1" for todo_id in range(1, 102)))


@pytest.mark.parametrize(
    ("value", "wait_s"),
    [
        (None, None),
        ("wait=2", 2),
        ("respond-async, wait=10", 10),
        ("Wait = 3", 3),
        ('foo; bar="a,b", wait="4"', 4),
        ("return=minimal", None),
        ("wait=100000", LONGEST_WAIT_S),
        ("wait=0", 0),
        ("wait=1,", 1),
        (",foo;;bar, wait = 5 ;", 5),
        ("wait=1, wait=2", 1),
    ],
)
def test_the_wait_is_found_among_other_preferences(value: str | None, wait_s: int | None) -> None:
    assert parse_wait_s(value) == wait_s


@pytest.mark.parametrize(
    "value",
    [
        "wait=",
        "wait",
        "wait=x",
        "wait=-1",
        "wait=1.5",
        "=2",
        ",,",
        "wait=2 3",
        ";wait=1",
        "wait=\u0661",
    ],
)
def test_a_malformed_preference_is_refused(value: str) -> None:
    with pytest.raises(BadPreference):
        parse_wait_s(value)
