"""How often an event is tried, what is poison, and what a dead letter says."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import pika
import pytest

from query_service.deliveries import Delivery
from query_service.events import TodoEvent
from query_service.idempotence import ALREADY_APPLIED, PROJECTED, REFUSED, Applied, fates
from query_service.poison import MOST_ATTEMPTS, dead_letter, is_poison, try_alone

DATA = {"id": 7, "title": "Learn CQRS", "completed": False, "version": 2}
EVENT = {"specversion": "1.0", "type": "todo.renamed.v1", "id": "an-id", "data": DATA}


def delivery(body: bytes = json.dumps(EVENT).encode(), **properties: object) -> Delivery:
    delivered = Delivery(1, "todo.renamed", pika.BasicProperties(**properties), body, False)
    delivered.read()
    return delivered


@dataclass
class Refusing:
    """A read model that refuses an event a few times, and then gives its last answer."""

    refusals: int
    then: Applied = field(default_factory=lambda: Applied(frozenset(), {}))
    asked: int = 0

    def apply(self, events: Sequence[TodoEvent]) -> Applied:
        self.asked += 1
        if self.asked <= self.refusals:
            return Applied(frozenset(), {events[0].todo.id: f"refused {self.asked} times"})
        return self.then


@dataclass
class Log:
    """Which attempts were recorded as retried, and the waits between them."""

    retried: list[int] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)


def tried(delivered: Delivery, read_model: Refusing) -> Log:
    log = Log()
    assert delivered.event is not None
    try_alone(
        delivered,
        delivered.event,
        apply=lambda events: fates(events, read_model.apply(events)),
        retried=lambda each, began_ns: log.retried.append(each.attempts),
        wait=log.waits_s.append,
    )
    return log


def test_an_event_refused_every_time_is_poison_after_the_last_attempt() -> None:
    delivered, read_model = delivery(), Refusing(refusals=MOST_ATTEMPTS + 10)
    log = tried(delivered, read_model)
    assert is_poison(delivered)
    assert (read_model.asked, delivered.attempts) == (MOST_ATTEMPTS, MOST_ATTEMPTS)
    assert delivered.reason == f"refused {MOST_ATTEMPTS} times"
    # The last attempt is not retried, so there is no record of it and no wait after it.
    assert log.retried == [1, 2, 3, 4]
    assert len(log.waits_s) == MOST_ATTEMPTS - 1


def test_the_waits_between_attempts_grow_up_to_a_bound() -> None:
    waits_s = tried(delivery(), Refusing(refusals=MOST_ATTEMPTS)).waits_s
    for wait_s, bound_s in zip(waits_s, [0.05, 0.1, 0.2, 0.4], strict=True):
        assert bound_s / 2 <= wait_s <= bound_s


@pytest.mark.parametrize("refusals", range(MOST_ATTEMPTS))
def test_an_event_that_is_accepted_at_last_is_projected(refusals: int) -> None:
    delivered, read_model = delivery(), Refusing(refusals)
    log = tried(delivered, read_model)
    assert (delivered.verdict, is_poison(delivered)) == (PROJECTED, False)
    assert delivered.attempts == refusals + 1
    assert log.retried == list(range(1, refusals + 1))


def test_an_event_applied_by_another_projector_meanwhile_is_already_applied() -> None:
    delivered = delivery()
    tried(delivered, Refusing(1, then=Applied(frozenset({7}), {})))
    assert (delivered.verdict, is_poison(delivered)) == (ALREADY_APPLIED, False)


def test_a_message_that_cannot_be_read_is_poison_at_once_and_says_why() -> None:
    delivered = delivery(b"no event")
    assert is_poison(delivered)
    assert delivered.reason.startswith("not JSON")
    assert delivered.attempts == 0


@pytest.mark.parametrize("verdict", [None, PROJECTED, ALREADY_APPLIED])
def test_only_a_refused_event_is_poison(verdict: object) -> None:
    delivered = delivery()
    delivered.verdict = verdict  # type: ignore[assignment]
    assert not is_poison(delivered)
    delivered.verdict = REFUSED
    assert is_poison(delivered)


def test_a_dead_letter_is_kept_for_good_and_says_what_went_wrong() -> None:
    headers = {"traceparent": "a traceparent"}
    delivered = delivery(user_id="somebody", expiration="1000", message_id="m", headers=headers)
    delivered.reason, delivered.attempts = "too odd", 5
    delivered.first_failed_s, delivered.last_failed_s = 1_767_225_600.0, 1_767_225_601.5
    properties = dead_letter(delivered, "todo.projector")
    assert properties.delivery_mode == 2
    assert (properties.user_id, properties.expiration) == (None, None)
    assert properties.message_id == "m"
    assert properties.headers == {
        "traceparent": "a traceparent",
        "x-reason": "too odd",
        "x-attempts": 5,
        "x-queue": "todo.projector",
        "x-first-failed-at": "2026-01-01T00:00:00.000+00:00",
        "x-last-failed-at": "2026-01-01T00:00:01.500+00:00",
    }


def test_a_reason_is_shortened_and_can_always_be_sent_as_text() -> None:
    delivered = delivery(b"no event")
    delivered.failed("\ud800" + "x" * 500)
    reason = dead_letter(delivered, "todo.projector").headers["x-reason"]
    assert reason == "\\ud800" + "x" * 199
    reason.encode()
