"""Measuring in turn: what is compared is measured within the same seconds."""

from collections.abc import Callable

REPEATS = 3

Tell = Callable[[str], None]
Measure = Callable[[], float]


def in_turn(tell: Tell, what: str, *measures: Measure, times: int = REPEATS) -> list[list[float]]:
    """Measure several things one after the other, again and again.

    Neighbours make a machine slower for some seconds or minutes, and a figure is compared with
    its yardstick: so both have to meet the same moments.

    Args:
        tell: is told how far it is.
        what: is measured.
        measures: return a figure each.
        times: how often.

    Returns:
        The figures of each, in the order of `measures`.
    """
    figures: list[list[float]] = [[] for _ in measures]
    for number in range(times):
        tell(f"{what}, {number + 1} of {times}")
        for measure, of_measure in zip(measures, figures, strict=True):
            of_measure.append(measure())
    return figures
