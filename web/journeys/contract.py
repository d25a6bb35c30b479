"""The contract of the hops, as `web` uses it: which hops a span records, and when. Pure."""

from collections.abc import Mapping
from typing import Literal

import msgspec

Meaning = Literal["written", "acknowledged", "readable"]


class BadContract(ValueError):
    """A contract that cannot be followed; the message says why."""


class Range(msgspec.Struct, frozen=True):
    """Whole numbers, the bounds included."""

    least: int = msgspec.field(name="from")
    most: int = msgspec.field(name="to")


Condition = str | int | tuple[str, ...] | Range
Moments = str | tuple[str, ...]


class SpanRule(msgspec.Struct, frozen=True):
    """A span that a process records.

    Args:
        process: which process.
        also: further processes that do.
        names: what the span may be called.
        parent: its parent span, by its key in the contract.
        event_in: where it names its events; None if it belongs to none.
    """

    process: str
    names: tuple[str, ...]
    also: tuple[str, ...] = ()
    parent: str | None = None
    event_in: Literal["attributes", "links", "span_events", "children"] | None = None


class Move(msgspec.Struct, frozen=True):
    """How a hop moves the mark.

    Args:
        rank: its position on the path.
        origin: the place that the mark comes from.
        to: the place where it stands afterwards.
        stretch: what the time before it is called.
    """

    rank: int
    to: str
    stretch: str
    origin: str = msgspec.field(name="from")


class BeganAs(msgspec.Struct, frozen=True):
    """What the beginning of the work that led to a hop counts as: a hop without a record."""

    hop: str
    move: Move


class HopRule(msgspec.Struct, frozen=True):
    """A hop of a journey.

    Args:
        span: the key of the span that records it; None for what `web` itself measures.
        failed: whether the span must have failed; None if that does not matter.
        when: the values that the span's attributes must have.
        at: when it happened, as `start`, `end` or a span event; the first that the span has.
        began: likewise, when the work that led to it began.
        details: the attribute behind each further detail.
        means: what follows from it.
        after: the hops of which one must have begun before this one happened.
        move: how it moves the mark; None if it does not.
        began_as: what the beginning of its work counts as, if anything.
        ends: whether the mark goes no further by itself.
    """

    span: str | None = None
    failed: bool | None = None
    when: Mapping[str, Condition] = {}
    at: Moments = ()
    began: Moments | None = None
    details: Mapping[str, str] = {}
    means: Meaning | None = None
    after: tuple[str, ...] = ()
    move: Move | None = None
    began_as: BeganAs | None = None
    ends: bool = False


class FaultRule(msgspec.Struct, frozen=True):
    """How a switch of the lab says that it acts.

    Args:
        span: what both spans of a firing are called.
        id: the attribute by which they belong together; the others hold what they say.
        fault: which switch.
        place: where it stands.
        phase: `begins` or `over`.
        at: the point at which it acts, where there is one.
        file: the line that acts, in the source that runs.
        function: likewise.
        line: likewise.
    """

    span: str
    id: str
    fault: str
    place: str
    phase: str
    at: str
    file: str
    function: str
    line: str


class Contract(msgspec.Struct, frozen=True):
    """What `web` needs to know of contracts/hops.yaml.

    Args:
        event: the attribute that holds each field of a journey.
        spans: the spans, by their keys.
        hops: the hops, by their names, in the order of the path.
        fault: the spans of the lab; None if the system has none.
        places: the stretch of time that begins once a mark stands at a place.
        path: the stretches that every event goes through, in the order of the path.
        branches: the ways of an event into further read models, by name: the span that records its
            hops there, by the one that records the same on the path.
    """

    event: Mapping[str, str]
    spans: Mapping[str, SpanRule]
    hops: Mapping[str, HopRule]
    fault: FaultRule | None = None
    places: Mapping[str, str] = {}
    path: tuple[str, ...] = ()
    branches: Mapping[str, Mapping[str, str]] = {}

    @property
    def all_hops(self) -> dict[str, HopRule]:
        """Return the hops of the path, and of each branch, which mean nothing for the journey."""
        branched = {
            f"{branch}-{name}": msgspec.structs.replace(rule, span=span, means=None)
            for branch, spans in self.branches.items()
            for name, rule in self.hops.items()
            if (span := spans.get(rule.span or "")) is not None
        }
        return {**self.hops, **branched}


def parse_contract(text: bytes) -> Contract:
    """Return the contract that a YAML text holds. Raises BadContract."""
    try:
        contract = msgspec.yaml.decode(text, type=Contract)
    except msgspec.DecodeError as error:
        raise BadContract(str(error)) from error
    named = [span.parent for span in contract.spans.values()]
    named += [hop.span for hop in contract.hops.values()]
    named += [it for spans in contract.branches.values() for both in spans.items() for it in both]
    for key in named:
        if key is not None and key not in contract.spans:
            raise BadContract(f"There is no span {key!r}.")
    return contract
