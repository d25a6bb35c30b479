"""What an event costs, and what rest costs: CPU time by process, and what wakes the servers.

`python -m bench.cost` starts a stack of its own and measures it. `--of FOLDER` measures another
checkout instead; given several times, it measures them in turn, `--rounds` times:

    python -m bench.cost --of ../before --of . --rounds 3
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench import bare, cpu, load, packets
from bench.floors import SHARE
from bench.neighbours import Neighbours, busy_core
from bench.packets import Sent
from bench.report import Row, at_most, compare, table_of
from bench.rig import Rig
from bench.stores import UNSAMPLED
from bench.turns import Tell
from stack import foreign, running
from stack.programs import PROCESSES, ROOT, SERVERS
from stack.running import RunningStack

REST_S = 15
LOAD_S = 6
WARM_UP_S = 2
# What comes after the start, or after a load, is over by then.
SETTLE_S = 3
SUPERVISOR = "the supervisor"
# The processes that an event passes on its way to the read model.
PASSED = ("command-service", "relay", "projector")

# For each rate a second: what an event was once wished to cost, in µs of all processes, traced.
WISHED_US = {50: 7_000, 200: 4_500}
# Of what an event costs that takes the bare pipeline (docs/decisions/0037): with the polls and the
# page's process, and with traces besides.
ALL_TIMES = 1.5
TRACED_TIMES = 2
MOST_AT_REST_MS = 30
MOST_PACKETS_PER_S = 20

# Runs in the checkout that is to be measured, with that checkout's own stack.
HOLD = """
import pathlib, sys
from stack.local import LocalStack
from stack.ports import Ports

lab = {"lab": False} if "--no-lab" in sys.argv else {}
stack = LocalStack(pathlib.Path(sys.argv[1]), Ports.free(), **lab)
with stack:
    print("started", flush=True)
    sys.stdin.read()
stack.remove()
"""


@dataclass(frozen=True)
class Cost:
    """What some events cost.

    Args:
        seconds: how long it took.
        events: how many events there were.
        cpu_s: the CPU time of each process, in s.
        sent: the packets that each process of ours sent to each server.
    """

    seconds: float
    events: int
    cpu_s: dict[str, float]
    sent: Sent

    def of_an_event_us(self) -> dict[str, float]:
        """Return the CPU time for each event by process, in µs."""
        return {name: used_s * 1e6 / self.events for name, used_s in self.cpu_s.items()}

    def of_a_second_ms(self) -> dict[str, float]:
        """Return the CPU time for each second by process, in ms."""
        return {name: used_s * 1e3 / self.seconds for name, used_s in self.cpu_s.items()}

    def packets_per_s(self, server: str) -> dict[str, float]:
        """Return the packets that a server got in each second, by process."""
        return {name: count / self.seconds for name, count in self.sent[server].items()}


def measure(rig: Rig, tell: Tell, neighbours: Neighbours) -> list[Row]:
    """Measure rest first, then two rates, each traced and not."""
    return costs(running.find(rig.stack.folder), tell, neighbours)


def costs(stack: RunningStack, tell: Tell, neighbours: Neighbours) -> list[Row]:
    """Measure a stack that runs."""
    time.sleep(SETTLE_S)
    rows = neighbours.calm(lambda: _rest(stack, tell))
    for per_s in WISHED_US:
        rows += neighbours.calm(partial(_event, stack, tell, per_s))
    return rows


def _rest(stack: RunningStack, tell: Tell) -> list[Row]:
    tell("at rest, one todo a second")
    cost = taken(stack, 1, REST_S, traced=True)
    by_process = cost.of_a_second_ms()
    ours = sum(by_process[name] for name in PROCESSES)
    what = "our five processes at rest, one todo a second"
    wanted = at_most(1)
    rows = [compare(what, [ours], "ms/s", "wanted", [MOST_AT_REST_MS], wanted, split=by_process)]
    if not packets.can_be_counted():
        tell("no `ss` is here (of iproute2), so what wakes the servers is left out")
        return rows
    for server in SERVERS:
        split = cost.packets_per_s(server)
        what = f"packets to {server} at rest"
        total, most = [sum(split.values())], [MOST_PACKETS_PER_S]
        rows.append(compare(what, total, "a second", "wanted", most, wanted, split=split))
    return rows


def _event(stack: RunningStack, tell: Tell, per_s: int) -> list[Row]:
    """Measure an event traced and not, and what one costs that takes the bare pipeline."""
    tell(f"{per_s} events a second: traced, not traced, and through the bare pipeline")
    traced, plain = (
        taken(stack, per_s, LOAD_S, traced=each).of_an_event_us() for each in (True, False)
    )
    with bare.pipeline(stack, per_s) as (base, pids):
        floor = of_bare(stack, base, pids, per_s, LOAD_S).of_an_event_us()

    def row(what: str, split: dict[str, float], most_times: float) -> Row:
        figures, limits = [sum(split.values())], [sum(floor.values())]
        wanted = at_most(most_times)
        yardstick = "the bare pipeline"
        return compare(what, figures, "µs", yardstick, limits, wanted, split=split, of_limit=floor)

    passed = {name: plain[name] for name in (*PASSED, *SERVERS)}
    event = f"an event at {per_s} a second"
    what, wish = f"{event}, traced: CPU time of all processes", [float(WISHED_US[per_s])]
    return [
        compare(what, [sum(traced.values())], "µs", "wanted", wish, at_most(1), split=traced),
        row(f"{event}, not traced: CPU time of what it passes", passed, 1 / SHARE),
        row("all processes, not traced", plain, ALL_TIMES),
        row("the same, traced", traced, TRACED_TIMES),
    ]


def taken(stack: RunningStack, per_s: int, seconds: float, *, traced: bool) -> Cost:
    """Create todos at a steady rate, and return what they cost.

    Args:
        stack: a stack that runs.
        per_s: the rate.
        seconds: for how long, after a warm-up.
        traced: whether the events are sampled.
    """
    # All that runs: with the lab there are more.
    ours = {name: status.pid for name, status in stack.statuses().items() if status.pid}
    supervisor = int((stack.folder / "supervisord.pid").read_text())
    url = stack.urls.command_service
    return _cost(stack, _Load(url, per_s, seconds, traced=traced), ours, {SUPERVISOR: supervisor})


def of_bare(
    stack: RunningStack, url: str, pids: Mapping[str, int], per_s: int, seconds: float
) -> Cost:
    """Create todos through the bare pipeline on a stack's servers, and return what they cost."""
    servers = {name: stack.pid(name) or 0 for name in SERVERS}
    return _cost(stack, _Load(url, per_s, seconds, traced=False), {**servers, **pids}, {})


