"""A measured fact is as expected, or is not, or nobody knows."""

import pytest

from web.lessons.evidence import Measured, Value
from web.lessons.judging import Change, Judged, change, holds, judged, right_choice, said
from web.lessons.lesson import (
    Choice,
    Comparison,
    Condition,
    CurveAsked,
    Fact,
    How,
    NumberAsked,
    Question,
)

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


def choice(name: str, count: int) -> Choice:
    return Choice(name, name, Condition("counted", Comparison("is", count)))


ONE_OR_TWO = Question("What does the counter say?", (choice("one", 1), choice("two", 2)))


def test_the_right_choice_is_the_one_that_holds() -> None:
    assert right_choice(ONE_OR_TWO, {"counted": TWO}) == "two"
    assert right_choice(ONE_OR_TWO, {"counted": Measured(3)}) is None
    assert right_choice(ONE_OR_TWO, {"counted": UNKNOWN}) is None
    assert right_choice(ONE_OR_TWO, {}) is None
    assert judged(ONE_OR_TWO, "two", {"counted": TWO}) == Judged(True, "two")
    assert judged(ONE_OR_TWO, "one", {"counted": TWO}) == Judged(False, "two")
    assert judged(ONE_OR_TWO, "one", {}) == Judged(None)


def test_of_an_earlier_lesson_the_file_says_which_is_right() -> None:
    kept = Question("Why?", (Choice("a", "So."), Choice("b", "Because.", is_right=True)))
    assert right_choice(kept, {}) == "b"


@pytest.mark.parametrize(
    ("answer", "is_right", "off"), [(8, True, -2), (12, True, 2), (13, False, 3)]
)
def test_a_number_may_be_off_by_a_share(answer: float, is_right: bool, off: float) -> None:
    question = Question("How many?", number=NumberAsked("todos", 0, 20, "count", 0.2))
    assert judged(question, answer, {"count": Measured(10)}) == Judged(is_right, 10, off)
    assert judged(question, answer, {"count": UNKNOWN}) == Judged(None)


def test_a_curve_is_off_by_the_mean_of_where_it_is_known() -> None:
    question = Question("Draw.", curve=CurveAsked((0, 10, 100), "stale"))
    stale = {"stale": Measured([1.0, None, 0.0])}
    assert judged(question, [1.0, 0.3, 0.1], stale) == Judged(True, [1.0, None, 0.0], 0.05)
    assert judged(question, [0.5, 0.3, 0.5], stale) == Judged(False, [1.0, None, 0.0], 0.5)
    assert judged(question, [0.5, 0.3, 0.5], {"stale": UNKNOWN}) == Judged(None)


def fact(unit: str = "", better: str | None = None) -> Fact:
    return Fact("fact", "count", {}, "a fact", unit, better)  # type: ignore[arg-type]  # as given


@pytest.mark.parametrize(
    ("unit", "value", "words"),
    [
        ("todos", 2, "2 todos"),
        ("todos", 1, "1 todo"),
        ("deliveries", 1, "1 delivery"),
        ("deliveries", 2, "2 deliveries"),
        ("todos", 12_000, "12,000 todos"),
        ("s", 1, "1 s"),
        ("ms", 1.25, "1.25 ms"),
        ("ms", 3783.703, "3,780 ms"),
        ("ms", 9.6912, "9.69 ms"),
        ("events", 12_345, "12,345 events"),
        ("share", 0.5, "50 %"),
        ("share", 0.84133, "84.1 %"),
        ("", 201, "201"),
        ("", True, "yes"),
        ("", "1, 3, 2", "1, 3, 2"),
        ("", "", "nothing"),
        ("", [1.0, None, 0.25], "100%, ?, 25%"),
    ],
)
def test_a_fact_is_said_in_words(unit: str, value: Value, words: str) -> None:
    assert said(fact(unit), Measured(value)) == words


def test_what_is_not_known_says_why() -> None:
    assert said(fact("todos"), UNKNOWN) == "not known: It does not answer."
    least = Measured(None, "There was a gap.", 5)
    assert said(fact("events"), least) == "not known, at least 5 events: There was a gap."


@pytest.mark.parametrize(
    ("better", "was", "now", "changed"),
    [
        ("less", 2, 1, Change(-1, True)),
        ("more", 2, 1, Change(-1, False)),
        (None, 2, 1, Change(-1, None)),
        ("less", 2, 2, Change(0, None)),
        ("less", "a", 2, Change(None, None)),
        ("less", None, 2, Change(None, None)),
    ],
)
def test_a_change_is_better_or_worse(
    better: str | None, was: Value | None, now: Value, changed: Change
) -> None:
    assert change(fact(better=better), Measured(was), Measured(now)) == changed
