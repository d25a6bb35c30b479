"""The bench's figures in the README and in docs/scale.md, which come from docs/bench/bench.json.

`python -m bench.documents` writes them anew; `python -m bench --docs` measures first. A test holds
them to the file, so nobody has to copy a figure by hand.
"""

import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.programs import ROOT

FOLDER = ROOT / "docs" / "bench"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Figures:
    """A run, as bench.json has it."""

    document: Mapping[str, Any]

    @classmethod
    def of_docs(cls) -> "Figures":
        """Read the run that the documents show."""
        return cls(json.loads((FOLDER / "bench.json").read_text()))

    def row(self, section: str, what: str, yardstick: str = "") -> Row:
        """Return the first row of a section whose name and yardstick begin like this.

        "The same" stands for the row before it. Raises LookupError.
        """
        for each in self.document["sections"]:
            if each["name"] != section:
                continue
            name = ""
            for row in each["rows"]:
                name = name if row["what"] == "the same" else row["what"]
                if name.startswith(what) and row["yardstick"].startswith(yardstick):
                    found: Row = row
                    return found
        raise LookupError(f"{section}: {what} ({yardstick})")

    def figure(self, section: str, what: str) -> str:
        """Return a figure in words."""
        return in_words(self.row(section, what)["figure"])


COST, PIPELINE, DRAINS = "What an event costs", "The whole pipeline", "Relay and projector"
SUSTAINED, FRESH = "POST /todos for 60 s", "commit to readable, 200 a second, "

# In words, section, row, yardstick, the yardstick in words, unit.
README_LINES = (
    (
        *("CPU time of an event at 50 a second, traced, all processes", COST),
        *("an event at 50 a second, traced", "wanted", "wanted at most", " µs"),
    ),
    (
        *("the same at 200 a second", COST),
        *("an event at 200 a second, traced", "wanted", "wanted at most", " µs"),
    ),
    (
        *("CPU time of our five processes at rest, in each second", COST),
        *("our five processes at rest", "wanted", "wanted at most", " ms"),
    ),
    (
        *("commands a second, for a minute, with the whole pipeline at work", PIPELINE),
        *(SUSTAINED, "the textbook", "the textbook version", ""),
    ),
    ("the same", PIPELINE, SUSTAINED, "all its parts", "all its parts in a row", ""),
    (
        *("commands a second, the pipeline idle", "Commands"),
        *("POST /todos", "a constant", "an empty route and pgbench in a row", ""),
    ),
    (
        *("events lost when the broker restarts under load", PIPELINE),
        *("events lost when the broker", "the textbook", "the textbook version", ""),
    ),
    (
        *("events a second through the relay", DRAINS),
        *("relay drains", "pipelined", "publishing the same bytes, pipelined", ""),
    ),
    (
        *("events a second through the projector", DRAINS),
        *("projector drains", "pika", "taking them in and a guarded write in a row", ""),
    ),
    (
        *("events a second in a rebuild", "Rebuild"),
        *("rebuild from", "insert_many", "`insert_many` of the result", ""),
    ),
    (
        *("pages a second, the same page for all", "Queries"),
        *("GET /todos", "a constant", "an empty route and an eighth of a find in a row", ""),
    ),
    (
        *("pages a second, another page each time", "Queries"),
        *("another page", "a constant", "an empty route and a find in a row", ""),
    ),
    (
        *("from commit to read model at 200 a second, half", PIPELINE),
        *(f"{FRESH}p50", "wanted", "wanted at most", " ms"),
    ),
    (
        *("from commit to read model at 200 a second, 99 of 100", PIPELINE),
        *(f"{FRESH}p99", "wanted", "wanted at most", " ms"),
    ),
)


def in_words(value: float) -> str:
    """Return a number as the documents write it."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def readme_table(figures: Figures) -> str:
    """Return the README's table."""
    lines = ["| what | this | yardstick | ratio |", "|---|---|---|---|"]
    for words, section, what, yardstick, against, unit in README_LINES:
        row = figures.row(section, what, yardstick)
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        figure, limit = in_words(row["figure"]), in_words(row["limit"])
        lines.append(f"| {words} | {figure}{unit} | {against}: {limit}{unit} | {ratio} |")
    return "\n".join([_machine(figures), "", *lines])


def _machine(figures: Figures) -> str:
    machine, minutes = figures.document["machine"], figures.document["took_s"] / 60
    rows = [row for section in figures.document["sections"] for row in section["rows"]]
    reached = sum(row["reached"] for row in rows)
    disturbed = sum(bool(row["disturbed"]) for row in rows)
    marked = f"; neighbours disturbed {disturbed} of them" if disturbed else ""
    return (
        f"One run took {minutes:.0f} minutes on {machine['cores']} cores that everything shares, "
        f"where an empty Flask route answers {in_words(machine['constant_per_s'])} times a second. "
        f"{reached} of {len(rows)} figures were as wanted{marked}. Some of them:"
    )


def scale_table(figures: Figures) -> str:
    """Return the figures per unit of docs/scale.md."""
    get, queries = figures.figure, "Queries"
    idle = figures.row("Commands", "POST /todos, 16 connections")
    two = figures.row("More than one of a kind", "two projectors drain")

    def memory(name: str) -> str:
        return f"{get(PIPELINE, f'memory of {name} after')} MB"

    page = get(queries, "GET /todos?limit=50, the same page each time: the first")
    rows = [
        ("unit", "a second", "memory"),
        ("---", "---", "---"),
        (
            "one command service, eight threads, the pipeline idle",
            f"{in_words(idle['figure'])} commands",
            memory("command-service"),
        ),
        (
            "the whole pipeline, one of each",
            f"{get(PIPELINE, SUSTAINED)} commands",
            "",
        ),
        (
            "PostgreSQL, pgbench with the same statement",
            f"{in_words(idle['of_limit']['pgbench'])} transactions",
            "",
        ),
        (
            "one relay, emptying the outbox",
            f"{get(DRAINS, 'relay drains')} events",
            memory("relay"),
        ),
        (
            "one projector, emptying the queue",
            f"{get(DRAINS, 'projector drains')} events",
            memory("projector"),
        ),
        (
            f"two projectors, where one took {in_words(two['limit'])} at the time",
            f"{in_words(two['figure'])} events",
            "",
        ),
        (
            "one query service, one page for all / another page each time",
            f"{page} / {get(queries, 'another page each time')} answers",
            memory("query-service"),
        ),
        (
            "a rebuild, over the event feed",
            f"{get('Rebuild', 'rebuild from')} events",
            f"{get('Rebuild', 'its memory')} MB",
        ),
    ]
    return "\n".join(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows)


WRITTEN = {ROOT / "README.md": readme_table, ROOT / "docs" / "scale.md": scale_table}


def refreshed(text: str, table: str) -> str:
    """Return a document with the table between its two marks. Raises ValueError without marks."""
    new, count = re.subn(
        r"(<!-- bench -->\n).*?(\n<!-- /bench -->)",
        lambda found: found[1] + table + found[2],
        text,
        flags=re.DOTALL,
    )
    if count != 1:
        raise ValueError("a document has no place for the figures")
    return new


def refresh() -> list[Path]:
    """Write the figures of docs/bench/bench.json into the documents, and return these."""
    figures = Figures.of_docs()
    for path, table in WRITTEN.items():
        path.write_text(refreshed(path.read_text(), table(figures)))
    return list(WRITTEN)


if __name__ == "__main__":
    for written in refresh():
        sys.stderr.write(f"wrote {written}\n")