@dataclass(frozen=True)
class _Load:
    url: str
    per_s: int
    seconds: float
    traced: bool

    def run(self, seconds: float) -> load.Result:
        return load.run(self.url, _request(self.traced), seconds=seconds, per_s=self.per_s)


def _cost(
    stack: RunningStack, of: _Load, trees: Mapping[str, int], alone: Mapping[str, int]
) -> Cost:
    """Return what a load costs: trees of processes, and some processes alone."""
    of_servers = {name: stack.ports.by_name()[name] for name in SERVERS}
    counts = packets.can_be_counted()

    def used_s() -> dict[str, float]:
        return {name: cpu.tree_s(pid) for name, pid in trees.items()} | {
            name: cpu.own_s(pid) for name, pid in alone.items()
        }

    def sent() -> Sent:
        return packets.sent(of_servers, trees) if counts else {}

    of.run(WARM_UP_S)
    before_s, sent_before, began_s = used_s(), sent(), time.perf_counter()
    result = of.run(of.seconds)
    after_s, sent_after = used_s(), sent()
    if result.failed:
        raise RuntimeError(f"{result.failed} commands failed")
    return Cost(
        time.perf_counter() - began_s,
        len(result.latencies_s),
        {name: after_s[name] - before_s[name] for name in after_s},
        packets.between(sent_before, sent_after),
    )


def _request(traced: bool) -> load.Request:
    headers = "" if traced else f"traceparent: {UNSAMPLED}\r\n"

    def request(number: int) -> bytes:
        return load.post("/todos", json.dumps({"title": f"Todo {number}"}).encode(), headers)

    return request


@contextmanager
def stack_of(checkout: Path, *, lab: bool = True) -> Iterator[RunningStack]:
    """Run the stack of a checkout in a folder of its own, with that checkout's code.

    Args:
        checkout: its folder.
        lab: whether it has the lab.

    Raises RuntimeError if it does not start; what is wrong is on standard error.
    """
    own = checkout / ".venv" / "bin" / "python"
    python = str(own) if own.exists() else sys.executable
    with tempfile.TemporaryDirectory(prefix="eventually-cost-") as parent:
        folder = Path(parent) / "stack"
        holder = subprocess.Popen(
            [python, "-c", HOLD, str(folder), *([] if lab else ["--no-lab"])],
            cwd=checkout,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert holder.stdout is not None
            if holder.stdout.readline() != "started\n":
                raise RuntimeError(f"The stack in {checkout} does not start.")
            yield running.find(folder)
        finally:
            # At the end of its input, it stops the stack.
            holder.communicate()


def in_turn_of(checkouts: Sequence[Path], rounds: int, tell: Tell) -> list[tuple[str, list[Row]]]:
    """Measure checkouts in turn, and return the rows of each, over all rounds."""
    found: dict[Path, list[list[Row]]] = {checkout: [] for checkout in checkouts}
    for number in range(rounds):
        for checkout, of_checkout in found.items():
            tell(f"{checkout}, {number + 1} of {rounds}")
            neighbours = Neighbours(tell)
            neighbours.begin()
            with stack_of(checkout) as stack:
                of_checkout.append(costs(stack, tell, neighbours))
    return [(str(checkout), over_rounds(taken)) for checkout, taken in found.items()]


def over_rounds(rounds: Sequence[Sequence[Row]]) -> list[Row]:
    """Return each row with its median and spread over all rounds."""
    return [_median(each) for each in zip(*rounds, strict=True)]


def _median(rows: Sequence[Row]) -> Row:
    first = rows[0]
    split = {
        name: statistics.median(row.split.get(name, 0.0) for row in rows) for name in first.split
    }
    disturbed = next((row.disturbed for row in rows if row.disturbed), "")
    figures, limits = [row.figure for row in rows], [row.limit for row in rows]
    row = compare(
        first.what, figures, first.unit, first.yardstick, limits, first.wanted, split=split
    )
    return row.marked(disturbed)


def main() -> int:
    """Measure, and print the rows; return 1 if a figure of the last checkout is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.cost",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--of", type=Path, action="append", help="a checkout to be measured (.)")
    parser.add_argument("--rounds", type=int, default=1, help="how often each is measured (1)")
    parser.add_argument("--busy", action="store_true", help="keep one core busy meanwhile")
    arguments = parser.parse_args()
    foreign.leave_out(os.environ, proxies=True)

    def tell(text: str) -> None:
        print(text, file=sys.stderr)

    checkouts = [each.resolve() for each in arguments.of or [ROOT]]
    with busy_core() if arguments.busy else nullcontext():
        found = in_turn_of(checkouts, arguments.rounds, tell)
    print(table_of(found), end="")
    return 0 if all(row.reached for row in found[-1][1]) else 1


if __name__ == "__main__":
    sys.exit(main())
