"""A run that was played again, in words for a terminal. Pure."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Told = Mapping[str, Any]

_HEADINGS = ("", "Was", "Now", "Δ")
_SIGNIFICANT = 3
_MS_IN_S = 1000.0


def plan_said(told: Told) -> Iterator[str]:
    """Yield what is to be played, and what cannot be."""
    takes = value_said(told["takes_ms"], "ms")
    yield f"{_counted(told['commands'], 'command')}, over {takes}."
    if told["before"]:
        yield f"{_counted(told['before'], 'command')} before, for what was there already."
    yield from left_said(told)


def left_said(told: Told) -> Iterator[str]:
    """Yield what cannot be played, and why."""
    if not told["left"]:
        return
    yield f"{_counted(told['left'], 'event')} cannot be played again:"
    reasons = Counter(it["why"] for it in told["left_out"])
    for why, count in reasons.most_common():
        named = [_event_said(it) for it in told["left_out"] if it["why"] == why]
        more = f" and {count - 3} more" if count > 3 else ""
        yield f"  {why} ({', '.join(named[:3])}{more})"
    if told["left"] > len(told["left_out"]):
        yield f"  {told['left'] - len(told['left_out']):,} more are not named."


def table_said(rows: Sequence[Told]) -> Iterator[str]:
    """Yield the table: a line for each figure, by groups."""
    cells = [
        (
            it["says"],
            cell_said(it["was"], it["unit"]),
            cell_said(it["now"], it["unit"]),
            delta_said(it),
        )
        for it in rows
    ]
    widths = [max(_width(each[at]) for each in [_HEADINGS, *cells]) for at in range(4)]
    yield _line(_HEADINGS, widths)
    group = ""
    for row, cell in zip(rows, cells, strict=True):
        if row["group"] != group:
            group = row["group"]
            yield group
        yield _line(cell, widths)


def cell_said(cell: Told | None, unit: str) -> str:
    """Return a measured value with its unit; a dash if there is none."""
    if cell is None:
        return "-"
    return f"{'over ' if cell['is_more'] else ''}{value_said(cell['value'], unit)}"


def delta_said(row: Told) -> str:
    """Return how much more it is now, and whether that is better."""
    delta, verdict = row["delta"], row["verdict"] or ""
    if delta is None:
        return verdict or "-"
    if delta == 0:
        return "0"
    return f"{'+' if delta > 0 else '-'}{value_said(abs(delta), row['unit'])} {verdict}".rstrip()


def value_said(value: float, unit: str) -> str:
    """Return a value: times with their unit and three significant digits, counts as they are."""
    if unit == "ms":
        return (
            _significant(value / _MS_IN_S, "s") if value >= _MS_IN_S else _significant(value, "ms")
        )
    if unit == "%":
        return _significant(value, "%")
    return f"{value:,.0f}"


def _significant(value: float, unit: str) -> str:
    if value == 0:
        return f"0 {unit}"
    digits = max(0, _SIGNIFICANT - len(str(int(value)).lstrip("0")))
    return f"{value:,.{min(digits, 3)}f} {unit}"


def _event_said(event: Told) -> str:
    todo = "?" if event["todo"] is None else event["todo"]
    return f"#{todo}" if event["version"] is None else f"#{todo} version {event['version']}"


def _counted(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else one + 's'}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first = f"  {cells[0]}{' ' * (widths[0] - _width(cells[0]))}"
    others = [f"{' ' * (width - _width(it))}{it}" for it, width in zip(cells, widths, strict=True)]
    return "  ".join([first, *others[1:]])


def _width(text: str) -> int:
    return sum(not unicodedata.combining(each) for each in text)
