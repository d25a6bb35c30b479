"""Floors: what a figure would be if it consisted of nothing but its parts, one after the other.

Each part is measured by itself, on the same cores and in turn with the figure. On a machine with
more cores than one, parts may overlap, so a figure can also be above its floor.
"""

import statistics
from collections.abc import Mapping, Sequence

from bench.report import Row, at_least, compare

# The share of the floor that we want to reach.
SHARE = 0.8


def in_a_row(*per_s: float) -> float:
    """Return how often a second several things can be done one after the other.

    Args:
        per_s: how often each can be done by itself; 0 if it cannot be done at all.
    """
    if not all(per_s):
        return 0.0
    return 1 / sum(1 / each for each in per_s)


def against_floor(
    what: str,
    runs: Sequence[float],
    yardstick: str,
    parts: Mapping[str, Sequence[float]],
    share: float = SHARE,
) -> Row:
    """Return the row for a figure beside the sum of its parts.

    Args:
        what: what was measured.
        runs: its runs, how often a second.
        yardstick: the parts in words.
        parts: the runs of each part, in turn with those of the figure.
        share: the share of the floor that is wanted.
    """
    limits = [in_a_row(*each) for each in zip(*parts.values(), strict=True)]
    medians = {name: statistics.median(each) for name, each in parts.items()}
    return compare(what, runs, "a second", yardstick, limits, at_least(share), of_limit=medians)
