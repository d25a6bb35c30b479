"""The lab: the switches of one process, and the routes that show and set them."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import Flask, Response, request
from werkzeug.datastructures import MultiDict

from chassis.errors import ServerUnavailable
from chassis.numbers import whole_number
from chassis.problems import Problem, json_response
from chassis.switches import BadSetting, Switch

# A process that waits for a server looks at its switches only when the server is back.
HEEDED_WITHIN_S = 1.0
# A window shows at most this many rows of a store; an id is a 64-bit integer.
MOST_ROWS = 1_000
MAX_ID = 2**63 - 1

# Asks the process's store or queue what it holds now. Raises ServerUnavailable.
Holds = Callable[[], Mapping[str, Any]]
S = TypeVar("S", bound=Switch)


class Lab:
    """The switches that one process has, and no others."""

    def __init__(self, *switches: Switch) -> None:
        self._of_kind = {type(switch): switch for switch in switches}
        self._named = {switch.name: switch for switch in switches}
        self._changes = self._heeded = 0
        self._is_heeded = threading.Condition()
        self._changed: Callable[[], None] = _nobody_waits

    def __getitem__(self, kind: type[S]) -> S:
        """Return the switch of this kind. Raises KeyError if the process does not have it."""
        switch = self._of_kind[kind]
        assert isinstance(switch, kind)
        return switch

    def on_change(self, wake: Callable[[], None]) -> None:
        """Have a process that waits for something woken whenever a switch is set."""
        self._changed = wake

    @contextmanager
    def heeding(self) -> Iterator[None]:
        """Mark where the process looks at its switches.

        A request that set one before the block is answered once the block ends without an error.
        """
        changes = self._changes
        yield
        if changes != self._heeded:
            with self._is_heeded:
                self._heeded = changes
                self._is_heeded.notify_all()

    def set(self, name: str, setting: object) -> dict[str, Any]:
        """Set a switch, wait until the process heeds it, and return its state.

        The wait ends after HEEDED_WITHIN_S. Raises KeyError and BadSetting.
        """
        switch = self._named[name]
        with self._is_heeded:
            switch.set(setting)
            self._changes += 1
            change = self._changes
            self._changed()
            self._is_heeded.wait_for(lambda: self._heeded >= change, HEEDED_WITHIN_S)
        return switch.state()

    def shown(self) -> dict[str, Any]:
        """Return how each switch is set now, and what it does and takes."""
        return {
            "switches": {name: switch.state() for name, switch in self._named.items()},
            "descriptions": {name: switch.description() for name, switch in self._named.items()},
        }


def _nobody_waits() -> None:
    """Do nothing: the process looks at its switches often enough by itself."""


def add_lab(app: Flask, lab: Lab, holds: Holds) -> None:
    """Give the app the lab's routes, which show its switches and what the process holds."""

    @app.get("/lab")
    def show() -> Response:
        try:
            held: Mapping[str, Any] | None = holds()
        except ServerUnavailable:
            held = None
        return json_response({**lab.shown(), "holds": held})

    @app.put("/lab/switches/<name>")
    def switch(name: str) -> Response:
        try:
            return json_response(lab.set(name, request.get_json(silent=True)))
        except KeyError:
            title = "There is no such switch."
            raise Problem(404, "no-such-switch", title, f"Not {name!r}.") from None
        except BadSetting as error:
            title = "The body has the wrong shape."
            raise Problem(400, "wrong-shape", title, str(error)) from error


def wanted_window(query: MultiDict[str, str]) -> tuple[int | None, int]:
    """Return the window that a query asks for: an id to start after, or None; and how many rows."""
    after, limit = (whole_number(query.get(name, "")) for name in ("after", "limit"))
    most = MOST_ROWS if limit is None else min(max(limit, 1), MOST_ROWS)
    return None if after is None else min(after, MAX_ID), most
