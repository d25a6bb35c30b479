"""A measured fact is as expected, or is not, or nobody knows."""

import pytest

from web.lessons.evidence import Measured, Value
from web.lessons.judging import holds
from web.lessons.lesson import Comparison, How

TWO, UNKNOWN = Measured(2), Measured(None, "It does not answer.")


@pytest.mark.parametrize(
    ("how", "wanted", "expected"),
    [
        ("is", 2, True),
        ("is", 3, False),
        ("is", "2", False),
        ("is-not", 3, True),
        ("at-least", 2, True),
        ("at-most", 1, False),
        ("more-than", 2, False),
        ("less-than", 2.5, True),
    ],
)
def test_a_number_is_compared(how: How, wanted: int | str, expected: bool) -> None:
    assert holds(Comparison(how, wanted), TWO) is expected
    assert holds(Comparison(how, wanted), UNKNOWN) is None


def test_a_truth_is_no_number() -> None:
    assert holds(Comparison("is", 1), Measured(True)) is False
    assert holds(Comparison("is", True), Measured(True)) is True
    assert holds(Comparison("at-least", 0), Measured(True)) is False


@pytest.mark.parametrize("how", ["at-least", "at-most", "more-than", "less-than"])
def test_what_is_not_there_has_no_size(how: How) -> None:
    assert holds(Comparison(how, 1), Measured("not there")) is False


@pytest.mark.parametrize(
    ("how", "wanted", "expected"),
    [
        ("at-least", 5, True),
        ("at-least", 6, None),
        ("more-than", 4, True),
        ("more-than", 5, None),
        ("at-most", 4, False),
        ("at-most", 5, None),
        ("less-than", 5, False),
        ("less-than", 6, None),
        ("is", 4, False),
        ("is", 5, None),
        ("is-not", 4, True),
    ],
)
def test_a_lower_bound_may_be_enough(how: How, wanted: int, expected: bool | None) -> None:
    assert holds(Comparison(how, wanted), Measured(None, "There was a gap.", 5)) is expected


@pytest.mark.parametrize(
    ("other", "expected"), [(TWO, True), (Measured(3), False), (UNKNOWN, None)]
)
def test_it_may_be_the_same_as_another_fact(other: Measured, expected: Value | None) -> None:
    assert holds(Comparison("same-as", "other"), TWO, {"other": other}) is expected
    assert holds(Comparison("same-as", "nothing"), TWO, {}) is None
