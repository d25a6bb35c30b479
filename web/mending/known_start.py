"""The known start, to which a lesson goes back, and Reset.

Each side keeps its own part, under the same name. The order matters:

1. Whatever the lab has on is lifted, what is down is started, and a rebuild is interrupted.
2. The relay pauses, what is under way arrives, and the consumers pause.
3. Messages are thrown away.
4. The write side goes back. Commands wait meanwhile. The outbox is empty then, so no message comes
   from it any more; what the relay had just sent is thrown away now.
5. The read side goes back.
6. `web` and every page forget what came after, and the flow goes on.

Whatever dies in between, the same from the start comes to the same end. Nothing stays paused: the
switches end by themselves.
"""

import json
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from chassis.errors import ServerUnavailable
from chassis.problems import Problem
from web.background.probe_reads import ProbeReads
from web.gateway import Gateway
from web.journeys.aside import Aside
from web.journeys.faults import Firings
from web.journeys.journey import Journey, ms
from web.journeys.journeys import CAPACITY, Journeys
from web.mending.agreement import Comparison
from web.mending.all_clear import AllClear
from web.mending.progress import Progress, counted
from web.own_time import OwnTime
from web.room.messages import Message
from web.room.room import Room

WRITE_SIDE, READ_SIDE, RELAY = "command-service", "projector", "relay"
REBUILDER = "query-service"
# How long to wait for a quiet moment, for what is under way, for a rebuild, and for all of it.
QUIET_WITHIN_S = 10.0
ARRIVED_WITHIN_S = 3.0
REBUILD_ENDS_WITHIN_S = 5.0
LONGEST_S = 60.0
PAUSE_S = 0.05
# Should web die meanwhile, the flow goes on after this.
PAUSED_FOR_S = 60
# Dead letters, and those that were discarded and could still be brought back.
PARKED = ("dead_letters", "discarded")
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Memory:
    """What web itself knows of what had happened.

    Args:
        journeys: the journeys.
        firings: what the lab has done.
        probe_reads: the probe reads.
        aside: keeps what is forgotten of these.
    """

    journeys: Journeys
    firings: Firings
    probe_reads: ProbeReads
    aside: Aside

    def go_back(self, at_ns: int, kept: Collection[Journey]) -> int:
        """Forget what came after a moment, and return how many journeys that were."""
        forgotten = [it for it in self.journeys.newest(CAPACITY) if it.hops and it.began_ns > at_ns]
        fired = [it for it in self.firings.newest() if it.began_ns > at_ns]
        probes = [it for it in list(self.probe_reads.newest) if it["at_ms"] > ms(at_ns)]
        self.aside.put(forgotten, fired, probes)
        self.firings.forget_after(at_ns)
        self.probe_reads.forget_after(ms(at_ns))
        return self.journeys.go_back(at_ns, kept)


@dataclass(frozen=True)
class Plan:
    """What to do while the flow is held.

    Args:
        both: changes both sides; returns what that came to.
        at_ns: the moment after which everybody forgets.
        kept: the journeys that were known then.
        says: how it ended, in a sentence.
    """

    both: Callable[[Progress], dict[str, Any]]
    at_ns: int
    kept: Collection[Journey]
    says: Callable[[dict[str, Any]], str]


