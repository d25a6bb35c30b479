"""What became of a run's commands."""

from collections.abc import Callable, Mapping
from typing import Any

from web.lessons.evidence import Evidence, Unknown, Value
from web.lessons.run import Sent

NO_ANSWER = "no answer"


def commands(asks: Mapping[str, Any], evidence: Evidence) -> Value:
    """Return how many commands were sent, answered, refused or left without an answer by now.

    `answered` is a status from 200 to 299, `refused` any other; the share is that of the answered
    among those that are over.
    """
    what, of = asks["commands"], asks.get("of")
    sent = [it for it in evidence.run.sent if of is None or it.alias == of]
    over = [it for it in sent if it.ended_ms is not None]
    if what == "sent":
        return len(sent)
    if what == "status":
        return _last_status(sent)
    if what == "share-answered":
        if not over or len(over) < len(sent):
            raise Unknown(f"{len(sent) - len(over)} of {len(sent)} commands are not over.")
        return round(sum(map(_is_answered, over)) / len(over), 4)
    return sum(_SORTS[what](it) for it in over)


def _is_answered(sent: Sent) -> bool:
    return sent.status is not None and 200 <= sent.status < 300


_SORTS: Mapping[str, Callable[[Sent], bool]] = {
    "answered": _is_answered,
    "refused": lambda it: it.status is not None and not _is_answered(it),
    "unanswered": lambda it: it.status is None,
}


def _last_status(sent: list[Sent]) -> Value:
    if not sent:
        raise Unknown("No such command was sent.")
    if sent[-1].ended_ms is None:
        raise Unknown("The last command is under way.")
    return NO_ANSWER if sent[-1].status is None else sent[-1].status
