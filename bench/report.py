"""The table: each figure beside its yardstick, and whether it is what was wanted."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One figure.

    Args:
        what: what was measured.
        figure: the median of its runs.
        spread: the smallest and the largest of them.
        unit: of the figure and of the yardstick.
        yardstick: what it is measured against.
        limit: the yardstick's own median, in the same run.
        ratio: the figure as a part of the yardstick.
        wanted: in words.
        reached: whether it is so.
    """

    what: str
    figure: float
    spread: tuple[float, float]
    unit: str
    yardstick: str
    limit: float
    ratio: float
    wanted: str
    reached: bool


def at_least(
    what: str,
    runs: Sequence[float],
    unit: str,
    yardstick: str,
    limits: Sequence[float],
    wanted: float,
) -> Row:
    """Return a row for a figure that is to reach a part of its yardstick, or several times it."""
    figure, limit = statistics.median(runs), statistics.median(limits)
    ratio = figure / limit
    spread = (min(runs), max(runs))
    words = f"at least {wanted:g} of it" if wanted <= 1 else f"at least {wanted:g} times it"
    return Row(what, figure, spread, unit, yardstick, limit, ratio, words, ratio >= wanted)


def at_most(
    what: str,
    runs: Sequence[float],
    unit: str,
    yardstick: str,
    limits: Sequence[float],
    wanted: float,
) -> Row:
    """Return a row for a figure that is not to exceed so many times its yardstick."""
    figure, limit = statistics.median(runs), statistics.median(limits)
    ratio = figure / limit
    spread = (min(runs), max(runs))
    words = f"at most {wanted:g} times it" if wanted != 1 else "at most that"
    return Row(what, figure, spread, unit, yardstick, limit, ratio, words, ratio <= wanted)


def line(row: Row) -> str:
    """Return a row of the table as text."""
    low, high = row.spread
    return (
        f"{'ok ' if row.reached else 'NOT'} {row.what:<58} {row.figure:>9,.4g} {row.unit:<10}"
        f" ({low:,.4g} to {high:,.4g})  {row.ratio:>6.2f} x {row.limit:,.4g} {row.yardstick};"
        f" wanted {row.wanted}"
    )


def write(rows: Sequence[Row], folder: Path) -> None:
    """Write the table as JSON and as a picture."""
    folder.mkdir(parents=True, exist_ok=True)
    document = json.dumps([asdict(row) for row in rows], indent=2)
    (folder / "bench.json").write_text(f"{document}\n")
    (folder / "bench.svg").write_text(_picture(rows))


def _picture(rows: Sequence[Row]) -> str:
    height = 34 * len(rows) + 50
    bars = []
    for number, row in enumerate(rows):
        y = 44 + 34 * number
        width = min(row.ratio, 1.5) / 1.5 * 260
        colour = "#2f7d4f" if row.reached else "#b3372f"
        bars.append(
            f'<text x="12" y="{y}">{escape(row.what)}</text>'
            f'<rect x="470" y="{y - 12}" width="{width:.0f}" height="14" fill="{colour}"/>'
            f'<text x="742" y="{y}">{row.ratio:.2f} of {escape(row.yardstick)}, wanted '
            f"{escape(row.wanted)}</text>"
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1180 {height}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img" '
        'aria-label="Each figure as a part of its yardstick">'
        f'<rect width="1180" height="{height}" fill="#ffffff"/>'
        '<text x="12" y="20" font-weight="600">Each figure as a part of its yardstick, measured '
        "in the same run</text>"
        f'<line x1="{470 + 260 / 1.5:.0f}" y1="28" x2="{470 + 260 / 1.5:.0f}" '
        f'y2="{height - 8}" stroke="#777" stroke-dasharray="3 3"/>{"".join(bars)}</svg>\n'
    )
