"""What differs between the log and the read model, without keeping either in memory. No I/O."""

from collections.abc import Iterator

from query_service.projections import Document


def differences(rebuilt: Iterator[Document], live: Iterator[Document]) -> Iterator[str]:
    """Yield a line for each todo that differs; both sides come in id order."""
    for todo_id, here, there in _side_by_side(rebuilt, live):
        if here != there:
            yield f"todo {todo_id}: the log says {_words(here)}, MongoDB {_words(there)}"


def _side_by_side(
    ones: Iterator[Document], others: Iterator[Document]
) -> Iterator[tuple[int, Document | None, Document | None]]:
    """Walk both in id order, and yield what each has under each id."""
    one, other = next(ones, None), next(others, None)
    while one is not None or other is not None:
        smallest = min(document["_id"] for document in (one, other) if document is not None)
        here = one if one is not None and one["_id"] == smallest else None
        there = other if other is not None and other["_id"] == smallest else None
        yield smallest, here, there
        if here is not None:
            one = next(ones, None)
        if there is not None:
            other = next(others, None)


def _words(document: Document | None) -> str:
    if document is None:
        return "nothing"
    if document.get("deleted"):
        return f"deleted (v{document['version']})"
    state = "done" if document["completed"] else "to do"
    return f'"{document["title"]}", {state} (v{document["version"]})'
