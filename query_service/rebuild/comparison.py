"""What differs between the log and a read model, without keeping either in memory. No I/O."""

from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from query_service.projections import Document

# Names what has an id, and says what its document holds.
Name = Callable[[Any], str]
Words = Callable[[Document], str]


def differences(
    rebuilt: Iterable[Document], live: Iterable[Document], name: Name, words: Words
) -> Iterator[str]:
    """Yield a line for each document that differs; both sides come in id order."""
    log = ((document["_id"], "log", document) for document in rebuilt)
    mongodb = ((document["_id"], "mongodb", document) for document in live)
    for its_id, group in groupby(merge(log, mongodb, key=itemgetter(0)), key=itemgetter(0)):
        found = {side: document for _id, side, document in group}
        if found.get("log") != found.get("mongodb"):
            says, has = (
                words(found[side]) if side in found else "nothing" for side in ("log", "mongodb")
            )
            yield f"{name(its_id)}: the log says {says}, MongoDB {has}"
