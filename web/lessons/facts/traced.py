"""What the traces tell of a run's events, and of what the lab's switches did."""

from collections.abc import Mapping
from typing import Any

from web.journeys.contract import HopRule
from web.journeys.journey import Hop, Journey
from web.lessons.evidence import Evidence, Unknown, Value

# What most hops of a path belong to; at another consumer, a hop has that one's name before its own.
USUAL = {"projector", "relay", "command-service"}


def hop(asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return how often something happened to the run's events.

    `count`: how often in all. `events`: to how many events. `redelivered`: how often the broker
    said that it came again. `attempts`: the most tries that one of them took.
    """
    name = _name(asks["hop"], asks.get("at"), evidence)
    at = asks.get("at") if name == asks["hop"] else None
    found = [
        [it for it in hops_of(journey, name, evidence) if at in {None, it.process}]
        for journey in evidence.journeys(asks.get("of"))
    ]
    hops = [it for each in found for it in each]
    if asks["what"] == "count":
        return len(hops)
    if asks["what"] == "events":
        return sum(bool(each) for each in found)
    if asks["what"] == "redelivered":
        return sum(it.details.get("redelivered") is True for it in hops)
    return max((_attempt(it) for it in hops), default=0)


def order(asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return the versions of a todo in the order in which they were written: `1, 3, 2`."""
    name = _name(asks["order"], asks.get("at"), evidence)
    found = [
        (it.at_ns, journey.version or 0)
        for journey in evidence.journeys(asks["of"])
        for it in hops_of(journey, name, evidence)
    ]
    return ", ".join(str(version) for _at_ns, version in sorted(found))


def firings(asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return how often a switch acted, at a place or anywhere."""
    fault, at = str(asks["firings"]), asks.get("at")
    return len([it for it in evidence.firings if it.fault == fault and at in {None, it.place}])


def hops_of(journey: Journey, name: str, evidence: Evidence) -> list[Hop]:
    """Return the hops of that name, the oldest first. Raises Unknown if one may be missing.

    A process that dies may take its last spans with it. Where a later hop is known that only such
    a hop can have come before, the trace has a gap.
    """
    hops = sorted((it for it in journey.hops.values() if it.name == name), key=lambda it: it.at_ns)
    if not hops:
        there = {it.name: it.process for it in journey.hops.values()}
        for later, process in there.items():
            after = _after(later, evidence.hops)
            # What a switch has the command service publish by itself, no relay has picked up.
            is_wanted = (name, process) != ("picked-up", "command-service")
            if is_wanted and name in after and not after.intersection(there):
                raise Unknown(f"The trace of todo {journey.todo_id} lacks what was before {later}.")
    return hops


def _after(name: str, hops: Mapping[str, HopRule]) -> set[str]:
    """Return the hops of which one must have begun before this one; on a branch, its own."""
    if name not in hops:
        return set()
    of_path = next((it for it in hops if name.endswith(f"-{it}")), name)
    branch = name.removesuffix(of_path)
    return {branch + it if branch + it in hops else it for it in hops[name].after}


def _attempt(hop: Hop) -> int:
    attempt = hop.details.get("attempt")
    return attempt if isinstance(attempt, int) else 1


def _name(name: str, at: str | None, evidence: Evidence) -> str:
    """Return what a hop is called at a place. Raises Unknown if web keeps no such hop."""
    named = name if at is None or at in USUAL else f"{at}-{name}"
    if named not in evidence.hops:
        raise Unknown(f"There is no hop {named!r}.")
    return named
