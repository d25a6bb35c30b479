"""Both runs of one that was played again, as the page is given them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from web.journeys.faults import Firing
from web.journeys.journey import Journey
from web.journeys.path import Paths
from web.rerun.comparison import Run, compared, table_message
from web.rerun.derivation import Command
from web.rerun.player import Sent
from web.rerun.record import NS_IN_MS, Probe, Record
from web.room.messages import Message, firings_message, journey_message

# How many pairs of journeys a page is given; the table is of all.
MOST_PAIRS = 200


@dataclass(frozen=True)
class Found:
    """What is known of what was sent.

    Args:
        journeys: those of its events, by the traces of their commands.
        firings: what the lab's switches did meanwhile.
        probes: the probe reads.
        at_ns: the moment up to which it is known.
    """

    journeys: Mapping[str, Sequence[Journey]]
    firings: Sequence[Firing]
    probes: Sequence[Probe]
    at_ns: int

    def of(self, sent: Sent) -> Sequence[Journey]:
        """Return the journeys of the events that a command wrote."""
        return self.journeys.get(sent.trace_id, ())


def both_message(record: Record, sent: Sequence[Sent], found: Found, paths: Paths) -> Message:
    """Return both runs, pair by pair, and the table.

    Args:
        record: what was played again.
        sent: what became of its commands.
        found: what is known of those.
        paths: know the stretches of each journey.
    """
    of_run = sorted((it for it in sent if it.command.events), key=lambda it: it.command.number)
    known = {it.event_id: it for it in record.journeys}
    was = _run_was(record, [it.command for it in of_run], known)
    now = _run_now(of_run, found)
    first_ns = min((it.asked_ns for it in of_run if it.asked_ns), default=0)
    pairs = [_pair(it, found.of(it), first_ns) for it in of_run[:MOST_PAIRS]]
    return two_runs(was, now, pairs, len(of_run) - len(pairs), paths)


def two_runs(was: Run, now: Run, pairs: Sequence[Message], more: int, paths: Paths) -> Message:
    """Return two runs with their table.

    Args:
        was: the first.
        now: the second.
        pairs: what each command wrote in either.
        more: how many pairs there are besides.
        paths: know the stretches of each journey.
    """
    return {
        "table": table_message(compared(was, now, paths)),
        "pairs": pairs,
        "more_pairs": more,
        "was": _side(was, {event for pair in pairs for event in pair["was"]}),
        "now": _side(now, {event for pair in pairs for event in pair["now"]}),
    }


def _run_was(record: Record, commands: Sequence[Command], known: Mapping[str, Journey]) -> Run:
    journeys = [known[event] for command in commands for event in command.events]
    answered = sum(
        known[it.events[0]].first_that_means("acknowledged") is not None for it in commands
    )
    end_ns = record.window.to_ns or record.at_ns
    return Run(journeys, record.firings, record.probes, end_ns, len(commands), answered)


def _run_now(of_run: Sequence[Sent], found: Found) -> Run:
    return Run(
        [journey for it in of_run for journey in found.of(it)],
        found.firings,
        found.probes,
        found.at_ns,
        sum(it.asked_ns > 0 for it in of_run),
        sum(it.is_acknowledged for it in of_run),
    )


def _pair(sent: Sent, now: Sequence[Journey], first_ns: int) -> Message:
    """Return a command and what it wrote, both times; each time from the first command."""
    command = sent.command
    return {
        "number": command.number,
        "method": command.method,
        "body": command.body,
        "was": list(command.events),
        "now": [it.event_id for it in now],
        "was_ms": round(command.at_ms, 3),
        "now_ms": round((sent.asked_ns - first_ns) / NS_IN_MS, 3) if sent.asked_ns else None,
        "todo_was": command.todo,
        "todo_now": sent.todo,
        "status": sent.status,
        "why": sent.why,
    }


def _side(run: Run, shown: set[str]) -> Message:
    journeys = [it for it in run.journeys if it.event_id in shown]
    began_ns = min((it.began_ns for it in journeys if it.hops), default=0)
    firings = [
        it
        for it in run.firings
        if it.began_ns <= run.end_ns and (it.over_ns is None or it.over_ns >= began_ns)
    ]
    return {
        "journeys": [journey_message(it) for it in journeys],
        "firings": firings_message(firings),
    }
