"""`make bench`: all figures, each against its yardstick of the same run."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import commands, crowd, drains, growth, many, page, pipeline, reads, rebuilds, truth
from bench.report import Row, Section, at_most, compare, table, write
from bench.rig import Rig
from bench.speed import loop_ms
from bench.turns import Tell
from chassis.lifecycle import allow_files
from stack import foreign
from stack.local import LocalStack
from stack.ports import Ports

# In this order the log keeps growing.
SECTIONS: tuple[tuple[str, Callable[[Rig, Tell], list[Row]]], ...] = (
    ("The times that web gives", truth.measure),
    ("Commands", commands.measure),
    ("The whole pipeline", pipeline.measure),
    ("Relay and projector", drains.measure),
    ("More than one of a kind", many.measure),
    ("Rebuild", rebuilds.measure),
    ("Queries", reads.measure),
    ("Slow and many clients", crowd.measure),
    ("Growth", growth.measure),
    ("The page", page.measure),
)


def tell(text: str) -> None:
    """Show on standard error what is going on."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {text}\n")


def measure(stack: LocalStack) -> Iterator[Section]:
    """Start the stack, take every measurement, and leave nothing running."""
    tell("starting the stack")
    # The first start makes the stores' folders; people wait for starts like the second.
    stack.start()
    stack.stop()
    before_ms = loop_ms()
    began_s = time.perf_counter()
    stack.start()
    try:
        took = [time.perf_counter() - began_s]
        start = compare("start of the stack to ready", took, "s", "wanted", [12.0], at_most(1))
        rig, rows = Rig(stack), [start]
        yield Section("Start", rows, (before_ms, before_ms := loop_ms()))
        for name, take in SECTIONS:
            rows = take(rig, tell)
            yield Section(name, rows, (before_ms, before_ms := loop_ms()))
    finally:
        stack.stop()
        stack.remove()


def main() -> int:
    """Measure, print the table, and write it to a folder; return 1 if a figure is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--into", type=Path, default=Path("docs/bench"), help="folder for results")
    arguments = parser.parse_args()
    # Whatever proxies and servers the environment names: all of it is on this machine.
    foreign.leave_out(os.environ, proxies=True)
    # A crowd of clients is many open files.
    allow_files(4096)
    began_s = time.perf_counter()
    sections: list[Section] = []
    with tempfile.TemporaryDirectory(prefix="eventually-bench-") as folder:
        try:
            for section in measure(LocalStack(Path(folder), Ports.free())):
                sections.append(section)  # noqa: PERF402, kept also where a later one fails
        finally:
            sys.stdout.write(table(sections))
    write(sections, arguments.into)
    tell(f"took {time.perf_counter() - began_s:.0f} s")
    return 0 if all(row.reached for section in sections for row in section.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
