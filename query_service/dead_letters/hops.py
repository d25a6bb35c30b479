"""What is recorded of a letter that is sent again: one span, in a trace that links to the first.

The names here are a contract with whatever receives the traces (contracts/hops.yaml).
"""

import time
from dataclasses import dataclass

from opentelemetry.trace import Link, SpanContext, SpanKind, Tracer
from opentelemetry.util.types import AttributeValue

from chassis.clock import Clock
from chassis.telemetry.finished import FinishedSpans
from chassis.telemetry.traceparents import span_named_by, traceparent_naming
from query_service.dead_letters.letters import Letter

# What the process is called in the traces, wherever the tool runs.
SERVICE = "dead-letters"


class RetryHops:
    """Records that letters are sent again.

    Args:
        tracer: whose spans they are.
        clock: turns steady times into times of day.
    """

    def __init__(self, tracer: Tracer, clock: Clock) -> None:
        self._spans = FinishedSpans(tracer)
        self._clock = clock

    def begin(self) -> "Again":
        """Return the record of a letter that is about to be sent again."""
        context = self._spans.new_context()
        return Again(context, traceparent_naming(context), time.monotonic_ns())

    def sent_again(self, again: "Again", letter: Letter, sent: Letter, queue: str) -> None:
        """Record that a letter has just been sent again.

        Args:
            again: what was begun.
            letter: which one.
            sent: what was sent: the letter itself, or the event in its place.
            queue: where to.
        """
        offset_ns = self._clock.offset_ns()
        self._spans.add(
            f"send {queue}", SpanKind.PRODUCER, None,
            again.began_ns + offset_ns, time.monotonic_ns() + offset_ns,
            _said(sent, queue), links=_links(letter), context=again.context,
        )  # fmt: skip


@dataclass(frozen=True)
class Again:
    """That a letter is sent again.

    Args:
        context: the span of it, which begins a trace of its own.
        traceparent: names that span in the message.
        began_ns: when, in steady ns.
    """

    context: SpanContext
    traceparent: str
    began_ns: int


def _links(letter: Letter) -> list[Link]:
    contexts = (letter.first_traceparent, letter.traceparent)
    spans = [span for it in dict.fromkeys(contexts) if it and (span := span_named_by(it))]
    return [Link(span) for span in _unique(spans)]


def _unique(spans: list[SpanContext]) -> list[SpanContext]:
    return list({(span.trace_id, span.span_id): span for span in spans}.values())


def _said(letter: Letter, queue: str) -> dict[str, AttributeValue]:
    said: dict[str, AttributeValue] = {
        "messaging.system": "rabbitmq",
        "messaging.destination.name": queue,
        "messaging.operation.type": "send",
        # What has no id of its own is named like the letter.
        "cloudevents.event_id": letter.event_id or letter.id,
    }
    known = {
        "cloudevents.event_type": letter.type,
        "todo.id": letter.todo_id,
        "todo.version": letter.version,
    }
    return said | {name: value for name, value in known.items() if value is not None}
