"""Sends a lesson's commands, and notes each with what became of it."""

import threading
import time
from collections.abc import Mapping
from dataclasses import replace

from chassis.errors import ServerUnavailable
from chassis.numbers import whole_number
from web.background.burst import AT_ONCE
from web.background.probe_reads import ProbeReads
from web.gateway import ANSWER_TIMEOUT_S, Answer, Gateway, new_trace_id
from web.journeys.journey import ms
from web.lessons.curl import body_of
from web.lessons.lesson import Action
from web.lessons.patience import SOMEBODY_WITHIN_S, once_somebody_is_there
from web.lessons.playing import Playing, Refused
from web.lessons.requests import COMMANDS, JSON, Known, Request, request_of
from web.lessons.run import Sent
from web.own_time import OwnTime

AGAIN_AFTER_S = 0.3


class Sending:
    """Sends commands.

    Args:
        gateway: the way to the command service.
        probe_reads: reads back a sample of what was written.
        own_time: the time of what is sent.
    """

    def __init__(self, gateway: Gateway, probe_reads: ProbeReads, own_time: OwnTime) -> None:
        self._gateway = gateway
        self._probe_reads = probe_reads
        self._own_time = own_time

    def command(self, action: Action, playing: Playing, known: Known) -> str:
        """Send a command as often as its action says; return what came of it. Raises Refused."""
        request = request_of(action, known)
        assert request is not None
        of = str(action.options.get("as", "") if action.verb == "create" else action.what)
        if action.verb != "create" and of not in known.todos:
            raise Refused(f"Nothing is known of a todo {of!r}: its command was not answered.")
        said, is_patient = "", not {"tries", "wait_s"} & set(action.options)
        for tried in range(request.tries):
            if tried and playing.stop.wait(AGAIN_AFTER_S):
                break
            sent = self._send(request, of, known, playing, is_patient=is_patient)
            said = _sent_says(sent, tried + 1, request.tries)
            if sent.status not in {None, 503}:
                break
        return said

    def burst(self, load: Mapping[str, int], playing: Playing, known: Known) -> str:
        """Create many todos, all at once or so many a second; return how many were answered."""
        per_second = load.get("per_second")
        count = load.get("count") or load["per_second"] * load["seconds"]
        began_s, due = time.monotonic(), iter(range(count))
        taking = threading.Lock()

        def send_in_turn() -> None:
            while not playing.stop.is_set():
                with taking:
                    number = next(due, None)
                if number is None:
                    return
                due_s = began_s + number / per_second if per_second else 0.0
                if playing.stop.wait(max(0.0, due_s - time.monotonic())):
                    return
                headers = dict(JSON)
                if "idempotency-key" in known.protections:
                    headers["Idempotency-Key"] = f"{known.run}-{known.number}-{number}"
                body = {"title": f"Todo {number + 1:,} of {count:,}"}
                self._send(Request(COMMANDS, "POST", "/todos", headers, body), "", known, playing)

        before = len(playing.run.sent)
        senders = [
            threading.Thread(target=send_in_turn, daemon=True) for _ in range(min(AT_ONCE, count))
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        sent = [it for it in playing.run.sent[before:] if it.by == known.number]
        answered = sum(it.status == 201 for it in sent)
        return f"{answered:,} of {count:,} answered with 201"

    def _send(
        self,
        request: Request,
        alias: str,
        known: Known,
        playing: Playing,
        *,
        is_patient: bool = False,
    ) -> Sent:
        """Send a command, and note it; with patience, again while nobody is there."""
        run, trace_id = playing.run, new_trace_id()
        with playing.lock:
            at = len(run.sent)
            todo_id = None if request.method == "POST" else known.todos.get(alias)
            sent = Sent(
                number=at + 1,
                method=request.method,
                path=request.path,
                body=request.body,
                headers={it: value for it, value in request.headers.items() if it not in JSON},
                alias=alias,
                asked_ms=self._own_time.now_ms(),
                todo_id=todo_id,
                trace_id=trace_id,
                by=known.number,
            )
            run.sent.append(sent)
        try:
            answer = once_somebody_is_there(
                lambda: self._gateway.command(
                    request.method,
                    request.path,
                    body_of(request.body),
                    request.headers,
                    trace_id=trace_id,
                    timeout_s=request.wait_s or ANSWER_TIMEOUT_S,
                ),
                SOMEBODY_WITHIN_S if is_patient else 0.0,
                playing.stop,
            )
        except ServerUnavailable as error:
            sent = replace(sent, ended_ms=self._own_time.now_ms(), why=error.reason)
        else:
            sent = _answered(replace(sent, asked_ms=ms(answer.asked_ns)), answer)
            if request.method != "DELETE":
                self._probe_reads.sample(answer)
        with playing.lock:
            run.sent[at] = sent
            if alias and sent.todo_id is not None:
                run.todos[alias] = sent.todo_id
        playing.changed()
        return sent


def _answered(sent: Sent, answer: Answer) -> Sent:
    token = answer.headers.get("Consistency-Token", "")
    todo_id, version = map(whole_number, token.partition(".")[::2])
    return replace(
        sent,
        ended_ms=ms(answer.ended_ns),
        status=answer.status,
        todo_id=sent.todo_id if todo_id is None else todo_id,
        version=version,
    )


def _sent_says(sent: Sent, tried: int, tries: int) -> str:
    said = f"no answer: {sent.why}" if sent.status is None else str(sent.status)
    if sent.status is not None and sent.todo_id is not None and sent.version is not None:
        said = f"{sent.status}, todo {sent.todo_id}, version {sent.version}"
    return f"{said} (try {tried} of {tries})" if tried > 1 else said
