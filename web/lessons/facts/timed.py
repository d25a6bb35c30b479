"""How long it took, how much in a second, and when the read model had caught up."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from web.journeys.journey import Journey
from web.lessons.evidence import Evidence, Unknown, Value
from web.lessons.facts.traced import hops_of

MS_NS = 1_000_000


def between(asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return how long the run's events took from one hop to another, in ms; it may be negative.

    `median`, `p95` and `most`, or how many took longer than `over_ms`. What is under way still
    counts as longer than it has taken by now; where that does not decide it, it is not known.
    `injected: without` leaves out the time for which the lab held an event up.
    """
    took_ms, waits_ms = _times(asks, evidence)
    if not took_ms and not waits_ms:
        raise Unknown(f"Nothing of this run was {asks['between'][0]} yet.")
    if asks["what"] == "count-over":
        return _count_over(took_ms, waits_ms, asks.get("over_ms", 0))
    return _quantile(took_ms, waits_ms, _SHARES[asks["what"]])


_SHARES = {"median": 0.5, "p95": 0.95, "most": 1.0}


def caught_up(_asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return how many seconds passed from the last answer until the read model had everything."""
    written = dict(sorted(evidence.answered_versions(evidence.written)))
    answers_ms = [it.ended_ms for it in evidence.run.sent if it.version is not None and it.ended_ms]
    if not written or not answers_ms:
        raise Unknown("No command of this run was answered yet.")
    readable_ms = list(_readable_ms(written, evidence))
    since_ms = evidence.now_ms - max(answers_ms)
    lacking = len(written) - len(readable_ms)
    if lacking:
        why = f"The read model lacks {lacking} of {len(written)} todos as they were written."
        raise Unknown(why, round(since_ms / 1000, 3))
    known_ms = [it for it in readable_ms if it is not None]
    if not known_ms:
        raise Unknown("There is no trace of this run any more.")
    return round(max(0.0, max(known_ms) - max(answers_ms)) / 1000, 3)


def rate(asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return how many events a second were sent, or projected, from the first to the last."""
    if asks["rate"] == "sent":
        times_ms = [it.asked_ms for it in evidence.run.sent if it.version is not None]
    else:
        ids = evidence.written
        journeys = [it for it in evidence.all_journeys if it.todo_id in ids]
        times_ms = [ns / MS_NS for it in journeys if (ns := it.readable_ns) is not None]
    if len(times_ms) < 2 or max(times_ms) == min(times_ms):
        raise Unknown("Two events at least are needed for that, one after the other.")
    return round((len(times_ms) - 1) * 1000 / (max(times_ms) - min(times_ms)), 1)


def _times(asks: Mapping[str, Any], evidence: Evidence) -> tuple[list[float], list[float]]:
    """Return how long each event took, and how long those have taken by now that are under way."""
    first, last = asks["between"]
    took_ms, waits_ms = list[float](), list[float]()
    is_without = asks.get("injected") == "without"
    for journey in evidence.journeys(asks.get("of")):
        began_ns, ended_ns = _at_ns(journey, first, evidence), _at_ns(journey, last, evidence)
        if began_ns is None:
            continue
        until_ns = round(evidence.now_ms * MS_NS) if ended_ns is None else ended_ns
        injected_ns = evidence.injected_ns(journey, began_ns, until_ns) if is_without else 0
        ms = round((until_ns - began_ns - injected_ns) / MS_NS, 3)
        (waits_ms if ended_ns is None else took_ms).append(ms)
    return sorted(took_ms), sorted(waits_ms)


def _at_ns(journey: Journey, name: str, evidence: Evidence) -> int | None:
    # An event that a later one of the same batch has overtaken is in the read model with it.
    if name == "projected" and journey.readable_ns is not None:
        return journey.readable_ns
    hops = hops_of(journey, name, evidence)
    return hops[0].at_ns if hops else None


def _count_over(took_ms: Sequence[float], waits_ms: Sequence[float], over_ms: float) -> Value:
    over = sum(it > over_ms for it in (*took_ms, *waits_ms))
    if undecided := sum(it <= over_ms for it in waits_ms):
        raise Unknown(f"{undecided} of {len(took_ms) + len(waits_ms)} are under way.", over)
    return over


def _quantile(took_ms: Sequence[float], waits_ms: Sequence[float], share: float) -> Value:
    """Return the nearest-rank quantile, if what is under way cannot change it any more."""
    found = nearest_rank([*took_ms, *(math.inf for _ in waits_ms)], share)
    if found <= min(waits_ms, default=math.inf) and found < math.inf:
        return found
    why = f"{len(waits_ms)} of {len(took_ms) + len(waits_ms)} are under way."
    raise Unknown(why, nearest_rank(sorted((*took_ms, *waits_ms)), share))


def nearest_rank(ordered: Sequence[float], share: float) -> float:
    """Return the least value that at least that share of the ordered values do not exceed."""
    # Products of fractions are a little off.
    return ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]


def _readable_ms(written: Mapping[int, int], evidence: Evidence) -> Iterator[float | None]:
    """Yield when the read model had each todo as it was written; None if it has, at some time."""
    of_todo: dict[int, list[Journey]] = {}
    for journey in evidence.all_journeys:
        if journey.todo_id is not None:
            of_todo.setdefault(journey.todo_id, []).append(journey)
    for todo_id, version in written.items():
        later = _late_enough(of_todo.get(todo_id, ()), version)
        if times_ns := [ns for it in later if (ns := it.readable_ns) is not None]:
            yield min(times_ns) / MS_NS
        elif not later and _has(todo_id, version, evidence):
            # In a long run, the first traces are forgotten before the last ones come.
            yield None


def _late_enough(journeys: Iterable[Journey], version: int) -> list[Journey]:
    return [it for it in journeys if (it.version or 0) >= version]


def _has(todo_id: int, version: int, evidence: Evidence) -> bool:
    document = evidence.stores.documents("todos").get(todo_id)
    return document is not None and (document.version or 0) >= version
