"""What waited where: in the outbox, in the queue, in the projector's hands, among dead letters."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from web.background.looks import Look
from web.journeys.journey import Journey, ms
from web.lessons.evidence import Evidence, Unknown, Value

# Who says how much of each there is.
SAID_BY: Mapping[str, Sequence[tuple[str, str]]] = {
    "outbox": (("command-service", "outbox"),),
    "queue": (("projector", "queue"),),
    "unacked": (("projector", "unacked"),),
    "dead_letters": (("projector", "dead_letters"),),
    "waiting": (
        ("command-service", "outbox"),
        ("projector", "queue"),
        ("projector", "unacked"),
    ),
}
# From which hop to which an event certainly is there.
STAYS: Mapping[str, tuple[str, str]] = {
    "outbox": ("committed", "confirmed"),
    "queue": ("confirmed", "delivered"),
    "unacked": ("delivered", "acked"),
    "dead_letters": ("dead-lettered", "sent-again"),
    "waiting": ("committed", "acked"),
}
# A process is asked once a second at least; that it was late once is no gap.
LONGEST_GAP_MS = 2_500.0


def holds(asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return how much is there now, or the most that was there at once during the run.

    The most is what the processes said, several times a second, and what the traces prove. Where
    one could not be asked for a while, it is not known, but for what was seen.
    """
    what = asks["holds"]
    if asks.get("when", "now") == "now":
        return sum(_number(evidence.stores.holds(process), it) for process, it in SAID_BY[what])
    seen = max(_seen(what, evidence), _traced(what, evidence.all_journeys))
    for process in {it for it, _name in SAID_BY[what]}:
        answers = _answers(evidence.looks, process)
        gap_ms = longest_gap_ms(answers, evidence.run.began_ms, evidence.now_ms)
        if gap_ms > LONGEST_GAP_MS:
            raise Unknown(f"For {gap_ms / 1000:.1f} s {process} could not be asked.", seen)
    return seen


def longest_gap_ms(looks: Iterable[Look], from_ms: float, to_ms: float) -> float:
    """Return the longest time of a stretch in which nobody answered."""
    longest_ms, last_ms = 0.0, from_ms
    for look in looks:
        if look.asked_ms > to_ms:
            break
        longest_ms = max(longest_ms, look.asked_ms - last_ms)
        last_ms = max(last_ms, look.ended_ms)
    return max(longest_ms, to_ms - last_ms)


def _seen(what: str, evidence: Evidence) -> int:
    """Return the largest sum of what was said at about the same time."""
    latest: dict[tuple[str, str], int] = {}
    most = 0
    for look in evidence.looks:
        if look.holds is None or look.ended_ms < evidence.run.began_ms:
            continue
        for process, name in SAID_BY[what]:
            if process == look.process and isinstance(look.holds.get(name), int):
                latest[process, name] = int(look.holds[name])
        most = max(most, sum(latest.values()))
    return most


def _traced(what: str, journeys: Iterable[Journey]) -> int:
    """Return how many events were certainly there at once, by their traces."""
    changes = sorted(change for it in journeys for change in _stay(it, *STAYS[what]))
    most = now = 0
    for _at_ms, by in changes:
        now += by
        most = max(most, now)
    return most


def _stay(journey: Journey, begins: str, ends: str) -> Iterator[tuple[float, int]]:
    came = [ms(it.at_ns) for it in journey.hops.values() if it.name == begins]
    went = [ms(it.at_ns) for it in journey.hops.values() if it.name == ends]
    # Without an end it may have ended unheard, or be there still: it proves nothing.
    if came and went and min(came) < min(went):
        yield min(came), 1
        yield min(went), -1


def _answers(looks: Iterable[Look], process: str) -> list[Look]:
    return [it for it in looks if it.process == process and it.holds is not None]


def _number(held: Mapping[str, Any], name: str) -> int:
    value = held.get(name)
    if not isinstance(value, int):
        raise Unknown("It does not say.")
    return value
