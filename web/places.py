"""The lab's places: who serves their switches, and what all of them say together.

A process serves its own switches. A control serves those of several places, such as the servers,
which have no HTTP of ours. So a place may have switches from two sides.
"""

import json
import threading
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote

from chassis.errors import ServerUnavailable
from chassis.problems import Problem
from chassis.programs import Programs
from web.gateway import Answer, Gateway, ask_all

Told = Mapping[str, Any]


class Places:
    """Knows which place is served by whom.

    Args:
        gateway: the way to the processes and the controls.
        processes: the processes, each of which is a place.
        controls: what serves several places.
        by_hand: the programs that can be acted on only by typing commands; None if a control does.
    """

    def __init__(
        self,
        gateway: Gateway,
        processes: Collection[str],
        controls: Collection[str],
        by_hand: Programs | None,
    ) -> None:
        self._gateway = gateway
        self._processes = processes
        self._controls = controls
        self._by_hand = by_hand
        self._switches: dict[str, dict[str, Any]] = {}
        self._merging = threading.Lock()

    @property
    def controls(self) -> Collection[str]:
        """Return what serves several places."""
        return self._controls

    def how_to_start(self) -> str:
        """Return what people have to type to start what is down; "" if it is done for them."""
        if self._by_hand is None:
            return ""
        start = self._by_hand.by_hand("SERVICE", "start", "docker")["by_hand"]
        thaw = self._by_hand.by_hand("SERVICE", "freeze", "docker")["by_hand_off"]
        return f" Type {start} for what is stopped, and {thaw} for what is paused."

    def shown(self) -> dict[str, Any]:
        """Return each place with all its switches; None for one of which nothing is known."""
        sources = (*self._processes, *self._controls)
        answers = ask_all(*(self._asking(source) for source in sources))
        told = dict(zip(sources, answers, strict=True))
        places: dict[str, Any] = {it: told[it] for it in self._processes}
        for control in self._controls:
            for place, more in places_in(told[control]).items():
                places[place] = _merged(places.get(place), more)
        if self._by_hand:
            for place in self._by_hand.places:
                typed = {
                    "switches": {},
                    "descriptions": self._by_hand.described_by_hand(place),
                }
                places[place] = _merged(places.get(place), typed)
        return places

    def ask(
        self,
        place: str,
        name: str,
        method: str,
        what: str,
        body: bytes,
        headers: Mapping[str, str],
    ) -> Answer:
        """Ask whoever serves a switch to set it, or to let go what it holds.

        Args:
            place: where the switch is.
            name: its name.
            method: the HTTP method.
            what: what to add to the switch's path.
            body: the setting.
            headers: the header fields of that.

        Raises Problem and ServerUnavailable.
        """
        switch = f"{quote(name, safe='')}{what}"
        told = self._told()
        for control, served in told.items():
            if name in places_in(served).get(place, {}).get("switches", {}):
                path = f"/lab/places/{quote(place, safe='')}/switches/{switch}"
                return self._gateway.ask(control, method, path, body, headers)
        if typed := self.by_hand(place, name, on=not _is_off(body)):
            title = "Only a command on the machine itself can do this."
            raise Problem(409, "only-by-hand", title, f"Type {typed!r} there.")
        if place in self._processes:
            path = f"/lab/switches/{switch}"
            return self._gateway.ask(place, method, path, body, headers)
        raise _nobody_of(told)

    def source(self, place: str, named: str) -> Answer:
        """Ask whoever serves a place for the source of something that runs there.

        Args:
            place: a process, a control, or a place that a control serves.
            named: `module:name`.

        Raises Problem and ServerUnavailable.
        """
        path = f"/lab/source?object={quote(named)}"
        if place in {*self._processes, *self._controls}:
            return self._gateway.ask(place, "GET", path)
        told = self._told()
        for control, served in told.items():
            if place in places_in(served):
                return self._gateway.ask(control, "GET", path)
        raise _nobody_of(told)

    def by_hand(self, place: str, name: str, *, on: bool) -> str:
        """Return what people have to type to set a switch; "" if it can be set without them.

        Args:
            place: where the switch is.
            name: its name.
            on: whether it is to be on.
        """
        if not self._by_hand or place not in self._by_hand.places:
            return ""
        if name not in self._by_hand.switches_at(place):
            return ""
        known = self._by_hand.by_hand(place, name, "docker")
        return known["by_hand"] if on else known.get("by_hand_off") or known["by_hand"]

    def noted(self, source: str, place: str, switches: Any) -> Any:
        """Note how one side says that a place's switches are set; return what all sides say.

        Args:
            source: who says so.
            place: the place.
            switches: their states by name; None if it does not answer.
        """
        with self._merging:
            of_place = self._switches.setdefault(place, {})
            of_place[source] = switches
            known = [it for it in of_place.values() if it is not None]
        return {name: it for each in known for name, it in each.items()} if known else None

    def _told(self) -> Mapping[str, Any]:
        """Return what each control says of the places that it serves; None if it says nothing."""
        return {control: self._gateway.value(control, "/lab") for control in self._controls}

    def _asking(self, source: str) -> Any:
        return lambda: self._gateway.value(source, "/lab")


def _nobody_of(told: Mapping[str, Any]) -> Exception:
    """Return why a place is served by nobody, by what the controls have said.

    One that is just starting, or down, may be the one that serves it.
    """
    for control, served in told.items():
        if served is None:
            return ServerUnavailable(control, "does not say which places it serves")
    return Problem(404, "no-such-process", "There is no such process.")


def places_in(told: Any) -> dict[str, Any]:
    """Return the places in what a control has answered; none if it has not."""
    return dict(told.get("places") or {}) if isinstance(told, dict) else {}


def _is_off(body: bytes) -> bool:
    """Return whether a setting switches something off."""
    try:
        setting = json.loads(body)
    except ValueError:
        return False
    return isinstance(setting, dict) and setting.get("on") is False


def _merged(place: Told | None, more: Told) -> dict[str, Any]:
    known = dict(place or {})
    for what in ("switches", "descriptions"):
        known[what] = {**(known.get(what) or {}), **(more.get(what) or {})}
    return {**more, **known}
