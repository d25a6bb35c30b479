"""Judges: a fact is measured, and held against what was expected or predicted. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from web.lessons.evidence import Evidence, Measured, Unknown, Value
from web.lessons.facts.measures import MEASURES
from web.lessons.lesson import Comparison, Condition, CurveAsked, Fact, NumberAsked, Question


def measure(fact: Fact, evidence: Evidence) -> Measured:
    """Return what a fact is in a run; unknown, with the reason, if that cannot be said."""
    if fact.kind not in MEASURES:
        return Measured(None, f"Nobody measures {fact.kind!r}.")
    try:
        return Measured(MEASURES[fact.kind](fact.asks, evidence))
    except Unknown as unknown:
        return Measured(None, unknown.why, unknown.at_least)


def holds(
    comparison: Comparison, measured: Measured, others: Mapping[str, Measured] | None = None
) -> bool | None:
    """Return whether what was measured is as expected; None if that is not known.

    Args:
        comparison: what is expected.
        measured: what was measured.
        others: the other facts, for `same-as`.
    """
    how, wanted = comparison.how, comparison.value
    if how == "same-as":
        other = (others or {}).get(str(wanted), Measured(None))
        if measured.value is None or other.value is None:
            return None
        return measured.value == other.value
    if measured.value is None:
        return _by_least(how, wanted, measured.at_least)
    if how == "is":
        return _same(measured.value, wanted)
    if how == "is-not":
        return not _same(measured.value, wanted)
    given, bound = _number(measured.value), _number(wanted)
    # A text, such as that a todo is not there, is no number of any size.
    return given is not None and bound is not None and _ORDERS[how](given, bound)


_ORDERS = {
    "at-least": lambda given, bound: given >= bound,
    "at-most": lambda given, bound: given <= bound,
    "more-than": lambda given, bound: given > bound,
    "less-than": lambda given, bound: given < bound,
}


def _by_least(how: str, wanted: Value, least: float | None) -> bool | None:
    """Return what is certain of a number of which only a lower bound is known."""
    bound = _number(wanted)
    if least is None or bound is None:
        return None
    if how in {"at-least", "more-than"}:
        return True if _ORDERS[how](least, bound) else None
    if how in {"at-most", "less-than"}:
        return None if _ORDERS[how](least, bound) else False
    return (how == "is-not") if least > bound else None


def _same(given: Value, wanted: Value) -> bool:
    # In Python, True is 1.
    return isinstance(given, bool) == isinstance(wanted, bool) and given == wanted


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


@dataclass(frozen=True)
class Judged:
    """What an answer is worth.

    Args:
        is_right: whether it is right; None if that cannot be known yet.
        truth: what was measured, or the value of the right choice.
        off: how far a number or a curve is off: of a number, in its unit; of a curve, on average.
    """

    is_right: bool | None
    truth: Value | None = None
    off: float | None = None


def right_choice(question: Question, facts: Mapping[str, Measured]) -> str | None:
    """Return the value of the choice that is right by what was measured; None if none is known.

    Args:
        question: the question.
        facts: what was measured, by name; a question about an earlier lesson needs none.
    """
    for choice in question.choices:
        condition = choice.condition
        if choice.is_right or (condition and holds_of(condition, facts)):
            return choice.value
    return None


def holds_of(condition: Condition, facts: Mapping[str, Measured]) -> bool | None:
    """Return whether a fact is as expected, among all that were measured; None if unknown."""
    return holds(condition.comparison, facts.get(condition.fact, Measured(None)), facts)


def judged(question: Question, answer: object, facts: Mapping[str, Measured]) -> Judged:
    """Return what an answer to a question is worth.

    Args:
        question: the question.
        answer: the value of a choice, a number, or the shares of a curve at its times.
        facts: what was measured, by name.
    """
    if question.number:
        return _judged_number(question.number, answer, facts)
    if question.curve:
        return _judged_curve(question.curve, answer, facts)
    right = right_choice(question, facts)
    return Judged(None if right is None else answer == right, right)


# How far a curve that was drawn by hand may be off on average.
CURVE_WITHIN = 0.1


def _judged_number(asked: NumberAsked, answer: object, facts: Mapping[str, Measured]) -> Judged:
    given = _number(answer)
    truth = _number(facts.get(asked.fact, Measured(None)).value)
    if given is None or truth is None:
        return Judged(None, truth)
    off = given - truth
    return Judged(abs(off) <= asked.within * abs(truth) + _ROUNDED, truth, round(off, 4))


def _judged_curve(asked: CurveAsked, answer: object, facts: Mapping[str, Measured]) -> Judged:
    truth = facts.get(asked.fact, Measured(None)).value
    if not isinstance(truth, list) or not isinstance(answer, list):
        return Judged(None, truth)
    pairs = zip(answer, truth, strict=False)
    known = [(float(drawn), share) for drawn, share in pairs if share is not None]
    if not known:
        return Judged(None, truth)
    off = sum(abs(drawn - share) for drawn, share in known) / len(known)
    return Judged(off <= CURVE_WITHIN, truth, round(off, 4))


# Products of fractions are a little off.
_ROUNDED = 1e-9


def said(fact: Fact, measured: Measured) -> str:
    """Return in words what a fact is: `2 todos`, `at least 5 events`, or why it is not known."""
    if measured.value is None:
        why = measured.why or "Nobody has measured it."
        least = (
            "" if measured.at_least is None else f", at least {_in_unit(fact, measured.at_least)}"
        )
        return f"not known{least}: {why}"
    value = measured.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _in_unit(fact, value)
    if isinstance(value, str):
        return value or "nothing"
    return ", ".join("?" if it is None else f"{it:.0%}" for it in value)


def _in_unit(fact: Fact, number: float) -> str:
    if fact.unit == "share":
        return f"{number * 100:.3g} %"
    # What was counted is said in full; what was measured, with as many digits as matter.
    rounded = number if float(number).is_integer() else float(f"{number:.3g}")
    return f"{rounded:,.10g} {_one(fact.unit) if number == 1 else fact.unit}".strip()


def _one(units: str) -> str:
    """Return what one of them is called; `s` and `ms` are units of time."""
    if units.endswith("ies"):
        return f"{units.removesuffix('ies')}y"
    return units.removesuffix("s") if len(units) > 2 else units


@dataclass(frozen=True)
class Change:
    """How a fact has changed from one run to another.

    Args:
        delta: by how much, if both are numbers.
        is_better: whether that is an improvement; None if neither, or if it is not known.
    """

    delta: float | None
    is_better: bool | None


def change(fact: Fact, was: Measured, now: Measured) -> Change:
    """Return how a fact has changed."""
    before, after = _number(was.value), _number(now.value)
    if before is None or after is None:
        return Change(None, None)
    delta = round(after - before, 6)
    if not fact.better or not delta:
        return Change(delta, None)
    return Change(delta, (delta < 0) == (fact.better == "less"))
