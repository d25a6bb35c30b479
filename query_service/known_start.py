"""The read side's known start: its collections as they were, and its queue emptied.

All of the database's collections are kept, so that a new read model needs nothing here. The copies
are made and put back by MongoDB itself, each at once (`$out`).
Source: https://www.mongodb.com/docs/manual/reference/operator/aggregation/out/
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pymongo
from flask import Flask, Response, request
from pymongo.database import Database

from chassis.mongo import translated
from chassis.problems import Problem, json_response
from query_service.errands import TooBusy
from query_service.projections import Document
from query_service.standings import COLLECTION as STANDINGS
from query_service.standings import Standings

PREFIX = "known_start."
TAKEN = f"{PREFIX}taken"
# A shadow that a rebuild has left behind, or fills just now, is no part of what was there. Nor is
# whether somebody keeps a read model: that is so now, whatever it was then.
SHADOWS = ".rebuild"
# Of a million documents.
LONGEST_S = 60.0


class KnownStart:
    """Takes the known start of the collections, and goes back to it.

    Args:
        database: the database of all read models.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._database = database
        self._standings = Standings(database)

    def taken(self) -> Document | None:
        """Return what there is to go back to, if anything."""
        with _long():
            return self._database[TAKEN].find_one({}, {"_id": 0})

    def take(self, name: str) -> Document:
        """Keep the collections as they are, under a name that the write side's have, too."""
        with _long():
            # Until all is kept, there is nothing to go back to.
            self._database[TAKEN].drop()
            names = self._collections()
            for collection in self._kept():
                if collection not in names:
                    self._database[PREFIX + collection].drop()
            for collection in names:
                self._copy(collection, PREFIX + collection)
            self._database[TAKEN].insert_one({"name": name, "collections": names})
        return {"name": name, "collections": names}

    def restore(self, name: str) -> list[str]:
        """Make the collections what they were, and return their names. Raises Problem."""
        with _long():
            taken = self._database[TAKEN].find_one({"name": name})
            if taken is None:
                detail = "It was never taken, or only one side has it. Take it again."
                raise Problem(404, "no-known-start", "There is no known start.", detail)
            self._end_rebuilds()
            for collection in taken["collections"]:
                self._copy(PREFIX + collection, collection)
            for collection in self._collections():
                if collection not in taken["collections"]:
                    self._database[collection].drop()
        return list(taken["collections"])

    def empty(self) -> dict[str, int]:
        """Remove all documents, and return how many each collection had."""
        with _long():
            self._end_rebuilds()
            return {
                name: self._database[name].delete_many({}).deleted_count
                for name in self._collections()
            }

    def _end_rebuilds(self) -> None:
        """Have a rebuild that runs, wherever it was started, not put in place what it has read."""
        self._standings.note_going_back()
        for name in self._database.list_collection_names():
            if name.endswith(SHADOWS):
                self._database[name].drop()

    def _copy(self, source: str, target: str) -> None:
        self._database[source].aggregate([{"$out": target}])

    def _collections(self) -> list[str]:
        named = self._database.list_collection_names()
        return sorted(
            it
            for it in named
            if not it.startswith((PREFIX, "system.")) and SHADOWS not in it and it != STANDINGS
        )

    def _kept(self) -> list[str]:
        named = self._database.list_collection_names()
        return [it.removeprefix(PREFIX) for it in named if it.startswith(PREFIX) and it != TAKEN]


def add_known_start(
    app: Flask, known_start: KnownStart, discard: Callable[[], dict[str, int]]
) -> None:
    """Give the app the routes of the known start, and those that empty queue and collections.

    Args:
        app: the projector's small app.
        known_start: keeps the collections.
        discard: throws away the queue's messages. Raises TooBusy and ServerUnavailable.
    """

    @app.get("/lab/known-start")
    def show_known_start() -> Response:
        return json_response({"known_start": known_start.taken()})

    @app.put("/lab/known-start")
    def take_known_start() -> Response:
        return json_response(known_start.take(_name()))

    @app.post("/lab/known-start/restore")
    def restore_known_start() -> Response:
        return json_response({"restored": known_start.restore(_name())})

    @app.post("/lab/reset")
    def reset_all() -> Response:
        return json_response({"removed": known_start.empty()})

    add_discard(app, discard)


def add_discard(app: Flask, discard: Callable[[], dict[str, int]]) -> None:
    """Give the app the route that throws away the messages of its queue."""

    @app.delete("/lab/messages")
    def delete_messages() -> Response:
        try:
            return json_response({"removed": discard()})
        except TooBusy:
            detail = "A batch is in hand. Try again."
            raise Problem(409, "not-quiet", "Something is under way.", detail) from None


@contextmanager
def _long() -> Iterator[None]:
    with translated(), pymongo.timeout(LONGEST_S):
        yield


def _name() -> Any:
    body = request.get_json(silent=True)
    name = body.get("name") if isinstance(body, dict) else None
    if not isinstance(name, str) or not name:
        raise Problem(400, "wrong-shape", "The body has the wrong shape.", 'Send {"name": "…"}.')
    return name
