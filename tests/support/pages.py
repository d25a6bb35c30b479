"""A page that does with journeys and hops what docs/web.md says, and no more."""

from collections.abc import Iterable
from typing import Any

FACTS = ("trace_id", "type", "todo_id", "version", "title", "completed")


class Page:
    """Knows what it was sent, and nothing else.

    Args:
        journeys: the journeys it was given when it joined.
    """

    def __init__(self, journeys: Iterable[dict[str, Any]] = ()) -> None:
        self._known: dict[str, dict[str, Any]] = {}
        self._hops: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
        for journey in journeys:
            facts = {name: journey[name] for name in FACTS}
            for hop in journey["hops"]:
                self._take({"event_id": journey["event_id"], **facts, **hop})

    def receive(self, message: dict[str, Any]) -> None:
        """Take in a `hops` message."""
        for hop in message["hops"]:
            self._take(hop)

    def _take(self, hop: dict[str, Any]) -> None:
        event_id, key = hop["event_id"], (hop["hop"], hop.get("span_id", ""))
        known = self._known.setdefault(event_id, dict.fromkeys(FACTS))
        hops = self._hops.setdefault(event_id, {})
        if hop.get("withdrawn"):
            hops.pop(key, None)
            return
        known |= {name: hop[name] for name in FACTS if known[name] is None and name in hop}
        if hop["hop"] == "seen" or key not in hops:
            hops[key] = {k: v for k, v in hop.items() if k not in {"event_id", *FACTS}}

    def journeys(self) -> dict[str, Any]:
        """Return the journeys as web would send them to a page that joins now."""
        return {
            event_id: {
                "event_id": event_id,
                **known,
                "hops": sorted(self._hops[event_id].values(), key=_place),
            }
            for event_id, known in self._known.items()
        }


def _place(hop: dict[str, Any]) -> tuple[float, str, str]:
    return hop["at_ms"], hop["hop"], hop.get("span_id", "")
