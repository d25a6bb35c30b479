"""More than one of a kind: projectors that share a queue, relays of which one leads."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil
import requests

from bench.drains import project_part, relay_part
from bench.ledger import Ledger
from bench.neighbours import Neighbours
from bench.report import Row, at_least, at_most, compare
from bench.rig import Rig, is_ready, pause, process, until
from bench.turns import Tell, in_turn
from stack.ports import Ports
from stack.programs import MODULES

DRAINED = 20_000
# A projector, MongoDB and RabbitMQ keep two cores busy. With only two, a second projector cannot
# be expected to make things faster; it must not make them slower.
CORES_FOR_TWO = 4
LOAD_S = 8
KILLED_AFTER_S = 4
LOOK_S = 0.05
# A relay that stands by tries every 250 ms.
TAKEN_OVER_MS = 1_000


def measure(rig: Rig, tell: Tell, neighbours: Neighbours) -> list[Row]:
    """Two projectors against one; then two command services and two relays, one of them killed."""
    rows = neighbours.calm(lambda: _two_projectors(rig, tell), times=2)
    return rows + neighbours.calm(lambda: _two_relays(rig, tell), times=1)


@dataclass(frozen=True)
class Second:
    """A second process of a kind.

    Args:
        base: its address.
        process: the process itself.
    """

    base: str
    process: psutil.Process


@contextmanager
def second(rig: Rig, name: str) -> Iterator[Second]:
    """Run one more process of a kind beside the stack's own."""
    port = Ports.free().by_name()[name]
    settings = rig.stack.environment(name) | {"PORT": str(port), "OPS_PORT": str(port)}
    base = f"http://127.0.0.1:{port}"
    with process(MODULES[name], **settings) as started:
        until(lambda: is_ready(base), 30)
        yield Second(base, psutil.Process(started.pid))


def _two_projectors(rig: Rig, tell: Tell) -> list[Row]:
    def with_one() -> float:
        return _drained_per_s(rig, [rig.stack.urls.projector])

    def with_two() -> float:
        with second(rig, "projector") as other:
            return _drained_per_s(rig, [rig.stack.urls.projector, other.base])

    one, two = in_turn(tell, "one projector, and two", with_one, with_two)
    pause(rig.stack, rig.stack.urls.projector, on=False)
    cores = psutil.cpu_count() or 1
    what = f"two projectors drain {DRAINED:,} on {cores} cores, shared with the servers"
    wanted = at_least(1 if cores >= CORES_FOR_TWO else 0.8)
    return [compare(what, two, "a second", "one projector", one, wanted)]


def _drained_per_s(rig: Rig, projectors: list[str]) -> float:
    for projector in projectors:
        pause(rig.stack, projector, on=True)
    relay_part(rig, DRAINED)
    return DRAINED / project_part(rig, DRAINED, projectors)


@dataclass
class Watch:
    """Asks two relays again and again which of them leads.

    Args:
        bases: the relays' addresses.
        looks: the time of each look, and which of them led.
    """

    bases: tuple[str, str]
    looks: list[tuple[float, frozenset[str]]] = field(default_factory=list)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look until the end."""
        stop = threading.Event()

        def look() -> None:
            while not stop.wait(LOOK_S):
                self.looks.append((time.perf_counter(), self.leaders()))

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield
        finally:
            stop.set()
            watcher.join()

    def leaders(self) -> frozenset[str]:
        """Return the relays that say they lead."""
        return frozenset(base for base in self.bases if _leads(base))

    def most_at_once(self) -> int:
        """Return the largest number that led at once."""
        return max(len(leaders) for _at_s, leaders in self.looks)

    def taken_over_ms(self, killed: str, killed_s: float) -> float:
        """Return the time from the end of one relay until the other led."""
        others = (at_s for at_s, leaders in self.looks if leaders - {killed} and at_s > killed_s)
        # If it never did, it would have taken at least until the last look.
        return (next(others, self.looks[-1][0]) - killed_s) * 1000


def _leads(base: str) -> bool:
    with suppress(requests.RequestException):
        metrics = requests.get(f"{base}/metrics", timeout=2).text
        return re.search(r"^relay_leader 1", metrics, re.MULTILINE) is not None
    return False


def _two_relays(rig: Rig, tell: Tell) -> list[Row]:
    """Load two command services, kill the leading relay, and look for what was acknowledged."""
    urls = rig.stack.urls
    ledgers = [Ledger("First"), Ledger("Second")]
    with second(rig, "command-service") as commands, second(rig, "relay") as relay:
        tell("two command services and two relays, of which the leading one is killed")
        watch = Watch((urls.relay, relay.base))
        with (
            watch.watching(),
            ledgers[0].loading(urls.command_service, LOAD_S),
            ledgers[1].loading(commands.base, LOAD_S),
        ):
            time.sleep(KILLED_AFTER_S)
            leader = next(iter(watch.leaders()), urls.relay)
            killed_s = time.perf_counter()
            if leader == relay.base:
                relay.process.kill()
            else:
                rig.stack.kill_program("relay")
        rig.wait_until_drained()
    acknowledged = sum(len(ledger) for ledger in ledgers)
    lost = sum(ledger.lost(rig.stores) for ledger in ledgers)
    looks = f"{len(watch.looks):,} looks"
    return [
        _at_most(
            f"relays of two that led at once, the most in {looks}",
            watch.most_at_once(),
            "relays",
            1,
        ),
        _at_most(
            "the other leads after kill -9 of the leading one",
            watch.taken_over_ms(leader, killed_s),
            "ms",
            TAKEN_OVER_MS,
        ),
        _at_most(
            f"events lost by two of each, one killed, of {acknowledged:,} todos",
            lost,
            "events",
            0,
        ),
    ]


def _at_most(what: str, figure: float, unit: str, wanted: float) -> Row:
    return compare(what, [figure], unit, "wanted", [wanted], at_most(1 if wanted else 0))
