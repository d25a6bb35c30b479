"""Which read model answers a query: the one, the replica, or both by turns. Only with the lab.

As behind a load balancer, whoever asks by turns may read what is older after what is newer.
"""

from collections.abc import Iterable, Mapping
from itertools import cycle
from typing import TYPE_CHECKING

from pymongo.database import Database

from chassis.problems import Problem
from query_service.projections import Document
from query_service.read_model import COLLECTION, REPLICA, ReadModel
from query_service.standings import Standing, Standings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

HEADER = "Read-Model"
BY_TURNS = "by-turns"
_ASKED = "HTTP_READ_MODEL"
_CHOSEN = "query_service.read_model"


class ReadModels:
    """The read models of the todos, and which one answers.

    Args:
        database: where they are.
        lab: whether a request may choose.
    """

    def __init__(self, database: Database[Document], *, lab: bool) -> None:
        self._models = {COLLECTION: ReadModel(database)}
        if lab:
            self._models[REPLICA] = ReadModel(database, REPLICA)
        self._lab = lab
        self._standings = Standings(database)
        # Only one thread at a time is in `next`.
        self._turns = cycle(self._models)

    @property
    def todos(self) -> ReadModel:
        """Return the one that answers unless another one is asked for."""
        return self._models[COLLECTION]

    def chosen(self, environ: "WSGIEnvironment") -> str:
        """Return the name of the one that answers this request, the same whenever it is asked."""
        if not self._lab or _ASKED not in environ:
            return COLLECTION
        if _CHOSEN not in environ:
            asked = environ[_ASKED]
            environ[_CHOSEN] = next(self._turns) if asked == BY_TURNS else asked
        name: str = environ[_CHOSEN]
        return name

    def answering(self, environ: "WSGIEnvironment") -> tuple[ReadModel, dict[str, str]]:
        """Return the one that answers, and the headers that say so if it was asked for.

        Raises Problem if there is none, and ServerUnavailable.
        """
        name = self.chosen(environ)
        if name not in self._models:
            raise Problem(
                400,
                "bad-read-model",
                "There is no such read model.",
                f"{HEADER} has to be {', '.join(self._models)} or {BY_TURNS}.",
            )
        if name == REPLICA:
            self._check_replica()
        asked = self._lab and _ASKED in environ
        return self._models[name], {HEADER: name} if asked else {}

    def replica_versions(self, todo_ids: Iterable[int]) -> Mapping[int, int]:
        """Return the versions that the replica holds. Raises Problem and ServerUnavailable."""
        self._check_replica()
        return self._models[REPLICA].versions(todo_ids)

    def _check_replica(self) -> None:
        standing = self._standings.of(REPLICA)
        if standing.state != "kept":
            raise not_kept(standing, "replica", "replicate", {HEADER: REPLICA})


def not_kept(
    standing: Standing, process: str, switch: str, headers: Mapping[str, str] | None = None
) -> Problem:
    """Return what a client is told that asks a read model which is not kept now.

    Args:
        standing: how it stands.
        process: who would keep it.
        switch: the switch that has it kept.
        headers: further headers of the answer.
    """
    title, headers = "This read model is not kept now.", dict(headers or {})
    if standing.state == "filling":
        detail = "It is being filled from the log. Ask again."
        return Problem(503, "not-kept", title, detail, {**headers, "Retry-After": "1"})
    since = f" since {standing.since.isoformat()}Z" if standing.since else ""
    detail = f"The switch {switch} of the {process} is off{since}: /lab/{process}/switches/{switch}"
    return Problem(503, "not-kept", title, f"{detail} sets it.", headers)
