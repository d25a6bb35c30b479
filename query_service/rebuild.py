"""The rebuild: the read model made anew from the log, while reads go on.

Reads the event feed of the command service, folds it chunk by chunk into a shadow collection, and
renames that over the old one. A rebuild that is interrupted leaves the old read model as it was.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from urllib.parse import urlencode

import requests
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import PyMongoError

from chassis import mongo
from chassis.backoff import Backoff
from chassis.errors import ServerUnavailable, first_line
from chassis.sessions import direct_session
from chassis.settings import Environment
from query_service.events import TodoEvent, parse_event
from query_service.idempotence import Applied, is_first, newest_per_todo
from query_service.projections import Document, document_after
from query_service.read_model import COLLECTION, ReadModel

SHADOW = "todos.rebuild"
# Bounds the memory: two chunks of events are in hand at a time, and never the whole log.
CHUNK = 20_000
READ_BYTES = 1 << 20
MOST_SHOWN = 20


class FeedUnavailable(Exception):
    """The command service's event feed cannot be read."""


class Feed:
    """The event feed, read on from where the last reading ended.

    Args:
        url: the command service.
    """

    def __init__(self, url: str) -> None:
        self._url = f"{url.rstrip('/')}/events"
        self._session = direct_session()
        self.position = ""
        self.length = 0
        self.read = 0
        self.settled_before = 0
        self.next_transaction = 0

    def chunks(self) -> Iterator[list[TodoEvent]]:
        """Read on to the end, and yield the events in chunks. Raises FeedUnavailable."""
        try:
            yield from self._chunks()
        except requests.RequestException as error:
            raise FeedUnavailable(f"{self._url}: {first_line(error)}") from error

    def _chunks(self) -> Iterator[list[TodoEvent]]:
        query = f"?{urlencode({'after': self.position})}" if self.position else ""
        with self._session.get(self._url + query, stream=True, timeout=30) as answer:
            answer.raise_for_status()
            self.length = int(answer.headers["Log-Length"])
            self.settled_before = int(answer.headers["Log-Settled-Before"])
            self.next_transaction = int(answer.headers["Log-Next-Transaction"])
            lines: list[bytes] = []
            rest = b""
            for block in answer.iter_content(READ_BYTES):
                *whole, rest = (rest + block).split(b"\n")
                lines += whole
                while len(lines) >= CHUNK:
                    yield self._events(lines[:CHUNK])
                    del lines[:CHUNK]
            if lines:
                yield self._events(lines)

    def _events(self, lines: list[bytes]) -> list[TodoEvent]:
        events = [parse_event(line) for line in lines]
        self.position = events[-1].position
        self.read += len(events)
        return events


class Rebuild:
    """One rebuild, from an empty shadow to the rename.

    Args:
        database: where the read model is.
        feed: the log.
    """

    def __init__(self, database: Database[Document], feed: Feed) -> None:
        self._database = database
        self._shadow = database[SHADOW]
        self._feed = feed
        self.switched = False

    def fill(self) -> None:
        """Fill the shadow from the log, and show how far it is."""
        with mongo.translated():
            self._shadow.drop()
            # An empty log makes an empty read model, and what does not exist cannot be renamed.
            self._database.create_collection(SHADOW)
        progress = Progress()
        # One chunk is written while the next one is read; no more than these are in memory.
        with ThreadPoolExecutor(max_workers=1) as writer:
            written: Future[None] | None = None
            for events in self._feed.chunks():
                if written:
                    written.result()
                written = writer.submit(self._write, events)
                progress.show(self._feed.read, self._feed.length)
            if written:
                written.result()
        self._catch_up(ReadModel(self._database, SHADOW))
        progress.end(self._feed.read)

    def switch(self) -> None:
        """Put the shadow in the place of the read model, and lose nothing that came meanwhile."""
        with mongo.translated():
            self._shadow.rename(COLLECTION, dropTarget=True)
        self.switched = True
        # Events that the projector applied to the old one since the last look are in the log, and
        # nothing else will bring them: so this is tried until it is done.
        backoff = Backoff()
        while True:
            try:
                self._catch_up(ReadModel(self._database))
            except (FeedUnavailable, ServerUnavailable) as error:
                _say(f"Switched; waiting to catch up: {error}")
                time.sleep(backoff.next_s())
            else:
                return

    def differences(self) -> Iterator[str]:
        """Compare shadow and read model, in id order, without holding either in memory."""
        for todo_id, rebuilt, live in _side_by_side(self._shadow, self._database[COLLECTION]):
            if rebuilt != live:
                yield f"todo {todo_id}: the log says {_words(rebuilt)}, MongoDB {_words(live)}"

    def discard(self) -> None:
        """Drop the shadow."""
        with mongo.translated():
            self._shadow.drop()

    def _write(self, events: list[TodoEvent]) -> None:
        # A todo whose creation is in this chunk cannot be in the shadow yet: nobody could change
        # it before the creation had committed, so the log has it first. Inserting is less
        # work for MongoDB than the guarded write, which the others need.
        born = {event.todo_id for event in events if is_first(event)}
        newest = newest_per_todo(events)
        new = [document_after(event) for event in newest if event.todo_id in born]
        changed = [event for event in newest if event.todo_id not in born]
        if new:
            with mongo.translated():
                self._shadow.insert_many(new, ordered=False)
        if changed:
            _insist(ReadModel(self._database, SHADOW).apply(changed))

    def _catch_up(self, read_model: ReadModel) -> None:
        """Apply all that was committed when this was called, however much comes meanwhile."""
        goal: int | None = None
        while goal is None or self._feed.settled_before < goal:
            for events in self._feed.chunks():
                _insist(read_model.apply(newest_per_todo(events)))
            if goal is None:
                goal = self._feed.next_transaction
            elif self._feed.settled_before < goal:
                time.sleep(0.02)


