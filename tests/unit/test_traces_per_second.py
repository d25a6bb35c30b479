"""How many traces a second may begin."""

import pytest

from chassis.telemetry.sampling import TracesPerSecond


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def taken(limit: TracesPerSecond, times: int) -> int:
    return sum(limit.take() for _ in range(times))


def test_every_command_is_traced_up_to_the_limit() -> None:
    clock = Clock()
    limit = TracesPerSecond(250, clock)
    for second in range(3):
        clock.now_s = second
        assert taken(limit, 250) == 250


def taken_in_parts(limit: TracesPerSecond, clock: Clock, second: int, times: int) -> list[int]:
    taken_in_part = []
    for part in range(5):
        clock.now_s = second + part / 5 + 0.1
        taken_in_part.append(taken(limit, times // 5))
    return taken_in_part


def test_in_a_flood_a_fifth_of_the_limit_is_traced_spread_over_each_second() -> None:
    clock = Clock()
    limit = TracesPerSecond(250, clock)
    assert sum(taken_in_parts(limit, clock, 0, 1000)) == 250
    for second in (1, 2):
        assert taken_in_parts(limit, clock, second, 1000) == [10] * 5
    # The previous second was still a flood.
    assert taken_in_parts(limit, clock, 3, 100) == [10] * 5
    assert taken_in_parts(limit, clock, 4, 100) == [20] * 5


@pytest.mark.parametrize(("limit", "in_flood"), [(0, 0), (1, 1), (10, 2), (24, 4), (250, 50)])
def test_in_a_flood_a_small_limit_leaves_something_and_a_limit_of_zero_nothing(
    limit: int, in_flood: int
) -> None:
    clock = Clock()
    traces = TracesPerSecond(limit, clock)
    assert sum(taken_in_parts(traces, clock, 0, 1000)) == limit
    assert sum(taken_in_parts(traces, clock, 1, 1000)) == in_flood


def test_a_pause_ends_a_flood() -> None:
    clock = Clock()
    limit = TracesPerSecond(250, clock)
    taken(limit, 1000)
    clock.now_s = 7
    assert taken(limit, 250) == 250
