"""The sample of probed writes speaks for all writes, in a burst too."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.background.sampling import SURE_A_SECOND, Sampling


class _Always(random.Random):
    """Chance that always gives the same number."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def random(self) -> float:
        return self.value


def test_a_burst_is_sampled_to_its_end_and_the_weights_make_up_for_the_rest() -> None:
    chance = random.Random(5)
    rounds = 400
    of_first = of_last = reads = 0.0
    for _ in range(rounds):
        sampling = Sampling(chance)
        weights = [sampling.weight(7 + number / 200) for number in range(200)]
        of_first += sum(weight or 0 for weight in weights[:100])
        of_last += sum(weight or 0 for weight in weights[100:])
        reads += sum(weight is not None for weight in weights)
    assert 90 < of_first / rounds < 110
    assert 85 < of_last / rounds < 115
    assert reads / rounds < 30


@given(st.lists(st.integers(0, 3), min_size=1, max_size=300).map(sorted))
def test_each_write_has_a_chance_and_stands_for_one_in_that_chance(seconds: list[int]) -> None:
    sampling = Sampling(_Always(0.0))
    nth: dict[int, int] = {}
    for second in seconds:
        nth[second] = nth.get(second, 0) + 1
        weight = sampling.weight(float(second + 1))
        assert weight is not None
        assert weight * min(1.0, SURE_A_SECOND / nth[second]) == pytest.approx(1)


def test_few_writes_a_second_are_all_probed() -> None:
    sampling = Sampling(_Always(0.999999))
    assert [sampling.weight(1 + number / 10) for number in range(SURE_A_SECOND)] == [1.0] * 5
