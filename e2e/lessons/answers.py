"""What turns out to be right in each lesson, and what somebody answers who knows it or does not."""

from collections.abc import Mapping
from typing import Any

# By lesson and step. How long something takes depends on the machine: that is not here.
RIGHT: Mapping[str, Mapping[int, str]] = {
    "the-page": {1: "postgresql"},
    "the-window": {},
    "dual-write": {1: "postgresql", 2: "mongodb", 5: "eggs", 7: "milk-tea"},
    "the-skipped-row": {1: "never", 4: "outbox"},
    "twice": {1: "two", 4: "once", 6: "twice-one"},
    "order": {1: "oat", 4: "132"},
    "the-undead": {1: "back", 4: "late", 7: "logged"},
    "poison": {1: "none", 4: "ten"},
    "the-broker-is-gone": {1: "refused", 2: "never", 5: "tea-rice", 7: "late"},
    "pressure": {},
    "did-it-work": {1: "two", 4: "both", 6: "one"},
    "going-back-in-time": {1: "often", 4: "never", 6: "once"},
    "lost-update": {1: "ben-silent", 4: "fine"},
    "replay": {1: "old", 2: "six", 5: "again"},
    "a-new-version": {1: "letters", 4: "reader", 5: "empty"},
    "two-leaders": {1: "twice", 4: "second", 6: "negative"},
    "the-saga": {1: "half", 4: "stays"},
}


def right_answer(lesson: str, number: int, asked: Mapping[str, Any]) -> str | None:
    """Return the value of the choice that is right; None if that depends on the machine."""
    for choice in asked.get("choices", []):
        if choice.get("right"):
            value: str = choice["value"]
            return value
    return RIGHT[lesson].get(number)


def answer_to(lesson: str, number: int, asked: Mapping[str, Any], *, knows: bool) -> Any:
    """Return what somebody answers.

    Args:
        lesson: the lesson.
        number: the step, from 0.
        asked: the question, as the lesson's file has it.
        knows: whether they answer what is right; else, they are wrong wherever it is known.
    """
    if "curve" in asked:
        # Nobody knows this one before: always stale, and then never, or the other way round.
        points = len(asked["curve"]["at_ms"])
        return [float((at < points / 2) == knows) for at in range(points)]
    if "number" in asked:
        return 7 if knows else asked["number"]["most"]
    values = [choice["value"] for choice in asked["choices"]]
    right = right_answer(lesson, number, asked) or values[0]
    return right if knows else next(it for it in values if it != right)
