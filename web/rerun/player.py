"""Plays commands: each when it is due, those of one todo one after another."""

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chassis.errors import ServerUnavailable
from chassis.numbers import whole_number
from web.background.probe_reads import ProbeReads
from web.gateway import Answer, Gateway, new_trace_id
from web.own_time import OwnTime
from web.rerun.derivation import Command, Plan

# As many as a burst has. A command whose answer is waited for holds up only those of its todo,
# until all of these wait.
AT_ONCE = 8
JSON = {"Content-Type": "application/json"}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sent:
    """What became of a command.

    Args:
        command: which one.
        trace_id: the trace of its journey; "" if it was not sent.
        asked_ns: when it was sent, by web's own time; 0 if it was not.
        status: the HTTP status; None without an answer.
        why: why it was not sent, or had no answer, or was refused.
        todo: the id that its todo has now, as far as it is known.
    """

    command: Command
    trace_id: str = ""
    asked_ns: int = 0
    status: int | None = None
    why: str = ""
    todo: int | None = None

    @property
    def is_acknowledged(self) -> bool:
        """Whether the answer says that it was carried out."""
        return self.status is not None and 200 <= self.status < 300


class CommandPlayer:
    """Sends commands as they were once sent.

    Args:
        gateway: the way to the command service.
        own_time: the time of that.
        probe_reads: reads back a sample of what was written.
    """

    def __init__(self, gateway: Gateway, own_time: OwnTime, probe_reads: ProbeReads) -> None:
        self._gateway = gateway
        self._own_time = own_time
        self._probe_reads = probe_reads

    def play(
        self, plan: Plan, stop: threading.Event, tell: Callable[[Sent], None]
    ) -> Sequence[Sent]:
        """Send all commands, and return what became of each, in their order.

        Args:
            plan: the commands. Those before the run are answered before it begins.
            stop: ends it; what has not been sent by then is not sent.
            tell: is told of each command, by whichever thread has sent it.
        """
        todos: dict[int, int] = {}
        before = self._all_of(plan.before, todos, stop, tell)
        return [*before, *self._all_of(plan.commands, todos, stop, tell)]

    def _all_of(
        self,
        commands: Sequence[Command],
        todos: dict[int, int],
        stop: threading.Event,
        tell: Callable[[Sent], None],
    ) -> list[Sent]:
        """Send commands, each when it is due, and what its todo waits for has been answered.

        Args:
            commands: in their order.
            todos: the ids that todos have now, by those that they had; creations add to it.
            stop: ends it.
            tell: is told of each.
        """
        began_s = time.monotonic()
        waiting = iter(_with_done(commands))
        taking, found = threading.Lock(), list[Sent]()

        def send_in_turn() -> None:
            while True:
                with taking:
                    command, earlier, done = next(waiting, (None, None, None))
                if command is None or done is None:
                    return
                try:
                    due_s = began_s + command.at_ms / 1000
                    stop.wait(max(0.0, due_s - time.monotonic()))
                    # Those of its todo were taken before it, so they come to an end.
                    if earlier:
                        earlier.wait()
                    sent = self._send(command, todos, stop)
                    found.append(sent)
                    tell(sent)
                except Exception:
                    log.exception("a command was not played")
                finally:
                    done.set()

        senders = [
            threading.Thread(target=send_in_turn, daemon=True)
            for _ in range(min(AT_ONCE, len(commands)))
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        return sorted(found, key=lambda it: it.command.number)

    def _send(self, command: Command, todos: dict[int, int], stop: threading.Event) -> Sent:
        is_new = command.method == "POST"
        todo = None if is_new else todos.get(command.todo)
        if stop.is_set():
            return Sent(command, why="It was stopped before.")
        if not is_new and todo is None:
            return Sent(command, why="Its todo was not created.")
        path = "/todos" if is_new else f"/todos/{todo}"
        body = None if command.body is None else json.dumps(command.body).encode()
        trace_id, asked_ns = new_trace_id(), self._own_time.now_ns()
        try:
            answer = self._gateway.command(
                command.method, path, body, JSON if body else {}, trace_id=trace_id
            )
        except ServerUnavailable as error:
            return Sent(command, trace_id, asked_ns, None, str(error), todo)
        if is_new and answer.status == 201:
            todo = todos[command.todo] = _id_in(answer)
        if command.method != "DELETE":
            self._probe_reads.sample(answer)
        why = "" if answer.status < 300 else _why(answer)
        return Sent(command, trace_id, asked_ns, answer.status, why, todo)


Waiting = tuple[Command, threading.Event | None, threading.Event]


def _with_done(commands: Sequence[Command]) -> list[Waiting]:
    """Return each command with what says that the one before it of its todo is done, and it is."""
    last: dict[int, threading.Event] = {}
    found: list[Waiting] = []
    for command in commands:
        earlier, done = last.get(command.todo), threading.Event()
        last[command.todo] = done
        found.append((command, earlier, done))
    return found


def _id_in(answer: Answer) -> int:
    token = answer.headers.get("Consistency-Token", "")
    todo = whole_number(token.partition(".")[0])
    return int(json.loads(answer.body)["id"]) if todo is None else todo


def _why(answer: Answer) -> str:
    try:
        said = json.loads(answer.body)
        return f"{said['title']} {said.get('detail', '')}".strip()
    except (ValueError, LookupError, TypeError):
        return f"It was refused with {answer.status}."
