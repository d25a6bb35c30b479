"""What can be broken on the write side, besides what every process has."""

from chassis.lab.match import MATCH, SENDER
from chassis.lab.parameters import Choice, Number
from chassis.lab.switches import Switch


class HowToPublish(Switch):
    """Let the command service write to two systems, as most tutorials do."""

    name = "publish"
    does = "The command service publishes its events by itself, and writes no row into the outbox."
    teaches = (
        "Two writes without a common transaction: a crash in between loses the event for good, or "
        "leaves an event of something that never happened. The outbox makes one write of them."
    )
    kind = "variant"
    standing = False
    parameters = (
        Choice(
            "way",
            {
                "after-commit": "Commits, then publishes: what fails in between loses the event.",
                "before-commit": "Publishes, then commits: what fails in between leaves a phantom.",
            },
            "after-commit",
            "What it does first.",
        ),
        *MATCH,
        SENDER,
    )


class EatAnswer(Switch):
    """Keep the answer to a command from its client."""

    name = "eat-answer"
    does = "Carries the command out, and closes the connection without an answer."
    teaches = (
        "No answer does not mean that nothing happened. Whoever asks again does it twice, unless "
        "the command says by an Idempotency-Key that it is the same one."
    )
    standing = False
    parameters = (*MATCH, SENDER)


class NewerEvents(Switch):
    """Write events in a shape that their readers may not know yet."""

    name = "newer-events"
    does = "Writes events in version 2 of their shape, which calls the title `text`."
    teaches = (
        "Writers and readers are never replaced at the same moment. Readers learn the new shape "
        "first; until they have, the new events are refused, or misread."
    )
    kind = "variant"
    standing = False
    parameters = (*MATCH, SENDER)


class HowToRead(Switch):
    """Read the outbox by a cursor, as if positions became visible in their order."""

    name = "cursor"
    does = "Reads only rows of the outbox whose position is larger than the last one it has read."
    teaches = (
        "A position is handed out before the commit. A transaction that commits late with a "
        "smaller one is skipped, and its event waits in the outbox for good."
    )
    kind = "variant"
    standing = False


class NoConfirms(Switch):
    """Trust that what was sent has arrived."""

    name = "no-confirms"
    does = "Removes rows from the outbox as soon as they are sent, without the broker's confirms."
    teaches = (
        "Sent is not stored. What was under way when the broker died is in no outbox and in no "
        "queue: it is lost, and nobody is told."
    )
    kind = "cure"


class PublishAgain(Switch):
    """Send what has been sent."""

    name = "publish-again"
    does = "Publishes an event again, the same message with the same id, before its row goes."
    teaches = (
        "At least once means more than once now and then. Who applies an event twice has to end up "
        "where who applied it once did."
    )
    standing = False
    parameters = (Number("copies", "messages", 1, 20, 1, "How many more."), *MATCH)
