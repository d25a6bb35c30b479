"""What goes in must come out: lost, phantom, twice, and whether all stores agree.

As in Jepsen's total-queue, a history has to end with a look at everything when all is quiet. What
got no answer may have happened or not, so nothing is wrong with either.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from faults.checker.ledger import Ledger, State, wanted


def lost(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Yield what was acknowledged and is not in the log, or not in the read model in that state."""
    held = ledger.held("read-side")
    for command in ledger.acknowledged:
        todo_id, version = command.answer["id"], command.answer["version"]
        said = {"id": todo_id, "version": version, "wanted": wanted(command)}
        versions = ledger.log.get(todo_id, {})
        if version not in versions:
            yield {**said, "missing in": "log"}
        elif versions[version] != wanted(command):
            yield {**said, "missing in": "log", "found": versions[version]}
        elif todo_id not in held or held[todo_id][1] < version:
            yield {**said, "missing in": "read-side", "found": held.get(todo_id)}


def phantom(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Yield what the read model held, or a read showed, and was never committed."""
    for todo_id, (state, version) in ledger.held("read-side").items():
        versions = ledger.log.get(todo_id, {})
        if version not in versions or versions[version] != state:
            yield {"id": todo_id, "version": version, "found": state, "in": "read-side"}
    for read in ledger.reads:
        for todo_id, title, completed in read.answer["todos"]:
            if (title, completed) not in ledger.log.get(todo_id, {}).values():
                yield {"id": todo_id, "found": (title, completed), "in": f"read {read.number}"}


def twice(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Yield each title with which more than one todo was created, although its key was the same."""
    made = Counter(
        state[0] for versions in ledger.log.values() for it, state in versions.items()
        if it == 1 and state is not None
    )  # fmt: skip
    for title, count in made.items():
        if count > 1:
            yield {"title": title, "todos": count}


def disagree(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Yield each todo that is not the same in both stores, and each that is not as the log says."""
    written, held = ledger.held("write-side"), _without_tombstones(ledger, "read-side")
    last = {todo_id: max(versions) for todo_id, versions in ledger.log.items()}
    logged = {
        todo_id: (ledger.log[todo_id][version], version)
        for todo_id, version in last.items()
        if ledger.log[todo_id][version] is not None
    }
    for todo_id in sorted(written.keys() | held.keys() | logged.keys()):
        found = [it.get(todo_id) for it in (written, held, logged)]
        if not found[0] == found[1] == found[2]:
            names = ("write-side", "read-side", "log")
            yield {"id": todo_id, **dict(zip(names, found, strict=True))}


def rebuilt_differently(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Yield each todo that a rebuild did not give as it was, tombstones too."""
    before, after = ledger.held("read-side"), ledger.held("rebuilt")
    for todo_id in sorted(before.keys() | after.keys()):
        if before.get(todo_id) != after.get(todo_id):
            yield {"id": todo_id, "before": before.get(todo_id), "after": after.get(todo_id)}


def on_the_wire(ledger: Ledger) -> tuple[int, int]:
    """Return how many events came, and how many came once more than needed."""
    counts = [int(count) for _event, count in ledger.looks.get("wire", ())]
    return len(counts), sum(counts) - len(counts)


def _without_tombstones(ledger: Ledger, place: str) -> dict[int, tuple[State, int]]:
    return {it: held for it, held in ledger.held(place).items() if held[0] is not None}
