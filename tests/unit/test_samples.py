"""Samples of the processes can be sent again, and stay within their room."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from web.room.samples import Samples

told = st.lists(
    st.dictionaries(st.sampled_from("ab"), st.integers(0, 2), min_size=1), min_size=1, max_size=30
)


def states(samples: list[Any]) -> list[tuple[float, dict[str, Any]]]:
    """The state after each sample."""
    now: dict[str, Any] = {}
    result = []
    for sample in samples:
        now = {**now, **sample["told"]}
        result.append((sample["at_ms"], now))
    return result


@given(told, st.integers(1, 8), st.integers(-5, 35), st.integers(1, 40))
def test_the_samples_give_the_state_at_every_moment(
    told: list[dict[str, int]], most: int, since: int, kept_for: int
) -> None:
    samples = Samples(kept_for, most)
    now: dict[str, int] = {}
    truth: list[dict[str, int]] = []
    for at, values in enumerate(told):
        now = {**now, **values}
        samples.add(at, values)
        truth.append(dict(now))
    kept = states(samples.since(since))
    assert len(kept) <= most + 1
    first = kept[0][0]
    assert [at for at, _ in kept[1:] if at <= since] == []
    for at, expected in enumerate(truth):
        known = [state for when, state in kept if when <= at]
        if at >= max(first, since):
            assert known[-1] == expected


def test_an_unchanged_state_is_not_sent_again() -> None:
    samples = Samples()
    for at in range(9):
        samples.add(at, {"relay": {"outbox": at // 8}, "projector": None})
    assert samples.since(0) == [
        {"at_ms": 0, "told": {"relay": {"outbox": 0}, "projector": None}},
        {"at_ms": 8, "told": {"relay": {"outbox": 1}}},
    ]


def test_ten_busy_minutes_are_all_that_is_kept() -> None:
    samples = Samples()
    for at in range(5_000):
        samples.add(at * 250.0, {"projector": {"queue": at}})
    kept = samples.since(0)
    assert len(kept) == 2_401
    assert len(samples.since(4_999 * 250.0 - 60_000)) == 241
