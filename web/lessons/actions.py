"""Carries out a lesson's actions, by the same ways as the page's requests."""

import json
import threading
import time
from collections.abc import Callable, Mapping

from web.background.probe_reads import ProbeReads
from web.gateway import Answer, Gateway
from web.lessons.curl import body_of, curl
from web.lessons.lesson import Action, Fact
from web.lessons.looking import Looking
from web.lessons.patience import PAUSE_S, answer_says, insist, switch_says
from web.lessons.playing import Playing, Refused
from web.lessons.requests import JSON, Known, Request, request_of, says
from web.lessons.sending import Sending
from web.lessons.state import Doing
from web.own_time import OwnTime
from web.places import Places

# A read model that is kept on demand fills itself from the log first.
KEPT_WITHIN_S = 20.0
# A rebuild of all that a lesson writes takes a second or two.
REBUILT_WITHIN_S = 60.0
LOOK_EVERY_S = 0.2
# Switches that have a read model kept by a process of its own.
KEEPS = ("count", "replicate")


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
        self._own_time = own_time
        self._ports = ports
        self._sending = Sending(gateway, probe_reads, own_time)
        self._looking = Looking(gateway, own_time)

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
        known = playing.known(number)
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
            "burst": lambda: self._sending.burst(action.what, playing, known),
            "read": lambda: self._looking.read(action, playing, known.number),
            "rebuild": lambda: self._rebuild(action, playing),
            "retry": lambda: self._retry(doing, playing),
            "wait": lambda: self._wait(action, playing),
        }
        if action.verb in ways:
            return ways[action.verb]()
        if action.verb in {"create", "change", "delete"}:
            return self._sending.command(action, playing, known)
        return self._switch(action, playing, known)

    # Switches

    def _switch(self, action: Action, playing: Playing, known: Known) -> str:
        request = request_of(action, known)
        assert request is not None
        place, _, name = str(action.what).partition("/")
        answer = insist(lambda: self._asked(action, place, name or "hold", request), playing.stop)
        if answer.status != 200:
            raise Refused(answer_says(answer))
        if action.verb == "set" and name in KEEPS:
            self._until_kept(place)
        return switch_says(answer)

    def _asked(self, action: Action, place: str, name: str, request: Request) -> Answer:
        if action.verb in {"release", "kill"}:
            return self._places.ask(place, name, "POST", f"/{action.verb}", b"", {})
        return self._places.ask(place, name, "PUT", "", body_of(request.body) or b"", JSON)

    def _until_kept(self, place: str) -> None:
        until_s = time.monotonic() + KEPT_WITHIN_S
        while (self._gateway.value(place, "/lab/idle") or {}).get("idle") is not True:
            if time.monotonic() > until_s:
                raise Refused(f"{place} is not ready.")
            time.sleep(PAUSE_S)

    # The rest

    def _rebuild(self, action: Action, playing: Playing) -> str:
        body, path = json.dumps({"model": action.what}).encode(), "/lab/rebuild"
        answer = insist(
            lambda: self._gateway.ask("query-service", "POST", path, body, JSON), playing.stop
        )
        if answer.status >= 400:
            raise Refused(answer_says(answer))
        until_s = time.monotonic() + REBUILT_WITHIN_S
        while (shown := self._gateway.value("query-service", path) or {}).get("running", True):
            if time.monotonic() > until_s:
                raise Refused("The rebuild has not ended.")
            time.sleep(PAUSE_S)
        return str(shown.get("ended") or "It has ended.")

    def _retry(self, doing: Doing, playing: Playing) -> str:
        path = "/lab/dead-letters"
        found = insist(lambda: self._gateway.ask("projector", "GET", path), playing.stop)
        if found.status != 200:
            raise Refused(answer_says(found))
        ids = [it["id"] for it in json.loads(found.body)["letters"]]
        if not ids:
            return "There are no dead letters."
        body = {"ids": ids}
        request = Request("web", "POST", "/dead-letters/retry", JSON, body, needs_key=True)
        doing.curl = self._curl(request)
        ask = lambda: self._gateway.ask("projector", "POST", f"{path}/retry", body_of(body), JSON)  # noqa: E731
        answer = insist(ask, playing.stop)
        if answer.status != 200:
            raise Refused(answer_says(answer))
        return answer_says(answer)

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

    def _typed(self, action: Action, known: Known) -> str | None:
        """Return the command that does the same; None if there is none."""
        if action.verb in {"set", "clear"}:
            place, _, name = str(action.what).partition("/")
            if by_hand := self._places.by_hand(place, name, on=action.verb == "set"):
                return by_hand
        return self._curl(request_of(action, known))

    def _curl(self, request: Request | None) -> str | None:
        return curl(request, self._ports) if request else None
