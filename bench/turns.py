"""Measuring in turn: figures to be compared are measured within the same seconds."""

from collections.abc import Callable

REPEATS = 3

Tell = Callable[[str], None]
Measure = Callable[[], float]


def in_turn(tell: Tell, what: str, *measures: Measure, times: int = REPEATS) -> list[list[float]]:
    """Measure several things one after the other, again and again.

    Neighbours may slow a machine down for seconds or minutes, so a figure and its yardstick
    have to be measured at the same moments.

    Args:
        tell: reports progress.
        what: the name of what is measured.
        measures: each returns a figure.
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
