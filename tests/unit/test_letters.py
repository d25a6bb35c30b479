"""What a dead letter says, which letters belong together, and what a retry carries."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from query_service.dead_letters.letters import (
    Filter,
    Letter,
    Unfit,
    edited,
    grouped,
    headers_of_discarding,
    headers_of_restoring,
    headers_of_retry,
    named,
    read_letter,
    shown,
    target_of,
)
from query_service.dead_letters.words import answer, question
from query_service.dead_letters.work import Outcome

EVENT = {
    "specversion": "1.0", "id": "event-7", "type": "todo.renamed.v1", "subject": "7",
    "sequence": "2", "traceparent": f"00-{'a' * 32}-{'b' * 16}-01",
    "data": {"id": 7, "title": "Learn CQRS", "completed": False, "version": 2},
}  # fmt: skip
PARKED = {
    "x-reason": "Document failed validation",
    "x-attempts": 5,
    "x-queue": "todo.projector",
    "x-first-failed-at": "2026-01-01T00:00:00.000+00:00",
    "x-last-failed-at": "2026-01-01T00:00:01.000+00:00",
}
DEATH = {
    "x-death": [
        {"queue": "todo.counter", "reason": "delivery_limit", "time": datetime(2026, 1, 2)},  # noqa: DTZ001, as the driver has it
        {"queue": "todo.projector", "reason": "rejected", "time": datetime(2026, 1, 1, tzinfo=UTC)},
    ]
}
AGAIN = f"00-{'c' * 32}-{'d' * 16}-01"


def a_letter(body: object = EVENT, key: str = "todo.renamed", **headers: Any) -> Letter:
    told = {name.replace("_", "-"): it for name, it in headers.items()} or PARKED
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_letter(key, "message-7", told, raw, None)


def test_a_letter_says_what_the_projector_said_of_it() -> None:
    letter = a_letter()
    assert (letter.event_id, letter.type, letter.todo_id, letter.version) == (
        "event-7", "todo.renamed.v1", 7, 2,
    )  # fmt: skip
    assert (letter.reason, letter.attempts) == ("Document failed validation", 5)
    assert (letter.origin, letter.origin_from) == ("todo.projector", "x-queue")
    assert letter.first_failed_at == "2026-01-01T00:00:00.000+00:00"


def test_where_the_broker_dead_lettered_it_the_brokers_last_word_counts() -> None:
    letter = read_letter("todo.renamed", None, DEATH, b"", None)
    assert (letter.origin, letter.origin_from) == ("todo.counter", "x-death")
    assert letter.reason == "the broker dead-lettered it: delivery_limit"
    assert letter.first_failed_at == "2026-01-01T00:00:00+00:00"
    assert letter.last_failed_at == "2026-01-02T00:00:00+00:00"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\xff\xfe", b"[]", b"null", b'"text"', b"[" * 100_000,
        b'{"id": 7, "data": [], "subject": "x"}', b'{"data": {"id": true, "version": -1}}',
        b'{"data": {"id": 18446744073709551616}}',
    ],
)  # fmt: skip
def test_whatever_a_body_is_it_can_be_shown(body: bytes) -> None:
    letter = a_letter(body)
    assert (letter.todo_id, letter.version) == (None, None)
    assert letter.event_id == "message-7"
    json.dumps(shown(letter))


def test_headers_of_any_kind_can_be_shown() -> None:
    strange = {"x-death": 7, "x-reason": b"\xff", "x-attempts": True, "x": [{"y": b"z"}]}
    letter = read_letter("k", None, strange, b"", None)
    assert (letter.origin, letter.attempts, letter.reason) == (None, None, "nothing says why")
    assert shown(letter)["headers"]["x"] == [{"y": "z"}]


def test_an_id_is_the_same_wherever_the_letter_is_looked_at() -> None:
    letter = a_letter()
    counted = read_letter(
        "todo.renamed", "message-7", {**PARKED, "x-delivery-count": 3}, letter.body, None
    )
    headers = headers_of_discarding(letter, PARKED, "now", "nonsense")
    aside = read_letter("todo.discarded", "message-7", headers, letter.body, None)
    back = headers_of_restoring({**headers, "x-delivery-count": 1})
    restored = read_letter("todo.dead-letters", "message-7", back, letter.body, None)
    assert {counted.id, aside.id, restored.id} == {letter.id}
    assert (aside.because, aside.discarded_at, restored.discarded_at) == ("nonsense", "now", None)
    assert restored.routing_key == "todo.renamed"
    others = [a_letter(b"other"), a_letter(key="todo.created"), a_letter(x_attempts=4)]
    assert len({letter.id, *(other.id for other in others)}) == 4


def test_letters_are_grouped_by_error_and_type_the_most_first() -> None:
    letters = [
        a_letter(b"a", x_reason="not JSON: byte 1"),
        a_letter(x_reason="E11000 key 'x'"),
        a_letter(b"b", x_reason="not JSON: byte 20"),
    ]
    assert [(error, kind, len(found)) for error, kind, found in grouped(letters)] == [
        ("not JSON: byte …", "unknown type", 2),
        ("E… key …", "todo.renamed.v1", 1),
    ]


def test_a_filter_keeps_what_fits_all_of_it() -> None:
    letter = a_letter()
    fitting = [
        Filter(), Filter("FAILED"), Filter(type="todo"), Filter(type="todo.renamed"),
        Filter(type="todo.renamed.v1"), Filter(todo_id=7), Filter("failed", "todo.renamed", 7),
    ]  # fmt: skip
    others = [Filter("json"), Filter(type="todo.rename"), Filter(todo_id=8), Filter("failed", "x")]
    assert all(each.fits(letter) for each in fitting)
    assert not any(each.fits(letter) for each in others)
    assert not Filter().says


def test_the_letters_named_come_each_once_and_only_those() -> None:
    one, two = a_letter(b"one"), a_letter(b"two")
    assert named([two.id, "none", one.id, two.id], [one, two]) == [two, one]


def test_a_retry_loses_what_would_end_it_and_links_to_the_first() -> None:
    headers = {
        **PARKED, **DEATH, "x-delivery-count": 20, "x-acquired-count": 20,
        "x-first-death-queue": "q",
        "x-last-death-reason": "rejected", "traceparent": EVENT["traceparent"], "tracestate": "a=b",
        "baggage": "c", "mine": 1,
    }  # fmt: skip
    letter = read_letter("todo.renamed", "message-7", headers, json.dumps(EVENT).encode(), None)
    sent = headers_of_retry(letter, headers, AGAIN, "now", "mended")
    assert sent == {
        "mine": 1,
        "traceparent": AGAIN,
        "x-first-traceparent": EVENT["traceparent"],
        "x-first-failed-at": "2026-01-01T00:00:00.000+00:00",
        "x-retries": 1,
        "x-retried-at": "now",
        "x-because": "mended",
        "x-routing-key": "todo.renamed",
    }
    again = read_letter("todo.projector", "message-7", {**sent, **PARKED}, letter.body, None)
    twice = headers_of_retry(again, again.headers, "a third", "later", None)
    assert (twice["x-retries"], twice["x-first-traceparent"]) == (2, EVENT["traceparent"])
    assert twice["x-routing-key"] == "todo.renamed"


@pytest.mark.parametrize("headers", [{"x": 1}, {"x-queue": "todo.dead-letters"}])
def test_what_has_no_way_back_cannot_be_retried(headers: dict[str, Any]) -> None:
    with pytest.raises(Unfit):
        target_of(read_letter("k", None, headers, b"", None))


def test_an_edited_event_has_an_id_of_its_own_and_names_the_old_one() -> None:
    letter, changed = a_letter(), json.loads(json.dumps(EVENT))
    changed["data"] |= {"title": "Teach CQRS", "version": 3}
    body, event_id = edited(letter, json.dumps(changed), AGAIN)
    event = json.loads(body)
    assert event["id"] == event_id != "event-7"
    assert (event["corrects"], event["traceparent"]) == ("event-7", AGAIN)
    assert (event["subject"], event["sequence"]) == ("7", "3")
    assert event["data"]["title"] == "Teach CQRS"
    # The same edit, made again since the first was cut short, is the same event.
    assert edited(letter, json.dumps(changed, indent=2), "other")[1] == event_id
    changed["data"]["title"] = "Learn it"
    assert edited(letter, json.dumps(changed), AGAIN)[1] != event_id


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        (json.dumps(EVENT), "nothing was changed"),
        ('{"specversion": "1.0"}', "not one of our CloudEvents"),
        (json.dumps(EVENT | {"type": "todo.strange.v1"}), "not one of our CloudEvents"),
        (json.dumps(EVENT | {"data": {**EVENT["data"], "title": "\ud800"}}), "not JSON"),  # type: ignore[dict-item]
    ],
)
def test_an_edit_that_nobody_could_apply_is_refused(text: str, why: str) -> None:
    with pytest.raises(Unfit, match=why):
        edited(a_letter(), text, AGAIN)


def test_the_question_names_the_count_and_what_will_happen() -> None:
    one, lost = a_letter(), read_letter("k", None, {"x": 1}, b"", None)
    assert question("retry", [one, lost]) == (
        "Retry 2 dead letters? Each goes back to the queue that it came from "
        "(todo.projector: 1, none, as nothing says which queue it came from: 1) to be applied."
    )
    assert question("discard", [one]).startswith("Discard 1 dead letter? ")
    assert "24 hours" in question("discard", [one])


def test_the_answer_says_how_many_and_why_not() -> None:
    outcomes = [
        Outcome("a", done=True),
        Outcome("b", done=False, why="it is gone since"),
        Outcome("c", done=False, why="it is gone since"),
    ]
    assert answer(outcomes, "retried") == "1 retried, 2 skipped (it is gone since)."
