"""Watches a process: its health, the contents of its store or queue, and its switches."""

import json
import logging
import time
from collections.abc import Mapping
from threading import Event
from typing import Any

from chassis.errors import ServerUnavailable
from web.background.looks import Look, Looks
from web.background.switch_states import states_by_place
from web.gateway import Gateway
from web.news import News
from web.own_time import OwnTime
from web.places import Places
from web.room.room import Room

HEALTH_INTERVAL_S = 1.0
# While something happens, at rest, and while no page is open.
LIVELY_INTERVAL_S = 0.25
REST_INTERVAL_S = 1.0
ALONE_INTERVAL_S = 5.0
# Of a process that nothing wants just now.
ASLEEP_INTERVAL_S = 2.0
# Contents that stay the same are sent again now and then, with the time at which they still did.
SAME_AGAIN_AFTER_MS = 5_000

log = logging.getLogger(__name__)


class ProcessWatch:
    """Asks one process again and again: often while something happens, and a page shows it.

    Args:
        gateway: the way to the process.
        room: gets the answers.
        own_time: the time of those.
        news: that something has happened, or that a page has opened.
        places: know what others say of the switches there.
        process: its name.
        looks: keep what it held.
        lab: whether there is a /lab to ask.
        may_sleep: whether it holds nothing, and has nothing to tell, until a switch wants it.
    """

    def __init__(
        self,
        gateway: Gateway,
        room: Room,
        own_time: OwnTime,
        news: News,
        places: Places,
        process: str,
        looks: Looks,
        *,
        lab: bool,
        may_sleep: bool = False,
    ) -> None:
        self._own_time = own_time
        self._gateway = gateway
        self._room = room
        self._places = places
        self._process = process
        self._looks = looks
        self._lab = lab
        self._may_sleep = may_sleep
        self._held: Mapping[str, Any] | None = None
        self._held_ms = float("-inf")
        self._health_s = float("-inf")
        self._is_lively = False
        self._has_news, self._woken = Event(), Event()
        # Whether it waits for as long as nobody needs what it hears.
        self._is_resting = False
        news.to(self._hear)

    def run(self, stop: Event) -> None:
        """Ask until stopped. No failure ends it."""
        while not stop.is_set():
            asked_s, had_news = time.monotonic(), self._has_news.is_set()
            self._has_news.clear()
            try:
                # What is not traced is no news, and may go on.
                self._is_lively = self._ask(asked_s) and not had_news
            except Exception:
                log.exception("asking %s failed", self._process)
            self._wait(asked_s, stop)

    def _hear(self, _at_ns: int) -> None:
        if self._is_alone():
            return
        # Once there is news, there is only the time to wait for, unless somebody has come since.
        is_first = not self._has_news.is_set()
        self._has_news.set()
        if is_first or self._is_resting:
            self._woken.set()

    def _is_alone(self) -> bool:
        """Return whether nobody waits for what is heard."""
        return self._room.is_empty() and not self._looks.are_wanted

    def _wait(self, asked_s: float, stop: Event) -> None:
        while not stop.is_set():
            # Before it is looked who needs it, so that whoever comes meanwhile wakes it.
            self._woken.clear()
            self._is_resting = True
            if not self._is_alone():
                self._is_resting = False
            left_s = asked_s + self._interval_s() - time.monotonic()
            if left_s <= 0:
                return
            self._woken.wait(left_s)

    def _interval_s(self) -> float:
        if self._is_alone():
            return ALONE_INTERVAL_S
        if self._is_asleep():
            return ASLEEP_INTERVAL_S
        is_lively = self._lab and (self._is_lively or self._has_news.is_set())
        return LIVELY_INTERVAL_S if is_lively else REST_INTERVAL_S

    def _is_asleep(self) -> bool:
        return self._may_sleep and self._held == {}

    def _ask(self, now_s: float) -> bool:
        """Ask what is to be asked now, and return whether the answers have changed."""
        has_changed = False
        # What sleeps has no health of its own, and that it answers is known from the rest.
        is_due = now_s - self._health_s > HEALTH_INTERVAL_S - LIVELY_INTERVAL_S / 2
        if is_due and not self._is_asleep():
            self._health_s = now_s
            asked_ns, health = self._own_time.now_ns(), self._health()
            if health["up"]:
                self._room.note_up(self._process, asked_ns)
            has_changed = self._room.tell_of("health", self._process, health)
        return (self._lab and self._ask_lab()) or has_changed

    def _health(self) -> Mapping[str, Any]:
        try:
            answer = json.loads(self._gateway.probe(self._process, "/readyz").body)
            checks = dict(answer["checks"])
        except ServerUnavailable as error:
            return {"up": False, "checks": None, "error": error.reason}
        except (ValueError, LookupError, TypeError):
            return {"up": False, "checks": None, "error": "did not answer as it should"}
        # A driver's own words are not for the wall; they stay in the process's /readyz.
        said = {name: it if it == "ok" else "cannot be reached" for name, it in checks.items()}
        return {"up": True, "checks": said}

    def _ask_lab(self) -> bool:
        asked_ms = self._own_time.now_ms()
        lab = self._gateway.value(self._process, "/lab")
        known = lab if isinstance(lab, dict) else {}
        is_switched = self._tell_switches(lab)
        ended_ms, held = self._own_time.now_ms(), known.get("holds")
        self._looks.add(Look(self._process, asked_ms, ended_ms, held))
        return self._tell_held(held, (asked_ms + ended_ms) / 2) or is_switched

    def _tell_switches(self, lab: object) -> bool:
        """Send how the switches of each place stand, and return whether that has changed."""
        told = lab if isinstance(lab, dict) else {}
        ahead_ms = self._own_time.day_ahead_ms()
        changes = [
            self._room.tell_of("switches", place, self._places.noted(self._process, place, states))
            for place, states in states_by_place(self._process, told, ahead_ms).items()
        ]
        return any(changes)

    def _tell_held(self, held: Mapping[str, Any] | None, at_ms: float) -> bool:
        """Send what the process holds, with the time, by which the page adds what came later.

        Returns:
            Whether it has changed.
        """
        has_changed = held != self._held
        if has_changed or at_ms >= self._held_ms + SAME_AGAIN_AFTER_MS:
            self._held, self._held_ms = held, at_ms
            told = None if held is None else {**held, "at_ms": at_ms}
            self._room.tell_of("holds", self._process, told)
        return has_changed
