"""`make bench`: all figures, each against its yardstick of the same run."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from bench import measures
from bench.report import Row, at_most, line, write
from bench.rig import Rig
from stack.local import LocalStack
from stack.ports import Ports


def tell(text: str) -> None:
    """Show on standard error what is going on."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')}  {text}\n")


def measure(rig: Rig, started_s: float) -> list[Row]:
    """Take every measurement, in an order that lets the log grow."""
    rows = [at_most("start of the stack to ready", [started_s], "s", "wanted", [12.0], 1)]
    at_start_mb = rig.memory_mb()
    alone = measures.commands_alone(rig, tell)
    rows += alone
    rows += measures.commit_to_readable(rig, tell, 200, 5, 25)
    sustained = measures.commands_sustained(rig, tell)
    rows += sustained
    rows += measures.commit_to_readable(rig, tell, 0.7 * sustained[0].figure, 15, 80)
    rows += measures.memory(rig, at_start_mb)
    rows += measures.drains(rig, tell)
    rows += measures.rebuilds(rig, tell)
    rows += measures.queries(rig, tell)
    rows += measures.growth(rig, tell, [alone[0].figure])
    return rows


def main() -> int:
    """Start a stack, measure, print the table, write it to a folder, leave nothing running."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--into", type=Path, default=Path("docs/bench"), help="folder for results")
    arguments = parser.parse_args()
    began_s = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="eventually-bench-") as folder:
        stack = LocalStack(Path(folder), Ports.free())
        tell("starting the stack")
        # The first start makes the stores' folders; the second is the one that people wait for.
        stack.start()
        stack.stop()
        starting_s = time.perf_counter()
        stack.start()
        try:
            rows = measure(Rig(stack), time.perf_counter() - starting_s)
        finally:
            stack.stop()
            stack.remove()
    sys.stdout.write("".join(f"{line(row)}\n" for row in rows))
    write(rows, arguments.into)
    tell(f"took {time.perf_counter() - began_s:.0f} s")
    return 0 if all(row.reached for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
