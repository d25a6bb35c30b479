"""Watches a control: the switches of several places, and what their programs do."""

import logging
from threading import Event

from web.background.switch_states import states_by_place
from web.gateway import Gateway
from web.news import News
from web.own_time import OwnTime
from web.places import Places, places_in
from web.room.room import Room

INTERVAL_S = 1.0
ALONE_INTERVAL_S = 5.0
LEAST_APART_S = 0.25

log = logging.getLogger(__name__)


class ControlWatch:
    """Asks one control again and again, and at once after something was changed.

    Args:
        gateway: the way to it.
        places: put together what it says with what the processes say.
        room: gets what has changed.
        own_time: the time of that.
        news: that something was changed, or that a page has opened.
        control: its name.
    """

    def __init__(
        self,
        gateway: Gateway,
        places: Places,
        room: Room,
        own_time: OwnTime,
        news: News,
        control: str,
    ) -> None:
        self._own_time = own_time
        self._gateway = gateway
        self._places = places
        self._room = room
        self._control = control
        self._known: set[str] = set()
        self._has_news = Event()
        news.to(self._hear)

    def run(self, stop: Event) -> None:
        """Ask until stopped. No failure ends it."""
        while not stop.is_set():
            self._has_news.clear()
            try:
                self._ask()
            except Exception:
                log.exception("asking %s failed", self._control)
            stop.wait(LEAST_APART_S)
            self._has_news.wait(ALONE_INTERVAL_S if self._room.is_empty() else INTERVAL_S)

    def _hear(self, _at_ns: int) -> None:
        if not self._room.is_empty():
            self._has_news.set()

    def _ask(self) -> None:
        answer = self._gateway.value(self._control, "/lab")
        told = places_in(answer)
        states = states_by_place(self._control, {"places": told}, self._own_time.day_ahead_ms())
        # Of a control that does not answer, nothing is known about any of its places.
        for place in self._known | told.keys():
            said = told.get(place) or {}
            switches = self._places.noted(self._control, place, states.get(place))
            self._room.tell_of("switches", place, switches)
            if "program" in said or place not in told:
                self._room.tell_of("programs", place, said.get("program"))
        self._known |= told.keys()
