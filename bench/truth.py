"""How right web's times are: each hop of 200 events against a witness that knows no traces."""

from bench.neighbours import Neighbours
from bench.report import Row, at_least, compare
from bench.rig import Rig
from bench.turns import Tell
from tests.support import agree, until
from tests.support.evidence import EVENTS, deviations_ms, gathered, tapped

RIGHT_TO_MS = 5.0
ROUNDS = 3
SHARE = 95


def measure(rig: Rig, tell: Tell, neighbours: Neighbours) -> list[Row]:
    """Measure the share of events whose times are right, in each of some rounds."""
    return neighbours.calm(lambda: _right(rig, tell), times=2)


def _right(rig: Rig, tell: Tell) -> list[Row]:
    tell(f"{ROUNDS} rounds of {EVENTS} events, each hop against its witness")
    right: dict[str, list[float]] = {}
    with tapped(rig.stack) as wire:
        for _ in range(ROUNDS):
            until(lambda: agree(rig.stack))
            for hop, deviations in deviations_ms(gathered(rig.stack, wire)).items():
                right.setdefault(hop, []).append(_share_right(deviations))
    return [_row(hop, shares) for hop, shares in right.items()]


def _share_right(deviations: list[float]) -> float:
    return 100 * sum(each <= RIGHT_TO_MS for each in deviations) / len(deviations)


def _row(hop: str, shares: list[float]) -> Row:
    what = f"`{hop}` right to {RIGHT_TO_MS:.0f} ms, in each of {ROUNDS} rounds"
    # Every round counts, so the worst one is the figure.
    return compare(what, [min(shares)], "of 100", "wanted", [SHARE], at_least(1))
