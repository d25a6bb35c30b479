"""What the lab costs while nothing is armed: a stack with it beside one without it."""

from bench.cost import stack_of, taken
from bench.neighbours import Neighbours
from bench.report import Row, at_most, compare
from bench.rig import Rig
from bench.turns import Tell, in_turn
from stack.programs import ROOT
from stack.running import RunningStack

PER_S = 200
SECONDS = 4
TURNS = 7
# Two in a hundred.
MOST_TIMES = 1.02


def measure(_rig: Rig, tell: Tell, neighbours: Neighbours) -> list[Row]:
    """Measure both in turn; the one that is not being measured rests."""
    with stack_of(ROOT) as with_it, stack_of(ROOT, lab=False) as without:

        def take() -> list[Row]:
            what = f"{PER_S} events a second with the lab and without"
            on, off = in_turn(
                tell, what, lambda: _cost_us(with_it), lambda: _cost_us(without), times=TURNS
            )
            what = f"an event at {PER_S} a second, the lab on and nothing armed"
            return [compare(what, on, "µs", "LAB=0", off, at_most(MOST_TIMES))]

        return neighbours.calm(take)


def _cost_us(stack: RunningStack) -> float:
    return sum(taken(stack, PER_S, SECONDS, traced=False).of_an_event_us().values())
