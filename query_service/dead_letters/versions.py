"""Which version of a todo both stores hold now."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import requests

from chassis.errors import ServerUnavailable
from chassis.sessions import direct_session
from query_service.read_model import ReadModel

# As many as the command service shows at once.
WINDOW = 1_000
# So many todos are looked up for a list; for one letter there is always a look.
MOST_WINDOWS = 20
TIMEOUT_S = 3.0


@dataclass(frozen=True)
class Versions:
    """The version of a todo in each store: 0 where it has none, None where that is not known."""

    postgresql: int | None
    mongodb: int | None

    def shown(self) -> dict[str, int | None]:
        """Return them as JSON shows them."""
        return {"postgresql": self.postgresql, "mongodb": self.mongodb}


class BothStores:
    """Asks both stores: MongoDB itself, and PostgreSQL through the command service.

    Args:
        read_model: what MongoDB holds, tombstones included.
        command_service_url: shows what PostgreSQL holds, if its lab is on.
    """

    def __init__(self, read_model: ReadModel, command_service_url: str) -> None:
        self._read_model = read_model
        self._url = f"{command_service_url.rstrip('/')}/lab/todos"
        self._session = direct_session()

    def of(self, todo_ids: Collection[int]) -> dict[int, Versions]:
        """Return the versions of these todos; a store that does not answer is not known."""
        read, written = self.in_mongodb(todo_ids), self._in_postgresql(sorted(todo_ids))
        return {
            each: Versions(written.get(each), None if read is None else read.get(each, 0))
            for each in todo_ids
        }

    def in_mongodb(self, todo_ids: Collection[int]) -> Mapping[int, int] | None:
        """Return the versions in the read model; None if it does not answer."""
        try:
            return self._read_model.versions(todo_ids)
        except ServerUnavailable:
            return None

    def _in_postgresql(self, todo_ids: list[int]) -> dict[int, int]:
        """Return what is known of the write side; a todo that is not there has version 0."""
        found: dict[int, int] = {}
        for _window in range(MOST_WINDOWS):
            wanted = [each for each in todo_ids if each not in found]
            if not wanted:
                break
            window = self._window(wanted[0] - 1)
            if window is None:
                break
            upto = max(window, default=2**63) if len(window) >= WINDOW else 2**63
            found |= {each: window.get(each, 0) for each in wanted if each <= upto}
        return found

    def _window(self, after: int) -> dict[int, int] | None:
        asked = {"after": str(after), "limit": str(WINDOW)}
        try:
            answer = self._session.get(self._url, params=asked, timeout=TIMEOUT_S)
            answer.raise_for_status()
            return {todo["id"]: todo["version"] for todo in answer.json()["todos"]}
        except (requests.RequestException, LookupError, TypeError, ValueError):
            return None