class KnownStarts:
    """Takes the known start, goes back to it, and empties everything.

    Args:
        gateway: the way to the processes.
        all_clear: lifts what is on first.
        memory: what web itself has to forget.
        room: is told how far it has got, and what to forget.
        own_time: the time of that.
        processes: the pipeline's processes.

    Attributes:
        memory: what web itself knows, and has put aside.
    """

    def __init__(
        self,
        gateway: Gateway,
        all_clear: AllClear,
        memory: Memory,
        room: Room,
        own_time: OwnTime,
        processes: Collection[str],
    ) -> None:
        self._gateway = gateway
        self._all_clear = all_clear
        self.memory = memory
        self._room = room
        self._own_time = own_time
        self._processes = processes
        self._comparison = Comparison(gateway, own_time)
        self._kept: dict[str, Collection[Journey]] = {}

    def shown(self) -> Message:
        """Return what there is to go back to, what there is now, and what each would do."""
        told = self._ask(WRITE_SIDE, "GET", "/lab/known-start")
        read = self._gateway.value(READ_SIDE, "/lab/known-start")
        taken, now = told["known_start"], {**told["now"], **self._messages()}
        # While the read side does not answer, nothing says that it has another.
        if taken and read and (read["known_start"] or {}).get("name") != taken["name"]:
            taken = None
        now["journeys"] = len(self.memory.journeys.newest(CAPACITY))
        return {
            "known_start": taken,
            "now": now,
            "restore": _restore_says(taken, now),
            "reset": _reset_says(now),
        }

    def take(self) -> Message:
        """Keep everything as it is at the next quiet moment. Raises Problem if none comes."""
        progress = Progress(self._room, self._own_time, "take")
        progress.step("A quiet moment is waited for.")
        until_s, name = time.monotonic() + QUIET_WITHIN_S, uuid4().hex
        while (taken := self._taken(name)) is None:
            if time.monotonic() > until_s:
                why = self._why_not_quiet()
                progress.end(f"No known start was taken. {why}")
                title = "There was no quiet moment."
                raise Problem(409, "not-quiet", title, f"{why} Try again.")
            time.sleep(PAUSE_S)
        self._kept = {name: self.memory.journeys.newest(CAPACITY)}
        says = f"The known start has {counted(taken['todos'], 'todo')}."
        return progress.end(says, known_start=taken)

    def restore(self) -> Message:
        """Go back to the known start. Raises Problem."""
        return self._held("restore", self._plan_to_go_back)

    def reset(self) -> Message:
        """Empty everything, and say what was removed. Raises Problem."""
        return self._held("reset", self._plan_to_empty)

    def _plan_to_go_back(self) -> Plan:
        taken = self.shown()["known_start"]
        if taken is None:
            detail = "Take one first: PUT /lab/known-start."
            raise Problem(404, "no-known-start", "There is no known start.", detail)
        name = taken["name"]
        # The database's clock is the machine's; web's own time may be another by now.
        at_ns = round((taken["at_ms"] - self._own_time.day_ahead_ms()) * 1e6)

        def both(progress: Progress) -> dict[str, Any]:
            progress.step("PostgreSQL goes back.")
            before = self._send(WRITE_SIDE, "/lab/known-start/restore", name)["before"]
            thrown_away = self._thrown_away()
            progress.step("MongoDB goes back.")
            self._send(READ_SIDE, "/lab/known-start/restore", name)
            return {"before": before, "thrown_away": thrown_away}

        def says(_done: dict[str, Any]) -> str:
            todos, events = counted(taken["todos"], "todo"), counted(taken["events"], "event")
            return f"Back at the known start: {todos}, {events}."

        return Plan(both, at_ns, self._kept.get(name, ()), says)

    def _plan_to_empty(self) -> Plan:
        def both(progress: Progress) -> dict[str, Any]:
            progress.step("PostgreSQL is emptied.")
            removed = self._send(WRITE_SIDE, "/lab/reset", "")["removed"]
            thrown_away = self._thrown_away()
            progress.step("MongoDB is emptied.")
            documents = self._send(READ_SIDE, "/lab/reset", "")["removed"]
            return {"removed": {**removed, "documents": documents}, "thrown_away": thrown_away}

        def says(done: dict[str, Any]) -> str:
            removed, messages = done["removed"], done["thrown_away"]
            parts = [
                counted(removed["todos"], "todo"),
                counted(removed["events"], "event"),
                counted(removed["outbox"], "outbox row"),
                counted(messages.get("queue", 0) + messages.get("unacked", 0), "message"),
                counted(sum(messages.get(it, 0) for it in PARKED), "dead letter"),
                counted(sum(removed["documents"].values()), "document"),
                counted(done["journeys"], "journey"),
            ]
            return f"Removed: {', '.join(parts)}."

        return Plan(both, 0, (), says)

    def _held(self, what: str, planned: Callable[[], Plan]) -> Message:
        """Change both sides while the flow is held, and let everybody forget what came after."""
        progress = Progress(self._room, self._own_time, what)
        until_s = time.monotonic() + LONGEST_S
        try:
            _lifted, _started, unready = self._all_clear.lift(progress, until_s)
            if unready:
                raise _unfinished("; ".join(f"{it}: {why}" for it, why in unready.items()))
            self._end_rebuild()
            plan = planned()
            progress.step("The flow is held.")
            consumers = self._consumers()
            try:
                self._pause([RELAY], on=True)
                self._until_arrived()
                self._pause(consumers, on=True)
                before = self._thrown_away()
                done = plan.both(progress)
                for name, count in before.items():
                    done["thrown_away"][name] = done["thrown_away"].get(name, 0) + count
                done["journeys"] = self.memory.go_back(plan.at_ns, plan.kept)
            finally:
                self._pause([*consumers, RELAY], on=False)
        except Problem as problem:
            progress.end(f"It is not finished. {problem.detail}")
            raise
        self._room.go_back(ms(plan.at_ns))
        return progress.end(plan.says(done), **done)

    def _end_rebuild(self) -> None:
        """End a rebuild of the page: it would put in place what it has read before."""
        until_s = time.monotonic() + REBUILD_ENDS_WITHIN_S
        while (self._gateway.value(REBUILDER, "/lab/rebuild") or {}).get("running"):
            self._ask(REBUILDER, "DELETE", "/lab/rebuild")
            if time.monotonic() > until_s:
                raise _unfinished("A rebuild of the read model has not ended.")
            time.sleep(PAUSE_S)

    def _taken(self, name: str) -> Message | None:
        """Keep both sides now; None if that was no quiet moment.

        As in web/truths/proof.py: every event that the write side kept was confirmed, the consumers
        have since been idle, the read side was copied, and nothing was written until after that.
        """
        if not self._comparison.look().agree or self._messages()["dead_letters"]:
            return None
        try:
            taken = self._send(WRITE_SIDE, "/lab/known-start", name, method="PUT")
            if not self._all_idle():
                return None
            self._send(READ_SIDE, "/lab/known-start", name, method="PUT")
        except Problem:
            return None
        since = self._gateway.value(WRITE_SIDE, f"/lab/log?since={quote(taken['snapshot'])}")
        changes = ("written_since", "outbox", "publishing")
        still = isinstance(since, dict) and not any(since.get(it) for it in changes)
        return taken if still else None

    def _consumers(self) -> list[str]:
        """Return who consumes from a queue now: some read models are kept only on demand."""
        told = {it: (self._gateway.value(it, "/lab") or {}).get("holds") for it in self._processes}
        return [it for it in told if it == READ_SIDE or "queue" in (told[it] or {})]

    def _all_idle(self) -> bool:
        told = [self._gateway.value(it, "/lab/idle") for it in self._consumers()]
        return all(isinstance(it, dict) and it.get("idle") is True for it in told)

    def _why_not_quiet(self) -> str:
        found = self._comparison.look()
        if found.dead_letters:
            letters = counted(found.dead_letters, "dead letter")
            return f"There are {letters}: retry or discard them first."
        if found.differing:
            return f"The stores differ in {counted(found.differing, 'todo')}: rebuild first."
        return found.why_not or "Something was under way each time."

    def _messages(self) -> dict[str, int]:
        holds = (self._gateway.value(READ_SIDE, "/lab") or {}).get("holds") or {}
        return {it: int(holds.get(it) or 0) for it in ("queue", "unacked", "dead_letters")}

    def _until_arrived(self) -> None:
        until_s = time.monotonic() + ARRIVED_WITHIN_S
        while time.monotonic() < until_s and not self._all_idle():
            time.sleep(PAUSE_S)

    def _thrown_away(self) -> dict[str, int]:
        """Throw away what every consumer has, and return how much that was."""
        removed: dict[str, int] = {}
        for process in self._consumers():
            told = self._ask(process, "DELETE", "/lab/messages", others=True)
            for name, count in (told or {}).get("removed", {}).items():
                removed[name] = removed.get(name, 0) + count
        return removed

    def _pause(self, processes: Collection[str], *, on: bool) -> None:
        """Pause those that can be paused, or let them go on."""
        setting = {"on": True, "for_s": PAUSED_FOR_S} if on else {"on": False}
        body = json.dumps(setting).encode()
        for process in processes:
            self._ask(process, "PUT", "/lab/switches/pause", body, others=True)

    def _send(self, process: str, path: str, name: str, method: str = "POST") -> Any:
        return self._ask(process, method, path, json.dumps({"name": name}).encode())

    def _ask(
        self,
        process: str,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        others: bool = False,
    ) -> Any:
        """Ask a process, and return what it says; with `others`, None if it has no such path.

        Raises Problem.
        """
        headers = JSON if body is not None else {}
        try:
            answer = self._gateway.ask(process, method, path, body, headers, LONGEST_S)
        except ServerUnavailable as error:
            raise _unfinished(str(error)) from error
        if answer.status == 404 and others:
            return None
        told = json.loads(answer.body)
        if answer.status != 200:
            raise _unfinished(f"{process}: {told.get('title')} {told.get('detail', '')}".strip())
        return told


def _unfinished(detail: str) -> Problem:
    return Problem(503, "not-finished", "It could not be finished.", f"{detail}. Do it again.")


def _restore_says(taken: Message | None, now: dict[str, int]) -> str:
    if taken is None:
        return "There is no known start."
    kept = f"{counted(taken['todos'], 'todo')} and {counted(taken['events'], 'event')}"
    here = f"{counted(now['todos'], 'todo')} and {counted(now['events'], 'event')}"
    return f"This goes back to {kept}. There are {here} now; what came since is forgotten."


def _reset_says(now: dict[str, int]) -> str:
    counts = {
        "todo": now["todos"],
        "event": now["events"],
        "outbox row": now["outbox"],
        "message": now["queue"] + now["unacked"],
        "dead letter": now["dead_letters"],
        "journey": now["journeys"],
    }
    parts = [counted(count, of) for of, count in counts.items() if count] or ["nothing"]
    return f"This removes {', '.join(parts)}, from PostgreSQL, RabbitMQ and MongoDB alike."
