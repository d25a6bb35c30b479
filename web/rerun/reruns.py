"""A recorded run, played again: the switches are set, the commands sent, both runs compared."""

import json
import logging
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from chassis.errors import ServerUnavailable
from chassis.problems import Problem
from web.background.probe_reads import ProbeReads
from web.journeys.contract import Contract
from web.journeys.faults import Firings
from web.journeys.journey import Journey, ms
from web.journeys.journeys import CAPACITY, Journeys
from web.journeys.path import Paths
from web.own_time import OwnTime
from web.places import Places
from web.rerun.both import Found, both_message
from web.rerun.derivation import Plan, planned
from web.rerun.player import CommandPlayer, Sent
from web.rerun.record import Record, Window, probes_in, switches_on
from web.room.messages import Message
from web.room.room import Room

# How many of the events that cannot be played are named.
MOST_LEFT = 100
# How long to wait, once nothing is on any more, for what was held up.
AFTERWARDS_S = 10.0
LOOKS_EVERY_S = 0.2
# Traces come that much later than what they tell, at most.
TRACES_S = 0.8
# What the state of a switch says besides what it is set to. A todo has another id now.
_NO_PARAMETERS = frozenset(
    {"on", "state", "fired", "cleared", "until_ms", "since_ms", "at_ms", "holding", "todo"}
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """How much is played at a time.

    Args:
        commands: how many commands.
        takes_s: how long sending them may take.
    """

    commands: int
    takes_s: int


@dataclass(frozen=True)
class Seen:
    """What web itself knows of what happens.

    Args:
        journeys: the journeys.
        firings: what the lab has done.
        probe_reads: what readers saw.
    """

    journeys: Journeys
    firings: Firings
    probe_reads: ProbeReads


@dataclass(frozen=True)
class Setting:
    """A switch that is on while a run is played.

    Args:
        place: where it stands.
        switch: its name.
        given: its parameters.
    """

    place: str
    switch: str
    given: Mapping[str, Any]

    def message(self) -> Message:
        """Return it as JSON."""
        return {"place": self.place, "switch": self.switch, "with": dict(self.given)}


@dataclass(frozen=True)
class Wish:
    """What is to be played, and how.

    Args:
        settings: the switches that are on meanwhile.
        longest_pause_ms: a longer one between two commands is shortened; None for none.
        within_s: how long to wait for what was sent to arrive.
    """

    settings: Sequence[Setting] = ()
    longest_pause_ms: float | None = None
    within_s: float = 30.0


@dataclass
class Rerun:
    """One that is under way, or over."""

    record: Record
    plan: Plan
    wish: Wish
    id: str = field(default_factory=lambda: uuid4().hex)
    began_ms: float = 0.0
    state: str = "playing"
    says: str = ""
    sent: list[Sent] = field(default_factory=list)
    both: Message | None = None

    @property
    def is_running(self) -> bool:
        """Whether there is more to come."""
        return self.both is None

    def message(self) -> Message:
        """Return how far it has got, as the room is told."""
        return {
            "run": self.id,
            "state": self.state,
            "running": self.is_running,
            "says": self.says,
            "sent": len(self.sent),
            "wanted": len(self.plan.before) + len(self.plan.commands),
            "failed": sum(not it.is_acknowledged for it in self.sent),
            "left": len(self.plan.left),
            "began_ms": self.began_ms,
            "takes_ms": self.plan.takes_ms,
            "switches": [it.message() for it in self.wish.settings],
        }


class Reruns:
    """Plays runs again, one at a time, and keeps the last.

    Args:
        player: sends the commands.
        places: where the switches are.
        seen: what is known of what was sent.
        room: is told how far it has got.
        own_time: the time of all that.
        contract: says what the hops are.
        limits: how much is played.
    """

    def __init__(
        self,
        player: CommandPlayer,
        places: Places,
        seen: Seen,
        room: Room,
        own_time: OwnTime,
        contract: Contract,
        limits: Limits,
    ) -> None:
        self._player = player
        self._places = places
        self._journeys = seen.journeys
        self._firings = seen.firings
        self._probe_reads = seen.probe_reads
        self._room = room
        self._own_time = own_time
        self._paths = Paths(contract)
        self._limits = limits
        self._starting = threading.Lock()
        self._stop = threading.Event()
        self._last: Rerun | None = None

    def newest(self, last_s: float | None) -> Record:
        """Return what has happened here, as a record.

        Args:
            last_s: how long ago the run began; None for all that is known.
        """
        now_ns = self._own_time.now_ns()
        journeys = [
            replace(it, hops=dict(it.hops)) for it in self._journeys.newest(CAPACITY) if it.hops
        ]
        firings = [replace(it) for it in self._firings.newest()]
        from_ns = min((it.began_ns for it in journeys), default=now_ns)
        if last_s is not None:
            from_ns = max(from_ns, now_ns - round(last_s * 1e9))
        samples = [(it["at_ms"], it["told"]) for it in self._room.past()["switches"]]
        return Record(
            journeys,
            firings,
            probes_in(list(self._probe_reads.newest)),
            now_ns,
            Window(None if last_s is None else from_ns),
            switches_on(samples, firings, ms(from_ns)),
        )

    def looked_at(self, record: Record, wish: Wish) -> Message:
        """Return what would be played, without playing it."""
        plan = planned(record.journeys, record.window, wish.longest_pause_ms)
        return {
            **_said_of(plan),
            "on_then": [
                Setting(place, switch, _parameters(state)).message()
                for (place, switch), state in record.switches.items()
            ],
        }

    def start(self, record: Record, wish: Wish) -> Message:
        """Set the switches, and begin to send. Raises Problem if that cannot be done."""
        plan = planned(record.journeys, record.window, wish.longest_pause_ms)
        self._check(plan)
        with self._starting:
            if self._last and self._last.is_running:
                detail = "Wait for it, or stop it with DELETE /rerun."
                raise Problem(409, "rerun-running", "A run is being played already.", detail)
            self._set_all(wish.settings)
            self._stop.clear()
            rerun = Rerun(record, plan, wish, began_ms=self._own_time.now_ms())
            rerun.says = f"Playing {_counted(len(plan.commands), 'command')}."
            self._last = rerun
        threading.Thread(target=self._run, args=(rerun,), daemon=True).start()
        self._room.tell("rerun", rerun.message())
        return rerun.message()

    def stop(self) -> None:
        """Send no more. What has been sent is still waited for, and compared."""
        self._stop.set()

    def shown(self) -> Message:
        """Return how far it has got, and once it is over both runs. Raises Problem if none."""
        rerun = self._last
        if rerun is None:
            detail = "Send one: POST /rerun."
            raise Problem(404, "no-rerun", "No run has been played again.", detail)
        shown = {**rerun.message(), **_said_of(rerun.plan)}
        return {**shown, **(rerun.both or {})}

    def _check(self, plan: Plan) -> None:
        if not plan.commands:
            why = plan.left[0].why if plan.left else "There is no event in it."
            raise Problem(422, "nothing-to-rerun", "There is no command to play again.", why)
        count, takes_s = len(plan.commands), plan.takes_ms / 1000
        most, longest_s = self._limits.commands, self._limits.takes_s
        title = "That is too much to play again."
        if count > most:
            detail = (
                f"It has {count:,} commands; at most {most:,} are played (RERUN_MOST_COMMANDS)."
            )
            raise Problem(422, "too-much-to-rerun", title, detail)
        if takes_s > longest_s:
            detail = (
                f"It takes {takes_s:,.0f} s; at most {longest_s:,} s are played (RERUN_LONGEST_S). "
                "longest_pause_ms shortens the pauses."
            )
            raise Problem(422, "too-much-to-rerun", title, detail)

    def _run(self, rerun: Rerun) -> None:
        try:
            self._player.play(rerun.plan, self._stop, lambda sent: self._note(rerun, sent))
            rerun.state, rerun.says = "arriving", "All are sent. What they wrote is on its way."
            self._room.tell("rerun", rerun.message())
            self._until_arrived(rerun, rerun.wish.within_s)
        except Exception:
            log.exception("a run was not played to its end")
        finally:
            self._clear_all(rerun.wish.settings)
        self._until_arrived(rerun, AFTERWARDS_S)
        time.sleep(TRACES_S)
        rerun.state = "stopped" if self._stop.is_set() else "over"
        rerun.says = _ending(rerun)
        rerun.both = self._both(rerun)
        self._room.tell("rerun", rerun.message())

    def _both(self, rerun: Rerun) -> Message:
        try:
            return both_message(rerun.record, rerun.sent, self._found(rerun), self._paths)
        except Exception:
            # Otherwise it would never be over.
            log.exception("two runs were not compared")
            rerun.says += " Both runs could not be compared; the log of web says why."
            return {"table": [], "pairs": [], "more_pairs": 0}

    def _note(self, rerun: Rerun, sent: Sent) -> None:
        rerun.sent.append(sent)
        self._room.tell("rerun", rerun.message())

    def _until_arrived(self, rerun: Rerun, within_s: float) -> None:
        until_s = time.monotonic() + within_s
        while time.monotonic() < until_s and not self._stop.is_set():
            if self._has_arrived(rerun):
                return
            time.sleep(LOOKS_EVERY_S)

    def _has_arrived(self, rerun: Rerun) -> bool:
        """Return whether nothing more is expected of anything that was acknowledged."""
        now = self._journeys_of(rerun)
        seen: dict[int, int] = {}
        for journey in (it for of_one in now.values() for it in of_one if it.is_seen):
            todo, version = journey.todo_id or 0, journey.version or 0
            seen[todo] = max(seen.get(todo, 0), version)

        def is_over(journey: Journey) -> bool:
            ends = any(self._paths.ends(hop) for hop, _ in list(journey.hops))
            return ends or seen.get(journey.todo_id or 0, 0) >= (journey.version or 1)

        return all(
            # A change that changed nothing has written no event.
            (it.trace_id in now or it.command.method == "PATCH")
            and all(map(is_over, now.get(it.trace_id, [])))
            for it in list(rerun.sent)
            if it.is_acknowledged
        )

    def _journeys_of(self, rerun: Rerun) -> dict[str, list[Journey]]:
        """Return the journeys of what was sent, by the traces of the commands."""
        traces = {it.trace_id for it in list(rerun.sent) if it.trace_id}
        found: dict[str, list[Journey]] = {}
        for journey in self._journeys.newest(CAPACITY):
            if journey.trace_id in traces:
                found.setdefault(journey.trace_id or "", []).append(journey)
        for of_one in found.values():
            of_one.sort(key=lambda it: it.version or 0)
        return found

    def _found(self, rerun: Rerun) -> Found:
        """Return all that is known of what was sent, as it is now."""
        journeys = {
            trace: [replace(it, hops=dict(it.hops)) for it in of_one]
            for trace, of_one in self._journeys_of(rerun).items()
        }
        firings = [replace(it) for it in self._firings.newest()]
        probes = probes_in(list(self._probe_reads.newest))
        return Found(journeys, firings, probes, self._own_time.now_ns())

    def _set_all(self, settings: Sequence[Setting]) -> None:
        """Set the switches; if one cannot be set, leave none on. Raises Problem."""
        for at, setting in enumerate(settings):
            try:
                self._set(setting, {"on": True, **setting.given})
            except (Problem, ServerUnavailable):
                self._clear_all(settings[:at])
                raise

    def _clear_all(self, settings: Iterable[Setting]) -> None:
        for setting in settings:
            try:
                self._set(setting, {"on": False})
            except (Problem, ServerUnavailable) as error:
                # It ends by itself, after its time.
                log.warning("%s at %s was not cleared: %s", setting.switch, setting.place, error)

    def _set(self, setting: Setting, told: Mapping[str, Any]) -> None:
        headers = {"Content-Type": "application/json"}
        body = json.dumps(told).encode()
        answer = self._places.ask(setting.place, setting.switch, "PUT", "", body, headers)
        if answer.status >= 400:
            title = f"{setting.switch} at {setting.place} cannot be set."
            raise Problem(422, "wrong-shape", title, _detail(answer.body))


def _said_of(plan: Plan) -> Message:
    return {
        "commands": len(plan.commands),
        "before": len(plan.before),
        "takes_ms": plan.takes_ms,
        "left_out": [
            {"event_id": it.event_id, "todo": it.todo, "version": it.version, "why": it.why}
            for it in plan.left[:MOST_LEFT]
        ],
        "left": len(plan.left),
    }


def _parameters(state: Mapping[str, Any]) -> Message:
    """Return what a switch was set to, from its state: not how it stood, or for how long."""
    return {
        name: value
        for name, value in state.items()
        if name not in _NO_PARAMETERS and isinstance(value, str | int) and value is not True
    }


def _ending(rerun: Rerun) -> str:
    failed = sum(not it.is_acknowledged for it in rerun.sent)
    begins = "It was stopped" if rerun.state == "stopped" else "It is over"
    sent = _counted(sum(it.asked_ns > 0 for it in rerun.sent), "command")
    ends = f", {failed:,} without success" if failed else ""
    return f"{begins}: {sent} sent{ends}."


def _counted(number: int, one: str) -> str:
    return f"{number:,} {one if number == 1 else one + 's'}"


def _detail(body: bytes) -> str:
    try:
        said = json.loads(body)
        return f"{said['title']} {said.get('detail', '')}".strip()
    except (ValueError, LookupError, TypeError):
        return "It was refused."
