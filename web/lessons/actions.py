"""Carries out a lesson's actions, by the same ways as the page's requests."""

import errno
import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from chassis.errors import ServerUnavailable
from chassis.numbers import whole_number
from chassis.problems import Problem
from web.background.burst import AT_ONCE
from web.background.probe_reads import ProbeReads
from web.gateway import ANSWER_TIMEOUT_S, Answer, Gateway, new_trace_id
from web.journeys.journey import ms
from web.lessons.curl import body_of, curl
from web.lessons.lesson import Action, Condition, Fact, Protection
from web.lessons.requests import COMMANDS, JSON, Known, Request, request_of, says
from web.lessons.run import Run, Seen, Sent
from web.lessons.state import Doing
from web.own_time import OwnTime
from web.places import Places

# Within this, a process that was killed, and a server that was stopped, is back.
BACK_WITHIN_S = 60.0
# So long is a command or a read sent again that found nobody, unless its action says otherwise.
SOMEBODY_WITHIN_S = 20.0
NOBODY = os.strerror(errno.ECONNREFUSED).lower()
# A read model that is kept on demand fills itself from the log first.
KEPT_WITHIN_S = 20.0
# A rebuild of all that a lesson writes takes a second or two.
REBUILT_WITHIN_S = 60.0
PAUSE_S = 0.1
LOOK_EVERY_S = 0.2
AGAIN_AFTER_S = 0.3
# Switches that have a read model kept by a process of its own.
KEEPS = ("count", "replicate")
LONGEST_ANSWER = 120


class Refused(Exception):
    """An action was not carried out; the text says why.

    Args:
        why: the reason.
        by_hand: whether somebody can do it by typing a command.
    """

    def __init__(self, why: str, *, by_hand: bool = False) -> None:
        super().__init__(why)
        self.by_hand = by_hand


