"""All clear: everything is lifted, started and tried out, and both stores are compared."""

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from chassis.errors import ServerUnavailable
from web.gateway import Answer, Gateway, ask_all
from web.mending.agreement import Agreement, Comparison
from web.mending.canary import NoCanary, send_through
from web.mending.cures import Cures
from web.mending.further import KEPT_BY, Further
from web.mending.progress import Progress, counted
from web.own_time import OwnTime
from web.places import Places
from web.room.messages import Message
from web.room.room import Room

# A server that recovers may take so long. It is usually over after a few seconds.
LONGEST_S = 60.0
PAUSE_S = 0.1
# What was frozen a moment ago, or dies just now, is asked again.
QUESTION_S = 2.0
NOTHING: Mapping[str, str] = {}


class Load(Protocol):
    """What sends commands by itself."""

    def stop(self) -> None:
        """Send no more."""


class AllClear:
    """Puts right what the lab has broken.

    Args:
        gateway: the way to the processes and controls.
        places: what there is to lift.
        loads: what sends commands by itself, which is ended.
        room: is told how far it has got.
        own_time: the time of that.
        processes: the pipeline's processes.
        longest_s: after what time it says what does not work instead.
    """

    def __init__(
        self,
        gateway: Gateway,
        places: Places,
        loads: Sequence[Load],
        room: Room,
        own_time: OwnTime,
        processes: Collection[str],
        longest_s: float = LONGEST_S,
    ) -> None:
        self._gateway = gateway
        self._places = places
        self._loads = loads
        self._room = room
        self._own_time = own_time
        self._processes = processes
        self._longest_s = longest_s
        self._comparison = Comparison(gateway, own_time)
        self._cures = Cures(gateway)
        self._further = Further(gateway, self._comparison)

    def run(self, *, cure: bool = False) -> Message:
        """Do all of it, and return what was done and what it came to.

        Args:
            cure: whether what would help is done, too: dead letters are sent again, and a read
                model that is wrong is made anew.
        """
        progress = Progress(self._room, self._own_time, "all-clear")
        until_s = time.monotonic() + self._longest_s
        lifted, started, unready = self.lift(progress, until_s, but=KEPT_BY)
        try:
            says, done = self._tried(progress, until_s, started, unready, cure=cure)
        finally:
            # They were kept until they were compared.
            for process in KEPT_BY.keys() & set(self._processes):
                for place, names in (self._lifted(process) or {}).items():
                    lifted[place] = [*lifted.get(place, ()), *names]
        lifted = {place: names for place, names in lifted.items() if names}
        return progress.end(says, is_curable=_is_curable(done), lifted=lifted, **done)

    def _tried(
        self,
        progress: Progress,
        until_s: float,
        started: list[str],
        unready: dict[str, str],
        *,
        cure: bool,
    ) -> tuple[str, dict[str, Any]]:
        """Send a canary through, compare, and cure; return how it ended, and what it came to."""
        done: dict[str, Any] = {"agree": False, "started": started, "unready": unready}
        if unready:
            reasons = "; ".join(f"{it}: {why}" for it, why in unready.items())
            return f"Not all is clear: {reasons}.{self._places.how_to_start()}", done
        progress.step("A canary goes through the loop.")
        try:
            done["canary"] = send_through(self._gateway, until_s)
        except NoCanary as error:
            return f"Not all is clear. {error}", done
        progress.step("Both stores are compared.")
        found = self._compared(until_s)
        if cure:
            found, done["cured"] = self._cured(found, progress, until_s)
        further = self._compared_further(progress, until_s, cure=cure)
        agree = found.agree and all(it["agree"] for it in further)
        words = [_verdict(found), *(it["says"] for it in further)]
        if found.agree and not agree:
            words = ["Not all is clear: both stores agree.", *words[1:]]
        return " ".join(words), {**done, **found.told(), "agree": agree, "further": further}

    def _cured(
        self, found: Agreement, progress: Progress, until_s: float
    ) -> tuple[Agreement, list[str]]:
        """Carry out what would help, and compare again; return that, and what was done."""
        cured: list[str] = []
        if found.dead_letters:
            progress.step("The dead letters are sent again.")
            cured.append(f"{counted(self._cures.retry(), 'dead letter')} sent again.")
            found = self._compared(until_s)
        if found.is_final and found.differing:
            progress.step("The read model is made anew from the log.")
            if self._cures.rebuild("todos", until_s):
                cured.append("The read model was rebuilt.")
            found = self._compared(until_s)
        if found.agree and found.dead_letters and (count := self._cures.put_aside()):
            cured.append(f"{counted(count, 'dead letter')} put aside: the read model has that.")
            found = self._compared(until_s)
        return found, cured

    def _compared_further(self, progress: Progress, until_s: float, *, cure: bool) -> list[Message]:
        """Compare, and cure, what is kept on demand."""
        further = []
        for keeper in self._further.kept():
            progress.step(f"What the {keeper} keeps is compared.")
            found = self._further.look(keeper)
            if cure and "cure" in found:
                model = found["model"]
                progress.step(f"The {model} {'are' if model == 'counts' else 'is'} made anew.")
                self._cures.rebuild(model, until_s)
                found = self._further.look(keeper)
            further.append(found)
        return further

    def lift(
        self, progress: Progress, until_s: float, but: Mapping[str, str] = NOTHING
    ) -> tuple[dict[str, list[str]], list[str], dict[str, str]]:
        """Lift what is on, and start what is down; wait until every process is ready.

        Args:
            progress: tells how far it has got.
            until_s: how long it may take, on the monotonic clock.
            but: a switch of a process that stays on.

        Returns:
            What was lifted at each place; what was started; and what is not ready, with the reason.
        """

        def lifted_there(process: str) -> dict[str, list[str]] | None:
            return self._lifted(process, but.get(process))

        for load in self._loads:
            load.stop()
        progress.step("Every switch is lifted, and what is down is started.")
        # The controls first: a process that is frozen does not answer.
        lifted: dict[str, list[str]] = {}
        started: list[str] = []
        for control in self._places.controls:
            lifted |= self._lifted(control) or {}
            started += _list(self._post(control, "/lab/start"), "started")
        waiting = set(self._processes)
        while waiting and time.monotonic() < until_s:
            asked = sorted(waiting)
            for process, told in self._of_all(asked, lifted_there).items():
                if told is not None:
                    lifted |= told
                    waiting.discard(process)
            time.sleep(PAUSE_S if waiting else 0)
        progress.step("Every process gets ready.")
        unready = self._until_ready(until_s)
        return {place: names for place, names in lifted.items() if names}, started, unready

    def _lifted(self, source: str, but: str | None = None) -> dict[str, list[str]] | None:
        """Have a source lift all that it has on; return that by place, None if it is away."""
        told = self._post(source, "/lab/clear", {"but": [but]} if but else None)
        if told is None:
            return None
        cleared = told.get("cleared")
        return cleared if isinstance(cleared, dict) else {source: _list(told, "cleared")}

    def _post(
        self, source: str, path: str, body: Mapping[str, object] | None = None
    ) -> dict[str, Any] | None:
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if sent else {}
        try:
            answer = self._gateway.ask(source, "POST", path, sent, headers, QUESTION_S)
        except ServerUnavailable:
            return None
        told = _json(answer) if answer.status == 200 else None
        return told if isinstance(told, dict) else {} if answer.status == 404 else told

    def _until_ready(self, until_s: float) -> dict[str, str]:
        while True:
            reasons = self._of_all(self._processes, self._unready)
            unready = {name: why for name, why in reasons.items() if why}
            if not unready or time.monotonic() > until_s:
                return unready
            time.sleep(PAUSE_S)

    def _unready(self, process: str) -> str | None:
        """Return why a process is not ready; None if it is."""
        try:
            answer = self._gateway.ask(process, "GET", "/readyz", timeout_s=QUESTION_S)
        except ServerUnavailable as error:
            return error.reason
        if answer.status == 200:
            return None
        checks = (_json(answer) or {}).get("checks", {})
        return f"waits for {', '.join(it for it, said in checks.items() if said != 'ok')}"

    def _of_all(self, names: Collection[str], ask: Callable[[str], Any]) -> dict[str, Any]:
        answers = ask_all(*(lambda it=it: ask(it) for it in names))
        return dict(zip(names, answers, strict=True))

    def _compared(self, until_s: float) -> Agreement:
        while True:
            found = self._comparison.look()
            if found.is_final or time.monotonic() > until_s:
                return found
            time.sleep(PAUSE_S)


def _is_curable(done: Message) -> bool:
    """Whether something still differs, and what would cure it is known."""
    further = any("cure" in it for it in done.get("further", ()))
    return not done["agree"] and (bool(done.get("cures")) or further)


def _verdict(found: Agreement) -> str:
    parked = f" {counted(found.dead_letters, 'dead letter')} waits for a decision."
    parked = parked.replace("waits", "wait") if found.dead_letters > 1 else parked
    parked = parked if found.dead_letters else ""
    if found.agree:
        return f"All clear: both stores agree.{parked}"
    if not found.is_final:
        return f"Not all is clear. {found.why_not}{parked}"
    cures = " ".join(found.told()["cures"])
    return f"The stores differ in {counted(found.differing, 'todo')}.{parked} {cures}"


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def _list(told: Mapping[str, Any] | None, name: str) -> list[str]:
    return [str(it) for it in (told or {}).get(name) or []]
