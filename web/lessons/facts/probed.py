"""How stale reads were some time after a write was acknowledged, by the probe reads."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from web.lessons.evidence import Evidence, Unknown, Value

Probe = Mapping[str, Any]

FEWEST_FOR_A_CURVE = 5
# Of a time that no probe was near, nothing is said: none within half and twice of it.
NEAR = 2.0
# The probes look after 1 ms to 1 s, evenly over the orders of magnitude.
SHORTEST_MS = 1.0


def probes(asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return the share of stale probe reads, or that share at each of some times.

    `stale`: of the probes that looked `after_ms` or more after the acknowledgement, those that did
    not show the write, by their weights. `curve`: see `curve_of`.
    """
    ids = {it.event_id for it in evidence.all_journeys if it.todo_id in evidence.written}
    found = [it for it in evidence.probes if it["event_id"] in ids]
    if asks["probes"] == "curve":
        if len(found) < FEWEST_FOR_A_CURVE:
            raise Unknown(f"There are {len(found)} probe reads; {FEWEST_FOR_A_CURVE} are needed.")
        return curve_of(found, asks["at_ms"])
    after_ms = asks.get("after_ms", 0)
    late = [it for it in found if it["t_ms"] >= after_ms]
    if not late:
        raise Unknown(f"No probe read looked {after_ms:g} ms after the answer, or later.")
    return round(_weight(it for it in late if not it["visible"]) / _weight(late), 4)


def curve_of(found: Sequence[Probe], at_ms: Sequence[float]) -> list[float | None]:
    """Return the share of stale reads at each time; None where no probe was near.

    Each probe looks once, and says whether a write is readable by then, and no more. That share can
    only fall with time, and of all falling curves the one is taken that fits the probes best, each
    with its weight.

    Source: Ayer, Brunk, Ewing, Reid, Silverman: "An Empirical Distribution Function for Sampling
    with Incomplete Information", Annals of Mathematical Statistics 26(4), 1955.
    """
    ordered = sorted(found, key=_t_ms)
    blocks: list[tuple[float, float, int]] = []
    for probe in ordered:
        weight = _weight([probe])
        blocks.append((0.0 if probe["visible"] else weight, weight, 1))
        # A later share that is larger is one share with the earlier one.
        while len(blocks) > 1 and _share(blocks[-2]) <= _share(blocks[-1]):
            (stale, of_all, count), before = blocks.pop(), blocks.pop()
            blocks.append((before[0] + stale, before[1] + of_all, before[2] + count))
    shares = [_share(block) for block in blocks for _ in range(block[2])]
    times_ms = [_t_ms(it) for it in ordered]
    return [_at(max(t_ms, SHORTEST_MS), times_ms, shares) for t_ms in at_ms]


def _at(t_ms: float, times_ms: Sequence[float], shares: Sequence[float]) -> float | None:
    """Return the share at the probe that is nearest, as a ratio."""
    distances = [abs(math.log(each / t_ms)) for each in times_ms]
    nearest = distances.index(min(distances))
    return round(shares[nearest], 4) if distances[nearest] <= math.log(NEAR) else None


def _share(block: tuple[float, float, int]) -> float:
    return block[0] / block[1]


def _t_ms(probe: Probe) -> float:
    return max(SHORTEST_MS, float(probe["t_ms"]))


def _weight(found: Any) -> float:
    return sum(float(it.get("weight", 1)) for it in found)
