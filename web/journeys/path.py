"""The path of a journey: the hops that move its mark, and the stretches of time between them. Pure.

The same rules as those of the page (web/static/js/journal/path.js); a test holds the two together.
"""

from dataclasses import dataclass
from itertools import pairwise

from web.journeys.contract import Contract, Move
from web.journeys.journey import Hop, Journey, ms

# Later than anything that happens.
NEVER_NS = 2**63 - 1
# What a stretch is called in which a hop is missing.
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Step:
    """A hop that moves the mark.

    Args:
        name: the hop; a confirm counts as `sent`, at the moment when its event was sent.
        at_ns: when it moved the mark.
        move: how.
    """

    name: str
    at_ns: int
    move: Move


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time between two steps.

    Args:
        name: what it is called.
        from_ns: when it began.
        to_ns: when it ended; NEVER_NS if it has not.
    """

    name: str
    from_ns: int
    to_ns: int


class Paths:
    """Knows the path of each journey.

    Args:
        contract: which hops move the mark, from where to where.
    """

    def __init__(self, contract: Contract) -> None:
        self._rules = contract.hops
        self._places = contract.places

    def steps(self, journey: Journey) -> list[Step]:
        """Return the steps of a journey, in the order of the path.

        Times decide only where a hop happened more than once, so that a small skew between two
        hosts turns no journey round.
        """
        hops = journey.in_order()
        steps = [step for hop in hops if (step := self._step(hop))]
        ranks = {step.move.rank for step in steps}
        if len(ranks) < len(steps):
            # As the page knows the times, so that both come to the same order.
            steps.sort(key=lambda it: (ms(it.at_ns), it.move.rank))
        else:
            steps.sort(key=lambda it: it.move.rank)
        return [it for it in steps if it.name != "confirmed" or not _is_overtaken(it, steps)]

    def stretches(self, journey: Journey) -> list[Stretch]:
        """Return the stretches between the steps, each with its true times."""
        steps = self.steps(journey)
        return [
            Stretch(_between(last, step), last.at_ns, step.at_ns) for last, step in pairwise(steps)
        ]

    def stretches_so_far(self, journey: Journey) -> list[Stretch]:
        """Return the stretches, and the one in which the journey is if it is not over."""
        steps = self.steps(journey)
        stretches = self.stretches(journey)
        if not steps or self.ends(steps[-1].name):
            return stretches
        last = steps[-1]
        return [*stretches, Stretch(self._places[last.move.to], last.at_ns, NEVER_NS)]

    def ends(self, hop: str) -> bool:
        """Return whether a mark goes no further by itself after that hop."""
        rule = self._rules.get(hop)
        return rule is not None and rule.ends

    def _step(self, hop: Hop) -> Step | None:
        rule = self._rules.get(hop.name)
        if rule is None or rule.move is None:
            return None
        if rule.began_as and hop.start_ns is not None:
            return Step(rule.began_as.hop, hop.start_ns, rule.began_as.move)
        return Step(hop.name, hop.at_ns, rule.move)


def _between(last: Step, step: Step) -> str:
    """Return the name of a stretch. If a hop is not known, nor is where the time was spent."""
    return step.move.stretch if last.move.to == step.move.origin else UNKNOWN


def _is_overtaken(confirmed: Step, steps: list[Step]) -> bool:
    """Return whether the event was delivered between being picked up and this confirm."""
    earlier = [it for it in steps if it.at_ns < confirmed.at_ns]

    def latest_ns(name: str) -> int:
        return max((it.at_ns for it in earlier if it.name == name), default=-1)

    return latest_ns("delivered") > latest_ns("picked-up")
