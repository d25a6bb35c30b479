"""How many traces a second may begin."""

from chassis.telemetry import TracesPerSecond


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def taken(limit: TracesPerSecond, times: int) -> int:
    return sum(limit.take() for _ in range(times))


def test_up_to_the_limit_every_one_is_traced() -> None:
    clock = Clock()
    limit = TracesPerSecond(250, clock)
    for second in range(3):
        clock.now_s = second
        assert taken(limit, 250) == 250


def test_in_a_flood_a_fifth_of_the_limit_is_traced_until_it_is_over() -> None:
    clock = Clock()
    limit = TracesPerSecond(250, clock)
    assert taken(limit, 1000) == 250
    for second in (1, 2):
        clock.now_s = second
        assert taken(limit, 1000) == 50
    clock.now_s = 3
    assert taken(limit, 100) == 50, "the second before it was still a flood"
    clock.now_s = 4
    assert taken(limit, 100) == 100


def test_a_pause_ends_a_flood() -> None:
    clock = Clock()
    limit = TracesPerSecond(250, clock)
    taken(limit, 1000)
    clock.now_s = 7
    assert taken(limit, 250) == 250
