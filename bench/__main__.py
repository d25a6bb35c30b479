"""`make bench`: all figures, each against its yardstick of the same run."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

from bench import (
    commands,
    cost,
    crowd,
    documents,
    drains,
    growth,
    lab,
    many,
    page,
    pipeline,
    reads,
    rebuilds,
    truth,
)
from bench.neighbours import DISTURBED_IF, Neighbours, busy_core
from bench.report import Row, Run, Section, at_most, compare, table, write
from bench.rig import Rig, constant
from bench.speed import loop_ms
from bench.turns import Tell
from chassis.lifecycle import allow_files
from stack import foreign
from stack.local import LocalStack
from stack.ports import Ports

# In this order the log keeps growing.
SECTIONS: dict[str, Callable[[Rig, Tell, Neighbours], list[Row]]] = {
    "What an event costs": cost.measure,
    "What the lab costs": lab.measure,
    "The times that web gives": truth.measure,
    "Commands": commands.measure,
    "The whole pipeline": pipeline.measure,
    "Relay and projector": drains.measure,
    "More than one of a kind": many.measure,
    "Rebuild": rebuilds.measure,
    "Queries": reads.measure,
    "Slow and many clients": crowd.measure,
    "Growth": growth.measure,
    "The page": page.measure,
}


def tell(text: str) -> None:
    """Show on standard error what is going on."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {text}\n")


def measure(stack: LocalStack, neighbours: Neighbours, names: list[str]) -> Iterator[Section]:
    """Start the stack, take every measurement, and leave nothing running."""
    tell("starting the stack")
    # The first start makes the stores' folders; people wait for starts like the second.
    stack.start()
    stack.stop()
    before_ms = neighbours.begin()
    try:
        rows = neighbours.calm(lambda: _start(stack))
        yield Section("Start", rows, (before_ms, loop_ms()))
        rig = Rig(stack)
        for name in names:
            before_ms = neighbours.begin()
            rows = SECTIONS[name](rig, tell, neighbours)
            yield Section(name, rows, (before_ms, loop_ms()))
    finally:
        stack.stop()
        stack.remove()


def _start(stack: LocalStack) -> list[Row]:
    """Start the stack again, which may run."""
    stack.stop()
    began_s = time.perf_counter()
    stack.start()
    took = [time.perf_counter() - began_s]
    return [compare("start of the stack to ready", took, "s", "wanted", [6.0], at_most(1))]


def constant_per_s() -> float:
    """Return how often a second a route answers that does nothing: how fast the machine is."""
    with constant(commands.ANSWER_BYTES, commands.THREADS) as base:
        reads.gets(base, "/constant", 1)
        return reads.gets(base, "/constant", 2)


def main() -> int:
    """Measure, and print the table; return 1 if a figure is missed."""
    arguments = _arguments()
    # Whatever proxies and servers the environment names: all of it is on this machine.
    foreign.leave_out(os.environ, proxies=True)
    # A crowd of clients is many open files.
    allow_files(4096)
    began_s = time.perf_counter()
    sections: list[Section] = []
    neighbours = Neighbours(tell)
    names = [name for name in SECTIONS if _is_wanted(name, arguments.only)]
    per_s = 0.0

    def run() -> Run:
        took_s = time.perf_counter() - began_s
        return Run(
            os.cpu_count() or 1,
            per_s,
            arguments.busy,
            took_s,
            neighbours.spent_s,
            DISTURBED_IF,
            sections,
        )

    with (
        tempfile.TemporaryDirectory(prefix="eventually-bench-") as folder,
        busy_core() if arguments.busy else nullcontext(),
    ):
        try:
            per_s = constant_per_s()
            for section in measure(LocalStack(Path(folder), Ports.free()), neighbours, names):
                sections.append(section)  # noqa: PERF402, kept also where a later one fails
        finally:
            sys.stdout.write(table(run()))
    if arguments.into:
        for path in write(run(), arguments.into):
            tell(f"wrote {path}")
    if arguments.docs:
        for path in (*write(run(), documents.FOLDER), *documents.refresh()):
            tell(f"wrote {path}")
    return 0 if all(row.reached for row in run().rows) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--into", type=Path, help="write bench.json and bench.svg to this folder")
    parser.add_argument(
        "--docs", action="store_true", help="write docs/bench, and the figures in the documents"
    )
    parser.add_argument("--busy", action="store_true", help="keep one core busy meanwhile")
    parser.add_argument(
        "--only", action="append", metavar="WORD", help="only the sections with this in their name"
    )
    arguments = parser.parse_args()
    if arguments.docs and (arguments.only or arguments.busy):
        parser.error("the documents show a whole run on a machine that is left alone")
    return arguments


def _is_wanted(name: str, words: list[str] | None) -> bool:
    return words is None or any(word.lower() in name.lower() for word in words)


if __name__ == "__main__":
    sys.exit(main())
