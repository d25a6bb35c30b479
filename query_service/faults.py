"""The switches of whatever consumes a queue: what can go wrong there, and the cures taken off.

Where each of them acts is in projector.py, deliveries.py and poison.py.
"""

from chassis.lab.match import MATCH_ONE, WINDOW
from chassis.lab.parameters import Choice, Number
from chassis.lab.switches import Switch
from query_service.deliveries import PREFETCH
from query_service.poison import MOST_ATTEMPTS


class Redeliver(Switch):
    """Have the broker deliver again what was already applied."""

    name = "redeliver"
    does = (
        "Closes the channel after the write and before the ack, so that the broker delivers again "
        "all that was in hand."
    )
    teaches = "Delivered at least once is not delivered once; applying an event twice has to do."
    standing = False
    parameters = MATCH_ONE


SAME_TODO, ANY_TODO = "same-todo", "any-todo"


class Reorder(Switch):
    """Let later events overtake one."""

    name = "reorder"
    does = "Sets an event aside until later ones are applied, and gives it back."
    teaches = "A queue with retries keeps no order; a version in each event tells what is newer."
    standing = False
    parameters = (
        Number("events", "events", 1, 100, 1, "So many later events overtake it."),
        Choice(
            "by",
            {SAME_TODO: "those of the same todo", ANY_TODO: "whatever comes later"},
            SAME_TODO,
            "Which later events count.",
        ),
        *MATCH_ONE,
        WINDOW,
    )


UNREADABLE, UNKNOWN_TYPE = "unreadable", "unknown-type"
ALWAYS_FAILS, FAILS_THEN_WORKS = "always-fails", "fails-then-works"


class Poison(Switch):
    """Make an event one that cannot be applied."""

    name = "poison"
    does = "Makes an event one that cannot be read, or that fails when it is applied."
    teaches = "One bad event must neither block the good ones nor get lost."
    standing = False
    parameters = (
        Choice(
            "how",
            {
                UNREADABLE: "only half of it can be read",
                UNKNOWN_TYPE: "its type is not known",
                ALWAYS_FAILS: "each attempt to apply it fails",
                FAILS_THEN_WORKS: "some attempts fail, and then one works",
            },
            UNREADABLE,
            "What is wrong with it.",
        ),
        Number("failures", "attempts", 1, 100, 2, "So many attempts fail, if others then work."),
        *MATCH_ONE,
    )


class NoGuard(Switch):
    """Take the guard against older versions off."""

    name = "no-guard"
    does = "Writes each event over what is there, tombstones too, whatever its version."
    teaches = "Without the guard, the last to arrive wins, and what was deleted comes back."
    kind = "cure"


class NoTombstones(Switch):
    """Leave nothing where a todo was deleted."""

    name = "no-tombstones"
    does = "Removes a deleted todo's document, and leaves no tombstone in its place."
    teaches = (
        "Where nothing says that there was a deletion, an older event that comes late is news, and "
        "what was deleted comes back."
    )
    kind = "cure"


class Priority(Switch):
    """Have the broker serve this consumer before all others."""

    name = "priority"
    does = "Takes all that it can hold, so that other projectors on the queue only stand by."
    teaches = (
        "One consumer at a time keeps the order, and the others are spares: they get what comes "
        "once it is gone. The price is that they do not share the work."
    )
    kind = "cure"


BLOCKS, DROPS = "blocks", "drops"


class NoDeadLetters(Switch):
    """Take the dead-letter queue off."""

    name = "no-dead-letters"
    does = "Has no place for an event that cannot be applied."
    teaches = "Without a place for poison, one bad event stops all others, or is lost."
    kind = "cure"
    standing = False
    parameters = (
        Choice(
            "instead",
            {BLOCKS: "it is tried for ever", DROPS: "it is acked and forgotten"},
            BLOCKS,
            "What becomes of such an event.",
        ),
    )


class Attempts(Switch):
    """Change how often an event is tried before it is a dead letter."""

    name = "attempts"
    does = f"Tries a failing event so often, and not {MOST_ATTEMPTS} times, before it is parked."
    teaches = "Too few attempts park what would have worked; too many keep the others waiting."
    kind = "cure"
    parameters = (Number("attempts", "attempts", 1, 100, 1, "How often at most."),)


class Prefetch(Switch):
    """Change how many messages are in hand at a time."""

    name = "prefetch"
    does = f"Takes at most so many messages at a time, and not {PREFETCH}."
    teaches = "Few in hand are slow and fair; many are fast, and all of them come again."
    kind = "cure"
    parameters = (Number("messages", "messages", 1, PREFETCH, 1, "How many at most."),)


def of_consumer() -> tuple[Switch, ...]:
    """Return a new set of those that act in whatever consumes a queue."""
    return (Redeliver(), Reorder(), Poison(), NoDeadLetters(), Attempts(), Prefetch())