class Progress:
    """A line that tells how far the rebuild is: rewritten on a terminal, else now and then."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._shown_s = 0.0
        self._rewrites = sys.stderr.isatty()

    def show(self, done: int, of: int) -> None:
        """Tell how many events of how many are read."""
        now_s = time.monotonic()
        if now_s - self._shown_s < (0.1 if self._rewrites else 5.0):
            return
        self._shown_s = now_s
        share = min(done / max(of, 1), 1.0)
        bar = ("#" * round(share * 30)).ljust(30)
        _say(f"[{bar}] {share:4.0%}  {done} events", "\r" if self._rewrites else "\n")

    def end(self, done: int) -> None:
        """Tell the whole."""
        took_s = time.monotonic() - self._began_s
        _say(f"{done} events read and folded in {took_s:.1f} s".ljust(60))


def _insist(applied: Applied) -> None:
    """Raise ServerUnavailable where MongoDB refused a document: half a read model is none."""
    for reason in applied.refused.values():
        raise ServerUnavailable(mongo.SERVER, reason)


def _side_by_side(
    one: Collection[Document], other: Collection[Document]
) -> Iterator[tuple[int, Document | None, Document | None]]:
    """Walk two collections in id order, and yield what each has under each id."""
    ones, others = _in_order(one), _in_order(other)
    mine, theirs = next(ones, None), next(others, None)
    while mine is not None or theirs is not None:
        ids = [document["_id"] for document in (mine, theirs) if document is not None]
        smallest = min(ids)
        here = mine if mine is not None and mine["_id"] == smallest else None
        there = theirs if theirs is not None and theirs["_id"] == smallest else None
        yield smallest, here, there
        if here is not None:
            mine = next(ones, None)
        if there is not None:
            theirs = next(others, None)


def _in_order(collection: Collection[Document]) -> Iterator[Document]:
    with mongo.translated():
        yield from collection.find({}, {"batch": False}).sort("_id", 1)


def _words(document: Document | None) -> str:
    if document is None:
        return "nothing"
    if document.get("deleted"):
        return f"deleted (v{document['version']})"
    state = "done" if document["completed"] else "to do"
    return f'"{document["title"]}", {state} (v{document["version"]})'


def _say(text: str, end: str = "\n") -> None:
    sys.stderr.write(text + end)
    sys.stderr.flush()


def run(rebuild: Rebuild, *, dry_run: bool) -> int:
    """Rebuild, and switch or only compare. Returns the exit status: 1 where a dry run differs."""
    rebuild.fill()
    if not dry_run:
        rebuild.switch()
        _say("The read model is rebuilt.")
        return 0
    count = 0
    for count, difference in enumerate(rebuild.differences(), start=1):
        if count <= MOST_SHOWN:
            sys.stdout.write(f"{difference}\n")
    rebuild.discard()
    _say(f"{count} todos differ." if count else "The read model is what the log says.")
    return 1 if count else 0


def main() -> int:
    """Rebuild the read model: `python -m query_service.rebuild [--dry-run]`."""
    parser = argparse.ArgumentParser(prog="python -m query_service.rebuild", description=__doc__)
    parser.add_argument(
        "--dry-run", action="store_true", help="compare, print what differs, switch nothing"
    )
    arguments = parser.parse_args()
    environment = Environment.of_process()
    feed = Feed(environment.text("COMMAND_SERVICE_URL", "http://127.0.0.1:5001"))
    url = environment.text("MONGODB_URL", "mongodb://127.0.0.1:27017/eventually")
    rebuild = Rebuild(mongo.database(url, timeout_ms=30_000), feed)
    try:
        return run(rebuild, dry_run=arguments.dry_run)
    except FeedUnavailable as error:
        _say(f"The event feed cannot be read: {error}")
    except ServerUnavailable as error:
        _say(f"The read model cannot be written: {error}")
    except PyMongoError as error:
        _say(f"MongoDB refused: {first_line(error)}")
    except KeyboardInterrupt:
        switched = "switched, and may lack the newest events: run this again"
        _say(f"\nInterrupted. The read model is {switched if rebuild.switched else 'as it was'}.")
    return 2


if __name__ == "__main__":
    sys.exit(main())
