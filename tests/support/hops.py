"""The hops as the services and the page have agreed on them: contracts/hops.yaml."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import yaml

from stack.programs import ROOT
from web.journeys.contract import parse_contract
from web.journeys.faults import CAPACITY as MOST_FIRINGS
from web.journeys.faults import Firings
from web.journeys.journeys import CAPACITY, Journeys
from web.journeys.reads import ReadHistory

HOPS = ROOT / "contracts" / "hops.yaml"


@cache
def contract() -> dict[str, Any]:
    """Return the contract of the hops."""
    agreed: dict[str, Any] = yaml.safe_load(HOPS.read_text())
    return agreed


def hops() -> dict[str, Any]:
    """Return every hop by its name, in the order of the path."""
    agreed: dict[str, Any] = contract()["hops"]
    return agreed


def hops_of(span: str) -> set[str]:
    """Return the hops that a span records, by its key: those of the path or of a branch."""
    ways = {"": {span: span}} | {f"{it}-": way for it, way in contract()["branches"].items()}
    return {
        f"{before}{name}"
        for before, way in ways.items()
        for name, hop in hops().items()
        if way.get(hop.get("span")) == span
    }


def whole_journey() -> list[str]:
    """Return the hops of an event with which nothing goes wrong, in the order of the path."""
    return [name for name in hops() if name not in GOES_WRONG]


def whole_way() -> list[str]:
    """Return the hops of a whole journey that move its mark."""
    return [name for name in whole_journey() if "move" in hops()[name]]


def assert_in_possible_order(journey: Iterable[Mapping[str, Any]]) -> None:
    """Assert that before each hop, one of its possible predecessors had begun.

    Args:
        journey: its hops, as web sends them. Their times are rounded to the microsecond.
    """
    told = list(journey)
    for hop in told:
        earlier = hops()[hop["hop"]].get("after", [])
        began_ms = [it.get("start_ms", it["at_ms"]) for it in told if it["hop"] in earlier]
        assert not earlier or any(it <= hop["at_ms"] + 0.002 for it in began_ms), (hop, told)


def new_journeys(capacity: int = CAPACITY, history: ReadHistory | None = None) -> Journeys:
    """Return web's journeys by this contract, still empty."""
    return Journeys(parse_contract(HOPS.read_bytes()), capacity, history)


def new_firings(capacity: int = MOST_FIRINGS) -> Firings:
    """Return web's firings by this contract, still empty."""
    return Firings(parse_contract(HOPS.read_bytes()), capacity)


GOES_WRONG = frozenset({"sent-failed", "retried", "already-applied", "dead-lettered", "sent-again"})
