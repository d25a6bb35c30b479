"""The table: each figure beside its yardstick, and whether it meets its goal."""

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
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
        split: what the figure consists of, in its unit; no part has a goal of its own.
        of_limit: what the yardstick consists of.
        disturbed: how neighbours kept the machine busy meanwhile, in words; empty if they did not.
    """

    what: str
    figure: float
    spread: tuple[float, float]
    unit: str
    yardstick: str
    limit: float
    wanted: Wanted
    split: Mapping[str, float] = field(default_factory=dict)
    of_limit: Mapping[str, float] = field(default_factory=dict)
    disturbed: str = ""

    @property
    def ratio(self) -> float | None:
        """Return the figure divided by its yardstick; None if the yardstick is zero."""
        return self.figure / self.limit if self.limit else None

    @property
    def reached(self) -> bool:
        """Return whether the figure is what was wanted."""
        return self.wanted.is_met(self.figure, self.limit)

    def marked(self, disturbed: str) -> "Row":
        """Return the row with words on how neighbours disturbed it, if they did."""
        return replace(self, disturbed=disturbed)


def compare(
    what: str,
    runs: Sequence[float],
    unit: str,
    yardstick: str,
    limits: Sequence[float],
    wanted: Wanted,
    *,
    split: Mapping[str, float] | None = None,
    of_limit: Mapping[str, float] | None = None,
) -> Row:
    """Return the row for the results of several runs, beside those of the yardstick."""
    figure, limit = statistics.median(runs), statistics.median(limits)
    spread = (min(runs), max(runs))
    return Row(what, figure, spread, unit, yardstick, limit, wanted, split or {}, of_limit or {})


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


@dataclass(frozen=True)
class Run:
    """One run of the bench.

    Args:
        cores: how many the machine has.
        constant_per_s: how often a second a route answered that does nothing, before all else.
        kept_busy: whether a process of the bench kept one core busy.
        took_s: how long it took.
        again_s: how much of that went into measuring again what neighbours had disturbed.
        disturbed_if: when a row counts as disturbed, in words.
        sections: what was measured.
    """

    cores: int
    constant_per_s: float
    kept_busy: bool
    took_s: float
    again_s: float
    disturbed_if: str
    sections: Sequence[Section]

    @property
    def loops_ms(self) -> list[float]:
        """Return the times of the loop before and after each section."""
        return [loop_ms for section in self.sections for loop_ms in section.loops_ms]

    @property
    def rows(self) -> list[Row]:
        """Return all rows."""
        return [row for section in self.sections for row in section.rows]


def table(run: Run) -> str:
    """Return the table as text: first the machine, then each section, last what is missed."""
    if not run.sections:
        return ""
    named = []
    for section in run.sections:
        before_ms, after_ms = section.loops_ms
        loops = f"(loop {before_ms:.0f} ms before, {after_ms:.0f} ms after)"
        named.append((f"{section.name}  {loops}", section.rows))
    ends = "".join(f"{line}\n" for line in (*_summary(run), _took(run)))
    return f"{_machine(run)}\n\n{table_of(named)}{ends}"


def table_of(named: Sequence[tuple[str, Sequence[Row]]]) -> str:
    """Return rows as text under their headings."""
    width = max(len(row.what) for _name, rows in named for row in rows)
    parts = []
    for name, rows in named:
        parts.append(name)
        disturbed = ""
        for row in rows:
            parts += [f"  {line}" for line in _lines(row, width)]
            # Said once of rows that were measured together.
            if row.disturbed and row.disturbed != disturbed:
                parts.append(f"        ~ {row.disturbed}")
            disturbed = row.disturbed
        parts.append("")
    return "".join(f"{part}\n" for part in parts)


def write(run: Run, folder: Path) -> list[Path]:
    """Write the table as JSON and as a picture, and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "machine": {
            "cores": run.cores,
            "constant_per_s": run.constant_per_s,
            "fastest_loop_ms": min(run.loops_ms),
            "slowest_loop_ms": max(run.loops_ms),
            "one_core_kept_busy": run.kept_busy,
        },
        "took_s": run.took_s,
        "measured_again_s": run.again_s,
        "disturbed_if": run.disturbed_if,
        "sections": [
            {
                "name": section.name,
                "loops_ms": section.loops_ms,
                "rows": [_in_json(row) for row in section.rows],
            }
            for section in run.sections
        ],
    }
    figures, drawn = folder / "bench.json", folder / "bench.svg"
    figures.write_text(f"{json.dumps(document, indent=2)}\n")
    drawn.write_text(_drawn(run))
    return [figures, drawn]


def _machine(run: Run) -> str:
    busy = ", one of them kept busy by another process" if run.kept_busy else ""
    return (
        f"The machine: {run.cores} cores{busy}; a route that answers a constant answers "
        f"{run.constant_per_s:,.0f} times a second; a fixed loop takes {min(run.loops_ms):.0f} to "
        f"{max(run.loops_ms):.0f} ms."
    )


def _summary(run: Run) -> Iterator[str]:
    disturbed = [row for row in run.rows if row.disturbed]
    if disturbed:
        yield f"{len(disturbed)} rows marked ~ were disturbed by neighbours: {run.disturbed_if}."
    missed = [(section, row) for section in run.sections for row in section.rows if not row.reached]
    if not missed:
        yield f"All {len(run.rows)} figures are as wanted."
        return
    yield f"{len(missed)} of {len(run.rows)} figures are not as wanted:"
    for section, row in missed:
        yield f"  {section.name}: {full_name(section.rows, row)}: {_against(row)}"


def _took(run: Run) -> str:
    again = f", {run.again_s:.0f} s of it for rows measured again" if run.again_s else ""
    return f"It took {run.took_s / 60:.1f} minutes{again}."


def full_name(rows: Sequence[Row], row: Row) -> str:
    """Return what a row is about; "the same" stands for what the row before it says."""
    at = next(number for number, each in enumerate(rows) if each is row)
    while at and rows[at].what == "the same":
        at -= 1
    return rows[at].what


def _lines(row: Row, width: int) -> Iterator[str]:
    low, high = (_number(end) for end in row.spread)
    mark = "~" if row.disturbed else " "
    yield (
        f"{'ok ' if row.reached else 'NOT'}{mark} {row.what:<{width}} {_number(row.figure):>8}"
        f" {row.unit:<8} {f'({low} to {high})':<20} {_ratio(row)}"
    )
    for parts in (row.split, row.of_limit):
        if parts:
            yield "      " + ", ".join(f"{name} {_number(part)}" for name, part in parts.items())


def _ratio(row: Row) -> str:
    ratio = " against" if row.ratio is None else f"{row.ratio:>6.2f} x"
    return f"{ratio} {_number(row.limit)} {row.yardstick}; wanted {row.wanted}"


def _against(row: Row) -> str:
    return f"{_number(row.figure)} {row.unit}, {_ratio(row).strip()}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def _in_json(row: Row) -> dict[str, Any]:
    return {
        **asdict(row),
        "ratio": row.ratio,
        "wanted": str(row.wanted),
        "reached": row.reached,
    }


def _drawn(run: Run) -> str:
    return picture(
        "Each figure against its yardstick of the same run",
        _machine(run),
        [Group(section.name, [_bar(row) for row in section.rows]) for section in run.sections],
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
        disturbed=bool(row.disturbed),
    )
