"""The coordinator: two todos that are to be there both, or not at all: a saga.

No transaction spans both, as each todo is an aggregate of its own. So it creates one after the
other, by commands as anybody else sends them, and notes each step. What has not ended in time is
undone by the opposite command, a compensation. It exists only with the lab, and sleeps until it is
asked: `python -m command_service.coordinator`.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import ClassVar

import requests

from chassis.backoff import Backoff
from chassis.errors import ServerUnavailable, first_line
from chassis.lab.lab import Lab
from chassis.lab.match import Subject
from chassis.lab.parameters import Text
from chassis.lab.points import Crash, Hold, Point
from chassis.lab.switches import Kind, Switch
from chassis.lifecycle import take_short_turns
from chassis.process import running
from chassis.sessions import direct_session
from chassis.settings import Environment
from command_service.database import write_database
from command_service.sagas import Saga, Sagas
from command_service.settings import CoordinatorSettings
from command_service.todo import MAX_TITLE_CHARACTERS

BETWEEN = Point("between", "when the first todo is there and the second is not")
# While a saga is open, its time may be over soon, or somebody may have removed it.
LOOK_EVERY_S = 0.2
ANSWER_WITHIN_S = 10
# Whoever asks for one is told first that it has begun: the process may die at once.
BEGINS_AFTER_S = 0.3
COMMAND_SERVICE = "command-service"

log = logging.getLogger(__name__)


class Book(Switch):
    """Begin a saga."""

    name = "book"
    does = "Creates two todos that belong together, one after the other: both, or none."
    teaches = "Where no transaction spans two things, something can always come between them."
    kind: ClassVar[Kind] = "action"
    standing = False
    parameters = (
        Text("first", MAX_TITLE_CHARACTERS, "Book the flight", "The title of the first."),
        Text("second", MAX_TITLE_CHARACTERS, "Book the hotel", "The title of the second."),
    )

    def __init__(self) -> None:
        super().__init__()
        self.begin: Callable[[str, str], object] = lambda _first, _second: None

    def begins(self) -> None:
        """Note that it begins. Raises ServerUnavailable."""
        self.begin(self.value("first"), self.value("second"))


class NoTimeout(Switch):
    """Begin without a time limit."""

    name = "no-timeout"
    does = "Begins what it begins without a time limit, so that nothing undoes what is half done."
    teaches = (
        "Whoever was at it is gone, and nobody knows whether it goes on. A time limit, and a "
        "command that takes the first half back, bring it to an end."
    )
    kind: ClassVar[Kind] = "cure"


class Refused(Exception):
    """A command was refused: asking again would not help."""


class Commands:
    """Sends commands to the command service, as any client does.

    Args:
        url: where it is.
    """

    def __init__(self, url: str) -> None:
        self._todos = f"{url.rstrip('/')}/todos"
        self._session = direct_session()

    def create(self, title: str, key: str) -> int:
        """Create a todo, once for each key, and return its id.

        Raises Refused and ServerUnavailable.
        """
        answer = self._ask("POST", self._todos, json={"title": title}, key=key)
        if answer.status_code != requests.codes.created:
            raise Refused(answer.json().get("title", answer.status_code))
        return int(answer.json()["id"])

    def delete(self, todo_id: int) -> None:
        """Delete a todo; one that is gone already is fine. Raises ServerUnavailable."""
        self._ask("DELETE", f"{self._todos}/{todo_id}")

    def _ask(self, method: str, url: str, json: object = None, key: str = "") -> requests.Response:
        headers = {"Idempotency-Key": key} if key else {}
        try:
            answer = self._session.request(
                method, url, json=json, headers=headers, timeout=ANSWER_WITHIN_S
            )
        except requests.RequestException as error:
            raise ServerUnavailable(COMMAND_SERVICE, first_line(error)) from error
        if answer.status_code >= requests.codes.server_error:
            raise ServerUnavailable(COMMAND_SERVICE, f"answered {answer.status_code}")
        return answer


class Coordinator:
    """Brings sagas to an end, until `stop` is set.

    Args:
        sagas: what it remembers.
        commands: the way to the todos.
        lab: its switches.
        stop: set when it has to end.
    """

    def __init__(self, sagas: Sagas, commands: Commands, lab: Lab, stop: threading.Event) -> None:
        self._sagas = sagas
        self._commands = commands
        self._lab = lab
        self._stop = stop
        # What it has begun itself and not yet worked on, and from when on it may.
        self._new: list[tuple[float, Saga]] = []
        self._open = 0
        self._woken = threading.Event()

    def holds(self) -> dict[str, int]:
        """Return how many sagas are open, if any are."""
        return {"sagas": self._open} if self._open else {}

    def begin(self, first: str, second: str) -> None:
        """Begin a saga. From any thread. Raises ServerUnavailable."""
        for_ever = self._lab.is_on(NoTimeout)
        saga = self._sagas.begin(first, second, for_ever=for_ever)
        self._new.append((time.monotonic() + BEGINS_AFTER_S, saga))

    def wake(self) -> None:
        """Look at the switches, at what was begun, and at `stop`. From any thread."""
        self._woken.set()

    def run(self) -> None:
        """Work on what is begun, and end what is late, until stopped."""
        backoff = Backoff()
        while not self._stop.is_set():
            self._woken.clear()
            try:
                with self._lab.heeding():
                    pass
                self._work()
                self._end_late()
                wait_s = LOOK_EVERY_S if self._open or self._new else None
                backoff.reset()
            except ServerUnavailable as error:
                if backoff.begins:
                    log.warning("waiting for %s", error)
                wait_s = backoff.next_s()
            self._woken.wait(wait_s)

    def _work(self) -> None:
        while self._new and self._new[0][0] <= time.monotonic():
            # It stays until it has got as far as it can, as a server may be away meanwhile.
            self._both_or_none(self._new[0][1])
            self._new.pop(0)

    def _both_or_none(self, saga: Saga) -> None:
        """Create both todos. Whatever dies in between, what is noted is there."""
        self._open = max(1, self._open)
        try:
            first_id = self._commands.create(saga.first, f"saga-{saga.id}-first")
        except Refused as refused:
            log.info("saga %d is refused: %s", saga.id, refused)
            self._sagas.note(saga, "undone")
            return
        self._sagas.note(saga, "half", first_id=first_id)
        if self._lab.armed:
            self._lab.at(BETWEEN, [Subject(first_id, saga.first)])
        try:
            second_id = self._commands.create(saga.second, f"saga-{saga.id}-second")
        except Refused as refused:
            log.info("the second of saga %d is refused: %s", saga.id, refused)
            self._undo(Saga(saga.id, saga.first, saga.second, first_id))
            return
        self._sagas.note(saga, "done", second_id=second_id)
        log.info("saga %d is done: todos %d and %d", saga.id, first_id, second_id)

    def _end_late(self) -> None:
        """Undo what has not ended in time: whoever was at it is gone."""
        found = self._sagas.open()
        late = [saga for saga in found if saga.is_late]
        for saga in late:
            self._undo(saga)
        self._open = len(found) - len(late)

    def _undo(self, saga: Saga) -> None:
        """Take the first half back. Doing so twice does no harm."""
        if saga.first_id is not None:
            self._commands.delete(saga.first_id)
        self._sagas.note(saga, "undone")
        log.info("saga %d is undone: todo %s is taken back", saga.id, saga.first_id)


def main() -> None:
    """Coordinate until SIGTERM."""
    settings = CoordinatorSettings.read(Environment.of_process())
    take_short_turns()
    with running(settings.process) as process:
        book = Book()
        lab = process.new_lab(book, NoTimeout(), Crash(BETWEEN), Hold(BETWEEN))
        sagas = Sagas(write_database(settings.database_url, ""), settings.timeout_s)
        commands = Commands(settings.command_service_url)
        coordinator = Coordinator(sagas, commands, lab, process.stop)
        book.begin = coordinator.begin
        lab.on_change(coordinator.wake)
        process.on_stop(coordinator.wake)
        ops = process.new_app(__name__, {}, lab, coordinator.holds)
        with process.serving(ops):
            coordinator.run()


if __name__ == "__main__":
    main()
