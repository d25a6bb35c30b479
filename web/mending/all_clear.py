"""All clear: everything is lifted, started and tried out, and both stores are compared."""

import json
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from chassis.errors import ServerUnavailable
from web.background.burst import Burst
from web.gateway import Answer, Gateway, ask_all
from web.mending.agreement import Agreement, Comparison
from web.mending.canary import NoCanary, send_through
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


class AllClear:
    """Puts right what the lab has broken.

    Args:
        gateway: the way to the processes and controls.
        places: what there is to lift.
        burst: the load, which is ended.
        room: is told how far it has got.
        own_time: the time of that.
        processes: the pipeline's processes.
        longest_s: after what time it says what does not work instead.
    """

    def __init__(
        self,
        gateway: Gateway,
        places: Places,
        burst: Burst,
        room: Room,
        own_time: OwnTime,
        processes: Collection[str],
        longest_s: float = LONGEST_S,
    ) -> None:
        self._gateway = gateway
        self._places = places
        self._burst = burst
        self._room = room
        self._own_time = own_time
        self._processes = processes
        self._longest_s = longest_s
        self._comparison = Comparison(gateway, own_time)

    def run(self) -> Message:
        """Do all of it, and return what was done and what it came to."""
        progress = Progress(self._room, self._own_time, "all-clear")
        until_s = time.monotonic() + self._longest_s
        lifted, started, unready = self.lift(progress, until_s)
        done: dict[str, Any] = {"lifted": lifted, "started": started, "unready": unready}
        if unready:
            reasons = "; ".join(f"{it}: {why}" for it, why in unready.items())
            says = f"Not all is clear: {reasons}.{self._places.how_to_start()}"
            return progress.end(says, agree=False, **done)
        progress.step("A canary goes through the loop.")
        try:
            done["canary"] = send_through(self._gateway, until_s)
        except NoCanary as error:
            return progress.end(f"Not all is clear. {error}", agree=False, **done)
        progress.step("Both stores are compared.")
        found = self._compared(until_s)
        return progress.end(_verdict(found), **done, **found.told())

    def lift(
        self, progress: Progress, until_s: float
    ) -> tuple[dict[str, list[str]], list[str], dict[str, str]]:
        """Lift what is on, and start what is down; wait until every process is ready.

        Returns:
            What was lifted at each place; what was started; and what is not ready, with the reason.
        """
        self._burst.stop()
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
            for process, told in self._of_all(asked, self._lifted).items():
                if told is not None:
                    lifted |= told
                    waiting.discard(process)
            time.sleep(PAUSE_S if waiting else 0)
        progress.step("Every process gets ready.")
        unready = self._until_ready(until_s)
        return {place: names for place, names in lifted.items() if names}, started, unready

    def _lifted(self, source: str) -> dict[str, list[str]] | None:
        """Have a source lift all that it has on; return that by place, None if it is away."""
        told = self._post(source, "/lab/clear")
        if told is None:
            return None
        cleared = told.get("cleared")
        return cleared if isinstance(cleared, dict) else {source: _list(told, "cleared")}

    def _post(self, source: str, path: str) -> dict[str, Any] | None:
        try:
            answer = self._gateway.ask(source, "POST", path, timeout_s=QUESTION_S)
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
