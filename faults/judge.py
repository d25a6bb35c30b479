"""Judges a history that was kept: `python -m faults.judge FILE`."""

import argparse
import sys
from pathlib import Path

from chassis.printable import printable
from faults.checker.check import check
from faults.checker.judgement import Judgement
from faults.history import Entry, NotAHistory, parse

# More of a kind say no more.
MOST_SHOWN = 5


def judge(path: Path) -> Judgement:
    """Return what a history in a file comes to. A file that is none cannot be judged."""
    try:
        with path.open(encoding="utf-8") as lines:
            entries: list[Entry] = list(parse(lines))
    except (NotAHistory, UnicodeDecodeError) as error:
        return Judgement({}, [str(error)])
    return check(entries)


def words(judgement: Judgement) -> str:
    """Say what a history comes to: the verdict, what was counted, what is wrong and unknown."""
    lines = [
        f"{judgement.verdict}: " + ", ".join(f"{n} {it}" for it, n in judgement.counts.items())
    ]
    for kind, found in judgement.wrong.items():
        lines += [f"{kind}: {it}" for it in found[:MOST_SHOWN]]
        if len(found) > MOST_SHOWN:
            lines.append(f"{kind}: and {len(found) - MOST_SHOWN} more")
    lines += [f"unknown: {it}" for it in judgement.unknown]
    return "\n".join(printable(line) for line in lines)


def main() -> int:
    """Judge a file, and say it. Returns the exit status: 1 if invalid, 2 if unknown."""
    parser = argparse.ArgumentParser(prog="python -m faults.judge", description=__doc__)
    parser.add_argument("history", type=Path, help="the file")
    judgement = judge(parser.parse_args().history)
    print(words(judgement))
    return {"valid": 0, "invalid": 1, "unknown": 2}[judgement.verdict]


if __name__ == "__main__":
    sys.exit(main())
