"""What a room answers to a question. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from web.lessons.lesson import Question

LONGEST_WHO = 64
MOST_CURVES = 200
MOST_HANDS = 10_000


class BadAnswer(Exception):
    """An answer that cannot be taken; the text says why."""


@dataclass
class Answers:
    """The answers to one question, each by somebody else.

    Args:
        by: the last answer of each, by the id that their browser has made up.
        hands: how many hands there were for each choice, as the host has typed them in.
        locked_ms: when they were locked; None while they can be given.
    """

    by: dict[str, Any] = field(default_factory=dict)
    hands: Mapping[str, int] = field(default_factory=dict)
    locked_ms: float | None = None

    def give(self, who: object, answer: object, question: Question, most: int) -> None:
        """Take an answer, in the place of an earlier one by the same. Raises BadAnswer."""
        if not isinstance(who, str) or not 0 < len(who) <= LONGEST_WHO:
            raise BadAnswer(f"who is a text of 1 to {LONGEST_WHO} characters.")
        checked = checked_answer(answer, question)
        if who not in self.by and len(self.by) >= most:
            raise BadAnswer(f"There are {most} answers already, and no more are taken.")
        self.by[who] = checked

    def tally(self) -> dict[str, int]:
        """Return how often each answer was given; of numbers, the commonest."""
        counted = Counter(_key(it) for it in self.by.values() if not isinstance(it, list))
        return dict(counted.most_common(MOST_CURVES))

    def curves(self) -> list[list[float]]:
        """Return the curves that were drawn, the last ones if there are many."""
        return [it for it in self.by.values() if isinstance(it, list)][-MOST_CURVES:]


def checked_answer(answer: object, question: Question) -> Any:
    """Return an answer if it answers the question. Raises BadAnswer."""
    if question.choices:
        values = [it.value for it in question.choices]
        if answer not in values:
            raise BadAnswer(f"answer is one of {', '.join(values)}.")
        return answer
    if question.number:
        asked = question.number
        if not _is_number(answer) or not asked.least <= answer <= asked.most:  # type: ignore[operator]
            raise BadAnswer(f"answer is a number from {asked.least:g} to {asked.most:g}.")
        return answer
    assert question.curve is not None
    count = len(question.curve.at_ms)
    if not isinstance(answer, list) or len(answer) != count:
        raise BadAnswer(f"answer is a list of {count} shares.")
    if not all(_is_number(it) and 0 <= it <= 1 for it in answer):
        raise BadAnswer("Each share is a number from 0 to 1.")
    return [round(float(it), 4) for it in answer]


def checked_hands(counts: object, question: Question) -> dict[str, int]:
    """Return the hands of a room if they can be. Raises BadAnswer."""
    values = [it.value for it in question.choices]
    if not values:
        raise BadAnswer("Hands are counted only for choices.")
    if not isinstance(counts, dict) or not set(counts) <= set(values):
        raise BadAnswer(f"counts has numbers for {', '.join(values)}.")
    if not all(type(it) is int and 0 <= it <= MOST_HANDS for it in counts.values()):
        raise BadAnswer(f"Each count is a whole number from 0 to {MOST_HANDS}.")
    return dict(counts)


def _is_number(value: object) -> bool:
    # NaN is not within any bounds.
    return isinstance(value, int | float) and not isinstance(value, bool)


def _key(answer: object) -> str:
    return f"{answer:g}" if isinstance(answer, int | float) else str(answer)
