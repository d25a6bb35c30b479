"""One round: commands under way, something that breaks, and a look at what came of it."""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from faults.checker.judgement import Judgement
from faults.history import Recorder, parse
from faults.judge import judge
from faults.nemesis.breaking import break_all
from faults.nemesis.site import Site
from faults.observer import Observer
from faults.workload.crowd import crowd
from faults.workload.session import Services
from stack.local import LocalStack

HISTORY = "history.jsonl"
# There is something to lose before anything breaks, and to be done when all is whole.
BEFORE_S, AFTER_S = 1.0, 0.5


@dataclass(frozen=True)
class Round:
    """What a round came to.

    Attributes:
        faults: what was broken.
        seed: gives the same round again.
        judgement: what the checker says.
        healed_s: how long the stack needed when all causes were gone; None if it did not heal.
    """

    faults: Sequence[str]
    seed: int
    judgement: Judgement
    healed_s: float | None


def play(
    stack: LocalStack, faults: Sequence[str], seed: int, folder: Path, clocks: dict[str, Path]
) -> Round:
    """Play one round on a running stack.

    Args:
        stack: the stack.
        faults: what to break, of the catalogue.
        seed: decides what the clients do, and when what breaks.
        folder: where the history is kept.
        clocks: by process, the file that sets its clock.
    """
    chance = random.Random(seed)
    path = folder / HISTORY
    with Recorder(path) as history:
        observer = Observer(stack, history)
        services = Services(stack.urls.command_service, stack.urls.query_service, observer.after)
        sites = [Site(stack, random.Random(chance.getrandbits(32)), clocks) for _ in faults]
        with observer.tapped() as tap:
            with crowd(services, history, chance.getrandbits(32)):
                threading.Event().wait(BEFORE_S)
                break_all(faults, sites, history)
                observer.heal(", ".join(faults))
                threading.Event().wait(AFTER_S)
            observer.wait_for_quiet()
            observer.look(tap)
    return Round(faults, seed, judge(path), _healed_s(path))


def _healed_s(path: Path) -> float | None:
    with path.open(encoding="utf-8") as lines:
        for entry in parse(lines):
            if (entry.what, entry.type) == ("heal", "ok"):
                return float(entry.value["took_s"])
    return None
