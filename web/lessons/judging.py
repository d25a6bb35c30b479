"""Judges: a fact is measured, and held against what was expected or predicted. Pure."""

from collections.abc import Mapping

from web.lessons.evidence import Evidence, Measured, Unknown, Value
from web.lessons.facts.measures import MEASURES
from web.lessons.lesson import Comparison, Fact


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
