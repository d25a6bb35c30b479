"""What differs between the log and the read model, without keeping either in memory. No I/O."""

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby
from operator import itemgetter

from query_service.projections import Document


def differences(rebuilt: Iterable[Document], live: Iterable[Document]) -> Iterator[str]:
    """Yield a line for each todo that differs; both sides come in id order."""
    log = ((document["_id"], "log", document) for document in rebuilt)
    mongodb = ((document["_id"], "mongodb", document) for document in live)
    for todo_id, group in groupby(merge(log, mongodb, key=itemgetter(0)), key=itemgetter(0)):
        found = {side: document for _id, side, document in group}
        if found.get("log") != found.get("mongodb"):
            says, has = _words(found.get("log")), _words(found.get("mongodb"))
            yield f"todo {todo_id}: the log says {says}, MongoDB {has}"


def _words(document: Document | None) -> str:
    if document is None:
        return "nothing"
    if document.get("deleted"):
        return f"deleted (v{document['version']})"
    state = "done" if document["completed"] else "to do"
    return f'"{document["title"]}", {state} (v{document["version"]})'
