"""The shadow: a new read model, filled from the log beside the old one and renamed over it."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from pymongo.collection import Collection
from pymongo.database import Database

from chassis import mongo
from chassis.backoff import Backoff
from chassis.errors import ServerUnavailable
from query_service.events import TodoEvent
from query_service.feed import Feed, FeedUnavailable
from query_service.projections import Document
from query_service.rebuild.comparison import differences
from query_service.rebuild.models import Model
from query_service.rebuild.progress import Progress, say
from query_service.standings import Standings

E = TypeVar("E", bound=TodoEvent)


class IncompleteLog(Exception):
    """The log gives fewer todos than the write side has; the text says how many."""


class WentBack(Exception):
    """The stack went back, or was emptied, while the shadow was being filled."""

    def __init__(self) -> None:
        super().__init__("All of it went back to an earlier state meanwhile, or was emptied.")


def shadow_of(collection: str) -> str:
    """Return the name of the shadow of a collection."""
    return f"{collection}.rebuild"


class Shadow(Generic[E]):
    """The collection that will become the read model; until then, the old one stays as it was.

    Args:
        database: where both are.
        model: which read model it is.
        feed: the log.
    """

    def __init__(self, database: Database[Document], model: type[Model[E]], feed: Feed[E]) -> None:
        self._database = database
        self._shadow = database[shadow_of(model.collection)]
        self._live = database[model.collection]
        self._model = model
        # By name: after the switch, the first is the second.
        self._new, self._old = model(database, self._shadow.name), model(database, self._live.name)
        self._feed = feed
        self._standings = Standings(database)
        self._times_back = 0
        self.switched = False

    def fill(self) -> None:
        """Fill the shadow from the log, and show how far it is. Raises IncompleteLog."""
        self._times_back = self._standings.times_back()
        with mongo.translated():
            self._shadow.drop()
            # An empty log makes an empty read model, and a missing collection cannot be renamed.
            self._database.create_collection(self._shadow.name)
        progress = Progress()
        # One chunk is written while the next is read; only these two are in memory.
        with ThreadPoolExecutor(max_workers=1) as writer:
            written: Future[None] | None = None
            for events in self._feed.chunks():
                if written:
                    written.result()
                written = writer.submit(self._new.fill, events)
                progress.show(self._feed.read, self._feed.length)
            if written:
                written.result()
        self._catch_up(self._new)
        progress.end(self._feed.read)
        self._check()

    def _check(self) -> None:
        """Compare the number of todos with the write side's, however much comes meanwhile."""
        wanted = self._feed.todos()
        # Whatever the count includes is in the shadow after this, unless it was deleted since.
        deleted = self._catch_up(self._new)
        found = self._new.todos()
        if found < wanted - deleted:
            words = f"The log gives {found} todos, and the write side has {wanted}"
            raise IncompleteLog(f"{words}. Part of the log is missing.")

    def switch(self) -> str:
        """Replace the read model with the shadow, without losing what came meanwhile.

        Returns how much there was, and is, in words. Raises WentBack.
        """
        if self._standings.times_back() != self._times_back:
            raise WentBack
        before, after = self._old.size(), self._new.size()
        with mongo.translated():
            self._shadow.rename(self._live.name, dropTarget=True)
        self.switched = True
        # Only the log still has what the projector has applied to the old one since the last
        # look, so this is tried until it succeeds.
        backoff = Backoff()
        while True:
            try:
                self._catch_up(self._old)
            except (FeedUnavailable, ServerUnavailable) as error:
                say(f"Switched; waiting to catch up: {error}")
                time.sleep(backoff.next_s())
            else:
                return f"{after} {self._model.holds}, where there were {before}"

    def differences(self) -> Iterator[str]:
        """Yield a line for each document in which the shadow and the read model differ."""
        rebuilt, live = _in_order(self._shadow), _in_order(self._live)
        return differences(rebuilt, live, self._model.name_of, self._model.words)

    def discard(self) -> None:
        """Drop the shadow."""
        with mongo.translated():
            self._shadow.drop()

    def _catch_up(self, model: Model[E]) -> int:
        """Apply all that was committed when this was called, however much comes meanwhile.

        Returns how many deletions were among it.
        """
        deleted = 0
        for events in self._feed.chunks_up_to_now():
            model.apply(events)
            deleted += sum(event.type == "todo.deleted.v1" for event in events)
        return deleted


def _in_order(collection: Collection[Document]) -> Iterator[Document]:
    with mongo.translated():
        yield from collection.find({}, {"batch": False}).sort("_id", 1)