@dataclass
class Playing:
    """A run that is being played.

    Args:
        id: makes its keys its own.
        run: what it has come to.
        protections: how its commands and reads are protected.
        meets: measures a condition; returns whether it holds, and what was seen.
        changed: is called when something has changed that can be seen.
        stop: set when no more is to be done.
        versions: the version of a todo that a reader has read, by reader and todo.
        lock: held while the run is changed.
        aside: what is done in the background.
        number: how many actions were begun.
    """

    id: str
    run: Run
    protections: frozenset[Protection]
    meets: Callable[[Condition], tuple[bool, str]]
    changed: Callable[[], None]
    stop: threading.Event = field(default_factory=threading.Event)
    versions: dict[tuple[str, str], int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    aside: list[threading.Thread] = field(default_factory=list)
    number: int = 0


class Actions:
    """Carries out actions.

    Args:
        gateway: the way to the processes.
        places: the way to the switches.
        probe_reads: reads back a sample of what was written.
        own_time: the time of what is done.
        ports: where the processes answer, for people who type.
    """

    def __init__(
        self,
        gateway: Gateway,
        places: Places,
        probe_reads: ProbeReads,
        own_time: OwnTime,
        ports: Mapping[str, int],
    ) -> None:
        self._gateway = gateway
        self._places = places
        self._probe_reads = probe_reads
        self._own_time = own_time
        self._ports = ports

    def planned(self, action: Action, facts: Mapping[str, Fact]) -> Doing:
        """Return an action that waits for its turn.

        Args:
            action: the action.
            facts: what its lesson measures, by name.
        """
        return Doing(action, says(action, facts), self._typed(action, Known("lesson", 0)))

    def carry_out(self, doing: Doing, playing: Playing) -> None:
        """Carry out an action. Raises Refused.

        One that is in the background goes on after this has returned.
        """
        if doing.by_hand:
            # The host has gone on after it: it was typed.
            doing.at_ms, doing.state = self._own_time.now_ms(), "done"
            doing.answer, doing.by_hand = "By hand.", False
            return
        doing.at_ms, doing.state = self._own_time.now_ms(), "doing"
        number, playing.number = playing.number, playing.number + 1
        known = self._known(playing, number)
        doing.curl = self._typed(doing.action, known)
        playing.changed()
        if doing.action.options.get("background"):
            work = threading.Thread(target=self._aside, args=(doing, playing, known), daemon=True)
            playing.aside.append(work)
            work.start()
            return
        self._do(doing, playing, known)

    def _aside(self, doing: Doing, playing: Playing, known: Known) -> None:
        try:
            self._do(doing, playing, known)
        except Refused:
            # It has said so, and nobody waits for it.
            return

    def _do(self, doing: Doing, playing: Playing, known: Known) -> None:
        try:
            doing.answer = self._carried_out(doing, playing, known)
            doing.state = "done"
        except Refused as refused:
            doing.answer, doing.state = str(refused), "failed"
            doing.by_hand = refused.by_hand
            raise
        except Exception as error:
            doing.answer, doing.state = f"It failed: {error}", "failed"
            raise Refused(doing.answer) from error
        finally:
            playing.changed()

    def _carried_out(self, doing: Doing, playing: Playing, known: Known) -> str:
        action = doing.action
        ways: Mapping[str, Callable[[], str]] = {
            "burst": lambda: self._burst(action.what, playing, known),
            "read": lambda: self._read(action, playing, known),
            "rebuild": lambda: self._rebuild(action, playing),
            "retry": lambda: self._retry(doing, playing),
            "wait": lambda: self._wait(action, playing),
        }
        if action.verb in ways:
            return ways[action.verb]()
        if action.verb in {"create", "change", "delete"}:
            return self._command(action, playing, known)
        return self._switch(action, playing, known)

    # Switches

    def _switch(self, action: Action, playing: Playing, known: Known) -> str:
        request = request_of(action, known)
        assert request is not None
        place, _, name = str(action.what).partition("/")
        answer = self._insist(lambda: self._asked(action, place, name or "hold", request), playing)
        if answer.status != 200:
            raise Refused(_said(answer))
        if action.verb == "set" and name in KEEPS:
            self._until_kept(place)
        return _said(answer)

    def _asked(self, action: Action, place: str, name: str, request: Request) -> Answer:
        if action.verb in {"release", "kill"}:
            return self._places.ask(place, name, "POST", f"/{action.verb}", b"", {})
        return self._places.ask(place, name, "PUT", "", body_of(request.body) or b"", JSON)

    def _insist(self, ask: Callable[[], Answer], playing: Playing) -> Answer:
        """Ask a process again while it is away, and the run goes on. Raises Refused."""
        until_s = time.monotonic() + BACK_WITHIN_S
        while True:
            try:
                return ask()
            except Problem as problem:
                by_hand = problem.name == "only-by-hand"
                then = " Then go on." if by_hand else ""
                said = f"{problem.title} {problem.detail}{then}".strip()
                raise Refused(said, by_hand=by_hand) from problem
            except ServerUnavailable as error:
                if playing.stop.is_set() or time.monotonic() > until_s:
                    raise Refused(f"{error.server} does not answer: {error.reason}.") from error
            playing.stop.wait(PAUSE_S)

    def _until_kept(self, place: str) -> None:
        until_s = time.monotonic() + KEPT_WITHIN_S
        while (self._gateway.value(place, "/lab/idle") or {}).get("idle") is not True:
            if time.monotonic() > until_s:
                raise Refused(f"{place} is not ready.")
            time.sleep(PAUSE_S)

    # Commands

    def _command(self, action: Action, playing: Playing, known: Known) -> str:
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
            answer = _once_somebody_is_there(
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

    def _burst(self, load: Mapping[str, int], playing: Playing, known: Known) -> str:
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

    # Reads

    def _read(self, action: Action, playing: Playing, known: Known) -> str:
        read, said, last_s = action.what, "", 0.0
        for _ in range(read["times"]):
            if playing.stop.wait(max(0.0, last_s + read["every_ms"] / 1000 - time.monotonic())):
                break
            last_s = time.monotonic()
            said = self._look(action, playing, self._known(playing, known.number))
        return said

    def _look(self, action: Action, playing: Playing, known: Known) -> str:
        request, read = request_of(action, known), action.what
        assert request is not None
        asked_ms = self._own_time.now_ms()
        token = request.headers.get("Consistency-Token", "")
        of = known.todos.get(read["of"]) if read["of"] else None
        seen = Seen(read["as"], read["model"], "", asked_ms, asked_ms, None, token=token, of=of)
        path = request.path if "$" not in request.path else "/todos/0"
        try:
            answer = _once_somebody_is_there(
                lambda: self._gateway.query(path, request.headers, ANSWER_TIMEOUT_S),
                SOMEBODY_WITHIN_S,
                playing.stop,
            )
        except ServerUnavailable as error:
            seen = replace(seen, ended_ms=self._own_time.now_ms())
            said = f"no answer: {error.reason}"
        else:
            seen = _read_of(seen, answer)
            said = f"{answer.status}, {answer.body[:LONGEST_ANSWER].decode(errors='replace')}"
            version = whole_number(answer.headers.get("ETag", "").strip('"'))
            if read["of"] and version is not None and answer.status == 200:
                playing.versions[read["as"], read["of"]] = version
        with playing.lock:
            playing.run.reads.append(seen)
        return " ".join(said.split())

    # The rest

    def _rebuild(self, action: Action, playing: Playing) -> str:
        body, path = json.dumps({"model": action.what}).encode(), "/lab/rebuild"
        answer = self._insist(
            lambda: self._gateway.ask("query-service", "POST", path, body, JSON), playing
        )
        if answer.status >= 400:
            raise Refused(_said(answer))
        until_s = time.monotonic() + REBUILT_WITHIN_S
        while (shown := self._gateway.value("query-service", path) or {}).get("running", True):
            if time.monotonic() > until_s:
                raise Refused("The rebuild has not ended.")
            time.sleep(PAUSE_S)
        return str(shown.get("ended") or "It has ended.")

    def _retry(self, doing: Doing, playing: Playing) -> str:
        path = "/lab/dead-letters"
        found = self._insist(lambda: self._gateway.ask("projector", "GET", path), playing)
        if found.status != 200:
            raise Refused(_said(found))
        ids = [it["id"] for it in json.loads(found.body)["letters"]]
        if not ids:
            return "There are no dead letters."
        body = {"ids": ids}
        request = Request("web", "POST", "/dead-letters/retry", JSON, body, needs_key=True)
        doing.curl = self._curl(request)
        ask = lambda: self._gateway.ask("projector", "POST", f"{path}/retry", body_of(body), JSON)  # noqa: E731
        answer = self._insist(ask, playing)
        if answer.status != 200:
            raise Refused(_said(answer))
        return _said(answer)

    def _wait(self, action: Action, playing: Playing) -> str:
        until_s = time.monotonic() + action.options["within_s"]
        while True:
            holds, seen = playing.meets(action.what)
            if holds:
                return f"So it is: {seen}"
            if playing.stop.is_set() or time.monotonic() > until_s:
                # Not a reason to stop: the claims will say what has become of it.
                return f"Not so within {action.options['within_s']:g} s: {seen}"
            playing.stop.wait(LOOK_EVERY_S)

    def _known(self, playing: Playing, number: int) -> Known:
        with playing.lock:
            newest: dict[int, int] = {}
            for it in playing.run.sent:
                if it.todo_id is not None and it.version is not None:
                    version = max(it.version, newest.pop(it.todo_id, 0))
                    newest[it.todo_id] = version
            return Known(
                run=playing.id,
                number=number,
                todos=dict(playing.run.todos),
                tokens=tuple(f"{todo}.{version}" for todo, version in newest.items()),
                versions=dict(playing.versions),
                protections=playing.protections,
            )

    def _typed(self, action: Action, known: Known) -> str | None:
        """Return the command that does the same; None if there is none."""
        if action.verb in {"set", "clear"}:
            place, _, name = str(action.what).partition("/")
            if by_hand := self._places.by_hand(place, name, on=action.verb == "set"):
                return by_hand
        return self._curl(request_of(action, known))

    def _curl(self, request: Request | None) -> str | None:
        return curl(request, self._ports) if request else None


def _once_somebody_is_there(
    ask: Callable[[], Answer], within_s: float, stop: threading.Event
) -> Answer:
    """Ask again while the connection is refused, as nothing is done then.

    Raises ServerUnavailable.
    """
    until_s = time.monotonic() + within_s
    while True:
        try:
            return ask()
        except ServerUnavailable as error:
            if error.reason != NOBODY or stop.is_set() or time.monotonic() > until_s:
                raise
        stop.wait(PAUSE_S)


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


def _read_of(seen: Seen, answer: Answer) -> Seen:
    try:
        told = json.loads(answer.body)
    except ValueError:
        told = None
    listed = told if isinstance(told, list) else [told] if answer.status == 200 else []
    return replace(
        seen,
        asked_ms=ms(answer.asked_ns),
        ended_ms=ms(answer.ended_ns),
        status=answer.status,
        answered_by=answer.headers.get("Read-Model", ""),
        todos={int(it["id"]): it for it in listed if isinstance(it, dict)},
    )


def _sent_says(sent: Sent, tried: int, tries: int) -> str:
    said = f"no answer: {sent.why}" if sent.status is None else str(sent.status)
    if sent.status is not None and sent.todo_id is not None and sent.version is not None:
        said = f"{sent.status}, todo {sent.todo_id}, version {sent.version}"
    return f"{said} (try {tried} of {tries})" if tried > 1 else said


def _said(answer: Answer) -> str:
    """Return what an answer says: its problem in words, or as much of it as can be shown."""
    text = " ".join(answer.body.decode(errors="replace").split())
    try:
        told = json.loads(answer.body)
    except ValueError:
        told = None
    if answer.status >= 400 and isinstance(told, dict) and "title" in told:
        return " ".join(str(told[it]) for it in ("title", "detail") if told.get(it))
    short = text if len(text) <= LONGEST_ANSWER else f"{text[:LONGEST_ANSWER]}…"
    return f"{answer.status} {short}".strip()
