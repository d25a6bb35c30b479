"""What can be done with dead letters, for the command line and for the page alike.

Whoever acts names the letters by their ids, as they were shown: exactly those are acted on, even
if others have come meanwhile. What is sent on is confirmed there before the letter is settled.
"""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pika

from query_service.dead_letters.desk import Desk, Held
from query_service.dead_letters.hops import RetryHops
from query_service.dead_letters.letters import (
    Letter,
    Unfit,
    edited,
    headers_of_discarding,
    headers_of_restoring,
    headers_of_retry,
    read_letter,
    shown,
    target_of,
)
from query_service.dead_letters.versions import BothStores, Versions
from query_service.topology import DEAD_LETTERS, DISCARDED, QUEUE

LOOK_AGAIN_S = 0.25
GONE = "it is gone since"
log = logging.getLogger(__name__)


class NoSuchLetter(Exception):
    """There is no letter with this id now."""


@dataclass(frozen=True)
class Look:
    """What lies in a queue of letters.

    Args:
        letters: the first ones, in the order of the queue.
        more: how many there are besides.
        versions: of each todo that they name.
    """

    letters: list[Letter]
    more: int
    versions: dict[int, Versions]

    def shown(self, letter: Letter) -> dict[str, Any]:
        """Return a letter as JSON shows it, with both versions."""
        known = self.versions.get(letter.todo_id or 0)
        return {**shown(letter), "versions": known.shown() if known else None}


@dataclass(frozen=True)
class Outcome:
    """What became of one letter.

    Args:
        id: the letter.
        done: whether it was done.
        why: why not.
        queue: where it was sent.
        event_id, todo_id, version: the event that was sent.
        retries: how often the letter had been retried before.
    """

    id: str
    done: bool
    why: str | None = None
    queue: str | None = None
    event_id: str | None = None
    todo_id: int | None = None
    version: int | None = None
    retries: int = 0

    def shown(self) -> dict[str, Any]:
        """Return it as JSON shows it."""
        return {
            "id": self.id,
            "done": self.done,
            "why": self.why,
            "queue": self.queue,
            "event_id": self.event_id,
            "todo_id": self.todo_id,
            "version": self.version,
        }


# Is told of each outcome as soon as it is certain.
Told = Callable[[Outcome], None]
_Act = Callable[[Desk, Held], Outcome]


