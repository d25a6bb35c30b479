"""The switches of one link: its process comes through the proxy before the first of them acts."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from chassis.lab.firings import Firings
from chassis.lab.lab import Lab
from chassis.lab.state import Why
from links.toxics import Toxic


class LinkLab(Lab):
    """The toxics of one link.

    Args:
        toxics: they.
        firings: records what they do.
    """

    def __init__(self, toxics: Iterable[Toxic], firings: Firings) -> None:
        super().__init__(*toxics, firings=firings)
        self._bring: Callable[[], object] = _do_nothing
        self._heed: Callable[[], object] = _do_nothing

    def connect(self, bring: Callable[[], object], heed: Callable[[], object]) -> None:
        """Say what setting a toxic needs besides.

        Args:
            bring: has the link's process come through the proxy; called before a toxic acts.
            heed: has the link act by what is on; called after.
        """
        self._bring, self._heed = bring, heed

    def set(self, name: str, body: object) -> dict[str, Any]:
        """Set a toxic, on the connections that are open too, and return its state.

        Raises KeyError and BadSetting.
        """
        switch = self._named[name]
        if switch.read(body).on:
            self._bring()
        super().set(name, body)
        self._heed()
        return switch.state()

    def clear(self, why: Why = "all-clear", but: Collection[str] = ()) -> list[str]:
        """Let go of all connections but what these hold, and return the names of what held any."""
        cleared = super().clear(why, but)
        self._heed()
        return cleared


def _do_nothing() -> None:
    """Nothing is connected yet."""
