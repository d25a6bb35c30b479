"""The two runs of a lesson, side by side: as it was, and with the cure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from web.journeys.faults import Firing
from web.journeys.journey import Journey
from web.journeys.journeys import CAPACITY
from web.journeys.path import Paths
from web.lessons.run import Run, Sent
from web.lessons.state import Attempt
from web.mending.known_start import Memory
from web.own_time import OwnTime
from web.rerun import comparison
from web.rerun.both import MOST_PAIRS, two_runs
from web.rerun.record import NS_IN_MS, Probe, probes_in

# The first command of that method for that todo, the second, and so on.
Key = tuple[str, str, int]


class BothRuns:
    """Holds the two runs of a lesson against each other.

    Args:
        memory: what is known of both; going back has made everybody else forget the first.
        own_time: the time of all that.
        paths: know the stretches of each journey.
    """

    def __init__(self, memory: Memory, own_time: OwnTime, paths: Paths) -> None:
        self._memory = memory
        self._own_time = own_time
        self._paths = paths

    def message(self, attempt: Attempt) -> dict[str, Any] | None:
        """Return both runs; None as long as there is only one."""
        was, now = attempt.runs.get("was"), attempt.runs.get("now")
        if was is None or now is None:
            return None
        known = self._known()
        firings = [*self._memory.aside.firings, *self._memory.firings.newest()]
        probes = probes_in([*self._memory.aside.probes, *list(self._memory.probe_reads.newest)])
        # The first one was over at the latest when the stack went back for the second.
        was_end_ns, now_ns = round(now.began_ms * NS_IN_MS), self._own_time.now_ns()
        pairs = _pairs(was, now, known)
        return two_runs(
            _measured(was, known, firings, probes, was_end_ns),
            _measured(now, known, firings, probes, now_ns),
            pairs[:MOST_PAIRS],
            max(0, len(pairs) - MOST_PAIRS),
            self._paths,
        )

    def _known(self) -> Mapping[str, Sequence[Journey]]:
        """Return the journeys that are known, by the traces of their commands."""
        newest = {it.event_id: it for it in [*self._memory.aside.journeys, *self._newest()]}
        found: dict[str, list[Journey]] = {}
        for journey in newest.values():
            found.setdefault(journey.trace_id or "", []).append(journey)
        for of_one in found.values():
            of_one.sort(key=lambda it: it.version or 0)
        return found

    def _newest(self) -> list[Journey]:
        return [it for it in self._memory.journeys.newest(CAPACITY) if it.hops]


def _measured(
    run: Run,
    known: Mapping[str, Sequence[Journey]],
    firings: Sequence[Firing],
    probes: Sequence[Probe],
    end_ns: int,
) -> comparison.Run:
    sent = list(run.sent)
    began_ns = round(run.began_ms * NS_IN_MS)
    acted = [it for it in firings if it.began_ns >= began_ns and it.began_ns <= end_ns]
    journeys = [journey for it in sent for journey in _of(it, known)]
    answered = sum(it.status is not None and 200 <= it.status < 300 for it in sent)
    return comparison.Run(journeys, acted, probes, end_ns, len(sent), answered)


def _pairs(was: Run, now: Run, known: Mapping[str, Sequence[Journey]]) -> list[dict[str, Any]]:
    first, second = _by_key(was), _by_key(now)
    return [
        _pair(number, first.get(key), second.get(key), (was, now), known)
        for number, key in enumerate({**first, **second}, start=1)
    ]


def _by_key(run: Run) -> dict[Key, Sent]:
    counts: Counter[tuple[str, str]] = Counter()
    found: dict[Key, Sent] = {}
    for sent in list(run.sent):
        counts[sent.method, sent.alias] += 1
        found[sent.method, sent.alias, counts[sent.method, sent.alias]] = sent
    return found


def _pair(
    number: int,
    was: Sent | None,
    now: Sent | None,
    runs: tuple[Run, Run],
    known: Mapping[str, Sequence[Journey]],
) -> dict[str, Any]:
    any_ = was or now
    assert any_ is not None, "a pair has a command of one of the runs"
    return {
        "number": number,
        "method": any_.method,
        "body": any_.body,
        "was": [it.event_id for it in _of(was, known)],
        "now": [it.event_id for it in _of(now, known)],
        "was_ms": _after_first(was, runs[0]) or 0.0,
        "now_ms": _after_first(now, runs[1]),
        "todo_was": _todo(was, runs[0], known),
        "todo_now": _todo(now, runs[1], known),
        "status": now.status if now else None,
        "why": now.why if now else "It was not sent this time.",
    }


def _of(sent: Sent | None, known: Mapping[str, Sequence[Journey]]) -> Sequence[Journey]:
    return known.get(sent.trace_id, ()) if sent and sent.trace_id else ()


def _after_first(sent: Sent | None, run: Run) -> float | None:
    return round(sent.asked_ms - run.sent[0].asked_ms, 3) if sent else None


def _todo(sent: Sent | None, run: Run, known: Mapping[str, Sequence[Journey]]) -> int | None:
    if sent is None:
        return None
    named = [it.todo_id for it in _of(sent, known)]
    return sent.todo_id or next(iter(named), None) or run.todos.get(sent.alias)