class DeadLetters:
    """The dead letters, and what can be done with them.

    Args:
        parameters: where the broker is.
        stores: which versions both stores hold.
        hops: records what is sent again.
        most: how many letters one look shows at most.
    """

    def __init__(
        self,
        parameters: Sequence[pika.URLParameters],
        stores: BothStores,
        hops: RetryHops,
        most: int,
    ) -> None:
        self._parameters = parameters
        self._stores = stores
        self._hops = hops
        self._most = most

    def look(self, queue: str = DEAD_LETTERS) -> Look:
        """Return what lies there, or in DISCARDED. Raises ServerUnavailable and SomebodyElse."""
        with Desk(self._parameters) as desk:
            held, more = desk.look(queue, self._most)
            letters = [each.letter for each in held]
        named = {it.todo_id for it in letters if it.todo_id is not None}
        return Look(letters, more, self._stores.of(named))

    def show(self, letter_id: str) -> dict[str, Any]:
        """Return one letter, discarded or not, with both versions. Raises NoSuchLetter."""
        for queue in (DEAD_LETTERS, DISCARDED):
            with Desk(self._parameters) as desk:
                held, _more = desk.look(queue)
            for each in held:
                if each.letter.id == letter_id:
                    todo_id = each.letter.todo_id
                    versions = self._stores.of([todo_id]) if todo_id else {}
                    return Look([each.letter], 0, versions).shown(each.letter)
        raise NoSuchLetter(letter_id)

    def retry(self, ids: Sequence[str], because: str | None, told: Told) -> list[Outcome]:
        """Send letters back to the queues that they came from."""

        def act(desk: Desk, held: Held) -> Outcome:
            letter, again = held.letter, self._hops.begin()
            queue = target_of(letter)
            headers = headers_of_retry(letter, held.headers, again.traceparent, _now(), because)
            desk.move(held, queue, headers)
            self._hops.sent_again(again, letter, letter, queue)
            return _done(letter, queue)

        return self._each(DEAD_LETTERS, "retried", ids, because, act, told)

    def edit(self, letter_id: str, text: str, because: str | None, told: Told) -> list[Outcome]:
        """Send another event in the place of a letter's, to the queue that it came from.

        Args:
            letter_id: the letter, which is settled once the event is there.
            text: the whole event, as JSON; it gets an id of its own.
            because: why.
            told: is told of the outcome.
        """

        def act(desk: Desk, held: Held) -> Outcome:
            letter, again = held.letter, self._hops.begin()
            queue = target_of(letter)
            body, event_id = edited(letter, text, again.traceparent)
            headers = headers_of_retry(letter, held.headers, again.traceparent, _now(), because)
            desk.replace(held, queue, body, headers, event_id)
            sent = read_letter("", event_id, {}, body, None)
            self._hops.sent_again(again, letter, sent, queue)
            return _done(letter, queue, sent)

        return self._each(DEAD_LETTERS, "edited", [letter_id], because, act, told)

    def discard(self, ids: Sequence[str], because: str | None, told: Told) -> list[Outcome]:
        """Put letters aside; for a day they can be restored."""

        def act(desk: Desk, held: Held) -> Outcome:
            headers = headers_of_discarding(held.letter, held.headers, _now(), because)
            desk.move(held, DISCARDED, headers)
            return _done(held.letter, DISCARDED)

        return self._each(DEAD_LETTERS, "discarded", ids, because, act, told)

    def restore(self, ids: Sequence[str], told: Told) -> list[Outcome]:
        """Bring discarded letters back."""

        def act(desk: Desk, held: Held) -> Outcome:
            desk.move(held, DEAD_LETTERS, headers_of_restoring(held.headers))
            return _done(held.letter, DEAD_LETTERS)

        return self._each(DISCARDED, "restored", ids, None, act, told)

    def landed(self, outcomes: Iterable[Outcome], within_s: float) -> dict[str, str]:
        """Wait for what was retried, and return in words what became of each letter.

        It has landed once the read model holds that version or a later one; it is back if its event
        lies in the dead letters again.

        Args:
            outcomes: what was retried.
            within_s: how long to wait at most.
        """
        waiting = {it.id: it for it in outcomes if it.done}
        found: dict[str, str] = {}
        deadline_s = time.monotonic() + within_s
        while True:
            found |= self._in_read_model(waiting)
            found |= self._back(waiting, found)
            if len(found) == len(waiting) or time.monotonic() > deadline_s:
                break
            time.sleep(LOOK_AGAIN_S)
        return {each: found.get(each, _silence(it, within_s)) for each, it in waiting.items()}

    def _in_read_model(self, waiting: dict[str, Outcome]) -> dict[str, str]:
        # What went to another queue is for another read model, of which this one says nothing.
        ours = {each: it for each, it in waiting.items() if it.queue == QUEUE}
        wanted = {it.todo_id for it in ours.values() if it.todo_id and it.version}
        read = (self._stores.in_mongodb(wanted) if wanted else None) or {}
        return {
            letter_id: f"landed: the read model holds v{has} of todo {it.todo_id}"
            for letter_id, it in ours.items()
            if it.version and (has := read.get(it.todo_id or 0, 0)) >= it.version
        }

    def _back(self, waiting: dict[str, Outcome], found: dict[str, str]) -> dict[str, str]:
        left = [it for it in waiting.values() if it.id not in found]
        if not left:
            return {}
        with Desk(self._parameters) as desk:
            letters = [each.letter for each in desk.look(DEAD_LETTERS)[0]]
        return {
            it.id: f"back: {letter.reason}"
            for it in left
            for letter in letters
            if letter.retries > it.retries and letter.event_id == it.event_id
        }

    def _each(
        self,
        queue: str,
        verb: str,
        ids: Sequence[str],
        because: str | None,
        act: _Act,
        told: Told,
    ) -> list[Outcome]:
        """Do something with each of these letters, and say what became of it.

        A letter may be there more than once, if somebody died while sending it on; then it is one
        letter, and each of its copies is settled by the same act.
        """
        outcomes: list[Outcome] = []
        with Desk(self._parameters) as desk:
            in_hand: dict[str, list[Held]] = {}
            for held in desk.look(queue)[0]:
                in_hand.setdefault(held.letter.id, []).append(held)
            for letter_id in dict.fromkeys(ids):
                outcome = _tried(letter_id, in_hand.get(letter_id, []), desk, act)
                said = f" because {because}" if because else ""
                if outcome.done:
                    log.warning("%s dead letter %s to %s%s", verb, letter_id, outcome.queue, said)
                outcomes.append(outcome)
                told(outcome)
        return outcomes


def _silence(outcome: Outcome, within_s: float) -> str:
    if outcome.queue == QUEUE:
        return f"neither in the read model nor back within {within_s:g} s"
    return f"not back within {within_s:g} s; {outcome.queue} is not the read model's queue"


def _tried(letter_id: str, copies: list[Held], desk: Desk, act: _Act) -> Outcome:
    if not copies:
        return Outcome(letter_id, done=False, why=GONE)
    first, *others = copies
    try:
        outcome = act(desk, first)
    except Unfit as error:
        return Outcome(letter_id, done=False, why=str(error))
    for other in others:
        desk.settle(other)
    return outcome


def _done(letter: Letter, queue: str, sent: Letter | None = None) -> Outcome:
    event = sent or letter
    return Outcome(
        letter.id, done=True, queue=queue, event_id=event.event_id, todo_id=event.todo_id,
        version=event.version, retries=letter.retries,
    )  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
