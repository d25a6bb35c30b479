"""Judges a history: pure, and from the history alone."""

from collections.abc import Iterable, Sequence
from typing import Any

from faults.checker import guarantees, total_queue
from faults.checker.judgement import Judgement
from faults.checker.ledger import Ledger, unknown
from faults.history import Entry, NotAHistory, attempts


def check(entries: Iterable[Entry]) -> Judgement:
    """Return what a history comes to. What is no whole history cannot be judged."""
    try:
        ledger = Ledger(attempts(entries))
    except NotAHistory as error:
        return Judgement({}, [str(error)])
    why = list(unknown(ledger))
    if "log" not in ledger.looks:
        return Judgement({}, why)
    return _judge(ledger, why)


def _judge(ledger: Ledger, why: list[str]) -> Judgement:
    sessions = guarantees.sessions(ledger)
    broken = [it for session in sessions for it in guarantees.broken(session)]
    surely = [it for it in broken if it.surely]
    looked = ledger.looks
    wrong: dict[str, Sequence[Any]] = {
        "lost": list(total_queue.lost(ledger)) if "read-side" in looked else [],
        "phantom": list(total_queue.phantom(ledger)),
        "regressed": [it for session in sessions for it in guarantees.regressed(session)],
        "twice": list(total_queue.twice(ledger)),
        "disagree": (
            list(total_queue.disagree(ledger)) if {"write-side", "read-side"} <= {*looked} else []
        ),
        "rebuilt differently": (
            list(total_queue.rebuilt_differently(ledger))
            if {"read-side", "rebuilt"} <= {*looked}
            else []
        ),
        "stale with a token": [it for session in sessions for it in guarantees.stale(session)],
        "session guarantee broken with a token": [it for it in surely if it.with_token],
    }
    events, duplicates = total_queue.on_the_wire(ledger)
    counts = {
        "commands": len(ledger.commands),
        "acknowledged": len(ledger.acknowledged),
        "unanswered": sum(it.end == "info" for it in ledger.commands),
        "reads": len(ledger.reads),
        "events": events,
        "duplicates": duplicates,
        "without a token": sum(not it.with_token for it in surely),
        "unclear": len(broken) - len(surely),
    }
    return Judgement(wrong, why, counts)
