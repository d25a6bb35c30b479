"""What stands of the read models that are kept on demand, in MongoDB.

The query service asks whether one can be read. The process that keeps it finds here what its
switches were set to when it died: the count and its cures outlive a crash that the lab causes, or
nobody could see what the crash does to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pymongo.database import Database

from chassis.mongo import translated
from query_service.projections import Document

COLLECTION = "on_demand"

# No read model: how often the stack went back to a known start, or was emptied.
WENT_BACK = "went-back"

# Nobody keeps it; it is being filled from the log; it is kept up to date.
State = Literal["off", "filling", "kept"]


@dataclass(frozen=True)
class Standing:
    """How a read model stands, and since when; None if it has never been kept."""

    state: State = "off"
    since: datetime | None = None


class Standings:
    """How the read models stand that are kept on demand."""

    def __init__(self, database: Database[Document]) -> None:
        self._standings = database[COLLECTION]

    def of(self, read_model: str) -> Standing:
        """Return how a read model stands. Raises ServerUnavailable."""
        with translated():
            found = self._standings.find_one({"_id": read_model}, {"state": 1, "since": 1})
        return (
            Standing(found["state"], found["since"]) if found and "state" in found else Standing()
        )

    def note(self, read_model: str, state: State) -> None:
        """Note how a read model stands from now on. Raises ServerUnavailable."""
        now = datetime.now(UTC).replace(microsecond=0)
        self._set(read_model, {"state": state, "since": now})

    def remember(self, read_model: str, switches: Mapping[str, Any]) -> None:
        """Remember what the switches of its process are set to. Raises ServerUnavailable."""
        self._set(read_model, {"switches": switches})

    def remembered(self, read_model: str) -> dict[str, Any]:
        """Return what they were set to last. Raises ServerUnavailable."""
        with translated():
            found = self._standings.find_one({"_id": read_model}, {"switches": 1})
        switches: dict[str, Any] = (found or {}).get("switches", {})
        return switches

    def note_going_back(self) -> None:
        """Note that all of it goes back, or is emptied: what was read before is no longer so."""
        with translated():
            self._standings.update_one({"_id": WENT_BACK}, {"$inc": {"times": 1}}, upsert=True)

    def times_back(self) -> int:
        """Return how often that has happened. Raises ServerUnavailable."""
        with translated():
            found = self._standings.find_one({"_id": WENT_BACK})
        return int((found or {}).get("times", 0))

    def _set(self, read_model: str, values: Document) -> None:
        with translated():
            self._standings.update_one({"_id": read_model}, {"$set": values}, upsert=True)
