"""The table: each figure beside its yardstick, and whether it meets its goal."""

import json
import os
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.picture import Bar, Group, picture


@dataclass(frozen=True)
class Wanted:
    """What a figure should be, relative to its yardstick.

    Args:
        times: how many times the yardstick; 1 is the yardstick itself.
        or_more: whether the figure should reach that; otherwise it should not exceed it.
    """

    times: float
    or_more: bool

    def is_met(self, figure: float, limit: float) -> bool:
        """Return whether the figure meets the goal."""
        bound = self.times * limit
        return figure >= bound if self.or_more else figure <= bound

    def __str__(self) -> str:
        if self.times == 0:
            return "none"
        if self.times == 1:
            of_it = "that"
        else:
            of_it = f"{self.times:g} of it" if self.times < 1 else f"{self.times:g} times it"
        return f"{'at least' if self.or_more else 'at most'} {of_it}"


def at_least(times: float) -> Wanted:
    """Want at least this many times the yardstick; it may be less than once."""
    return Wanted(times, or_more=True)


def at_most(times: float) -> Wanted:
    """Want at most this many times the yardstick."""
    return Wanted(times, or_more=False)


@dataclass(frozen=True)
class Row:
    """One figure.

    Args:
        what: what was measured.
        figure: the median of its runs.
        spread: the smallest and the largest of them.
        unit: the unit of the figure and of the yardstick.
        yardstick: what it is measured against.
        limit: the yardstick's own median, from the same run.
        wanted: the goal, relative to the yardstick.
    """

    what: str
    figure: float
    spread: tuple[float, float]
    unit: str
    yardstick: str
    limit: float
    wanted: Wanted

    @property
    def ratio(self) -> float | None:
        """Return the figure divided by its yardstick; None if the yardstick is zero."""
        return self.figure / self.limit if self.limit else None

    @property
    def reached(self) -> bool:
        """Return whether the figure is what was wanted."""
        return self.wanted.is_met(self.figure, self.limit)


def compare(
    what: str,
    runs: Sequence[float],
    unit: str,
    yardstick: str,
    limits: Sequence[float],
    wanted: Wanted,
) -> Row:
    """Return the row for the results of several runs, beside those of the yardstick."""
    figure, limit = statistics.median(runs), statistics.median(limits)
    return Row(what, figure, (min(runs), max(runs)), unit, yardstick, limit, wanted)


@dataclass(frozen=True)
class Section:
    """What was measured together.

    Args:
        name: its heading in the table.
        rows: its figures.
        loops_ms: how long a fixed loop of plain Python took before it and after it.
    """

    name: str
    rows: Sequence[Row]
    loops_ms: tuple[float, float]


def table(sections: Sequence[Section]) -> str:
    """Return the table as text; its last line says how evenly the machine ran."""
    if not sections:
        return ""
    width = max(len(row.what) for section in sections for row in section.rows)
    parts = []
    for section in sections:
        parts += [section.name, *(f"  {_line(row, width)}" for row in section.rows), ""]
    factor = _variation(sections)
    parts.append(f"This machine's speed varied by a factor of {factor:.1f} meanwhile.")
    return "".join(f"{part}\n" for part in parts)


def write(sections: Sequence[Section], folder: Path) -> None:
    """Write the table as JSON and as a picture."""
    folder.mkdir(parents=True, exist_ok=True)
    loops_ms = _loops_ms(sections)
    document = {
        "cores": os.cpu_count(),
        "machine": {
            "fastest_loop_ms": min(loops_ms),
            "slowest_loop_ms": max(loops_ms),
            "varied_by": _variation(sections),
        },
        "sections": [
            {
                "name": section.name,
                "loops_ms": section.loops_ms,
                "rows": [_in_json(row) for row in section.rows],
            }
            for section in sections
        ],
    }
    (folder / "bench.json").write_text(f"{json.dumps(document, indent=2)}\n")
    (folder / "bench.svg").write_text(_drawn(sections))


def _line(row: Row, width: int) -> str:
    low, high = (_number(end) for end in row.spread)
    ratio = " against" if row.ratio is None else f"{row.ratio:>6.2f} x"
    return (
        f"{'ok ' if row.reached else 'NOT'} {row.what:<{width}} {_number(row.figure):>8}"
        f" {row.unit:<8} {f'({low} to {high})':<20} {ratio} {_number(row.limit)} {row.yardstick};"
        f" wanted {row.wanted}"
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _in_json(row: Row) -> dict[str, Any]:
    return {
        **asdict(row),
        "ratio": row.ratio,
        "wanted": str(row.wanted),
        "reached": row.reached,
    }


def _loops_ms(sections: Sequence[Section]) -> list[float]:
    return [loop_ms for section in sections for loop_ms in section.loops_ms]


def _variation(sections: Sequence[Section]) -> float:
    loops_ms = _loops_ms(sections)
    return max(loops_ms) / min(loops_ms)


def _drawn(sections: Sequence[Section]) -> str:
    factor = _variation(sections)
    return picture(
        "Each figure against its yardstick of the same run",
        f"The machine's speed varied by a factor of {factor:.1f} meanwhile.",
        [Group(section.name, [_bar(row) for row in section.rows]) for section in sections],
    )


def _bar(row: Row) -> Bar:
    bound = row.wanted.times * row.limit
    # If the bound is zero, zero fills it and anything more is too much.
    part = row.figure / bound if bound else float(row.figure > 0) * 2
    figure, limit = f"{_number(row.figure)} {row.unit}", _number(row.limit)
    return Bar(
        what=row.what,
        figures=f"{figure} against {limit} {row.yardstick}; wanted {row.wanted}",
        part=part,
        end=_number(row.figure) if row.ratio is None else f"{row.ratio:.2f}",
        or_more=row.wanted.or_more,
        reached=row.reached,
    )
