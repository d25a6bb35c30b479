"""The table as an SVG picture: a bar for each row, against a line for the goal."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 880
BARS_X = 590
# The position of the goal's line, measured from the start of the bars.
WANTED = 120
# A longer bar ends in an arrow.
MOST = 180
ROW = 40
HEADING = 44
TOP = 104

# The light and the dark colours keep a contrast of at least 4.5 to 1 for text, 3 to 1 for bars.
STYLE = """
  .paper { fill: #ffffff } text { fill: #1d2327 } .quiet { fill: #57606a }
  .reached { fill: #2a7a4a } .missed { fill: #b3372f } .wanted { stroke: #1d2327 }
  .rule { stroke: #d0d7de }
  text.reached, text.missed { font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } text { fill: #e6edf3 } .quiet { fill: #9aa4af }
    .reached { fill: #4fb477 } .missed { fill: #f07f75 } .wanted { stroke: #e6edf3 }
    .rule { stroke: #30363d }
  }
"""


@dataclass(frozen=True)
class Bar:
    """One row.

    Args:
        what: what was measured.
        figures: the figure and its yardstick, in words.
        part: the figure as a fraction of the goal.
        end: the text after the bar.
        or_more: whether the bar should reach the line; otherwise it should not cross it.
        reached: whether it does as it should.
        disturbed: whether neighbours kept the machine busy meanwhile.
    """

    what: str
    figures: str
    part: float
    end: str
    or_more: bool
    reached: bool
    disturbed: bool


@dataclass(frozen=True)
class Group:
    """Rows under one heading."""

    name: str
    bars: Sequence[Bar]


def picture(title: str, note: str, groups: Sequence[Group]) -> str:
    """Return the whole picture.

    Args:
        title: what it shows.
        note: anything else worth knowing.
        groups: the rows.
    """
    y = TOP
    parts: list[str] = []
    for group in groups:
        parts.append(_heading(group, y))
        y += HEADING
        for bar in group.bars:
            parts.append(_row(bar, y))
            y += ROW
    bars = [bar for group in groups for bar in group.bars]
    reached = sum(bar.reached for bar in bars)
    told = f"{reached} of {len(bars)} figures are as wanted."
    disturbed = sum(bar.disturbed for bar in bars)
    if disturbed:
        told += f" Neighbours disturbed the {disturbed} that are marked ~."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 12}" width="{WIDTH}" '
        'font-family="system-ui, sans-serif" font-size="14" role="img" '
        'aria-labelledby="title told">\n'
        f'<title id="title">{escape(title)}</title>\n'
        f'<desc id="told">{escape(f"{told} {note}")}</desc>\n'
        f"<style>{STYLE}</style>\n"
        f'<rect class="paper" width="{WIDTH}" height="{y + 12}"/>\n'
        f'<text x="16" y="30" font-size="18" font-weight="600">{escape(title)}</text>\n'
        f'<text class="quiet" x="16" y="54">{escape(told)}</text>\n'
        f'<text class="quiet" x="16" y="74" font-size="12">{escape(note)}</text>\n'
        f'<text class="quiet" x="16" y="92" font-size="12">The line is what was wanted: a bar '
        "marked ≥ is to reach it, one marked ≤ is not to cross it. The number is the figure as a "
        f"part of its yardstick.</text>\n{''.join(parts)}</svg>\n"
    )


def _heading(group: Group, y: int) -> str:
    return (
        f'<line class="rule" x1="16" x2="{WIDTH - 16}" y1="{y + 12}" y2="{y + 12}"/>\n'
        f'<text x="16" y="{y + 34}" font-size="16" font-weight="600">{escape(group.name)}</text>\n'
    )


def _row(bar: Bar, y: int) -> str:
    kind, mark = "reached" if bar.reached else "missed", "~ " if bar.disturbed else ""
    length = min(bar.part * WANTED, MOST)
    top, middle = y + 8, y + 17
    arrow = ""
    if bar.part * WANTED > MOST:
        tip = BARS_X + MOST
        arrow = f'<path class="{kind}" d="M{tip} {top} l9 9 l-9 9 z"/>'
    line_x = BARS_X + WANTED
    return (
        f"<g><title>{escape(f'{bar.what}: {bar.figures}')}</title>"
        f'<text x="16" y="{y + 16}">{escape(bar.what)}</text>'
        f'<text class="quiet" x="16" y="{y + 32}" font-size="12">{escape(bar.figures)}</text>'
        f'<text class="quiet" x="{BARS_X - 8}" y="{middle + 5}" text-anchor="end">'
        f"{'≥' if bar.or_more else '≤'}</text>"
        f'<rect class="{kind}" x="{BARS_X}" y="{top}" width="{length:.1f}" height="18"/>{arrow}'
        f'<line class="wanted" x1="{line_x}" x2="{line_x}" y1="{y + 3}" y2="{y + 31}" '
        'stroke-width="2"/>'
        f'<text class="{kind}" x="{WIDTH - 16}" y="{middle + 5}" text-anchor="end">'
        f"{escape(f'{mark}{bar.end}')} {'✓' if bar.reached else '✗'}</text></g>\n"
    )
