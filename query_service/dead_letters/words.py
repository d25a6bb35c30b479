"""What the tool says: tables, one letter in full, the questions before it acts, and the answers.

No I/O.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from chassis.printable import printable
from query_service.dead_letters.letters import Letter, Unfit, grouped, target_of
from query_service.dead_letters.versions import Versions
from query_service.dead_letters.work import Look, Outcome

JOURNEY = "#journey="
_COLUMNS = ("id", "todo", "version", "attempts", "last failed", "retried", "PostgreSQL", "MongoDB")


def counted(count: int, what: str = "dead letter") -> str:
    """Return a number of things in words."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def table(look: Look, letters: Sequence[Letter], what: str = "dead letter") -> str:
    """Return letters for people to read, grouped by error and event type."""
    lines = [f"{counted(len(letters), what)}." if letters else f"There is no {what}."]
    for error, kind, group in grouped(letters):
        lines += ["", f"{counted(len(group), 'letter')}, {kind}: {error}"]
        lines += _aligned([_COLUMNS, *(_row(look, letter) for letter in group)])
    if look.more:
        lines += ["", f"The queue has {look.more} more behind these."]
    return "\n".join(lines)


def in_full(letter: dict[str, Any], page_url: str) -> str:
    """Return one letter, as JSON shows it, for people to read."""
    versions = letter["versions"] or {}
    origin = letter["origin"] or "not known"
    rows = [
        ("letter", letter["id"]),
        ("reason", letter["reason"]),
        ("attempts", _or_unknown(letter["attempts"])),
        ("first failed", letter["first_failed_at"] or "nobody noted it"),
        ("last failed", letter["last_failed_at"] or "nobody noted it"),
        ("retried", f"{letter['retries']} times" if letter["retries"] else "never"),
        ("because", letter["because"] or ""),
        ("discarded", letter["discarded_at"] or ""),
        ("came from", f"{origin} ({letter['origin_from']})" if letter["origin_from"] else origin),
        ("routing key", letter["routing_key"]),
        ("event", letter["event_id"] or "none"),
        ("type", letter["type"] or "not known"),
        ("todo", _todo(letter["todo_id"], letter["version"])),
        ("PostgreSQL", _version(versions.get("postgresql"))),
        ("MongoDB", _version(versions.get("mongodb"))),
        ("journey", journey(page_url, letter["event_id"]) or "none"),
    ]
    lines = _aligned([row for row in rows if row[1]])
    headers = [printable(f"  {name}: {_line(it)}") for name, it in letter["headers"].items()]
    body = [f"  {line}" for line in letter["body"].splitlines()]
    return "\n".join([*lines, "", "headers", *headers, "", "as it went over the wire", *body])


def journey(page_url: str, event_id: str | None) -> str | None:
    """Return the page's address of an event's journey."""
    return f"{page_url}/{JOURNEY}{event_id}" if event_id else None


def question(verb: str, letters: Sequence[Letter], edited: bool = False) -> str:
    """Return what is asked before anything is done: how many letters, and what will happen."""
    count = counted(len(letters))
    if verb == "discard":
        then = "They leave the dead letters. For 24 hours they can be restored; then they are gone."
    elif verb == "restore":
        then = "They are dead letters again, and nothing is applied yet."
    elif edited:
        then = (
            f"Your event goes to {_targets(letters)} under an id of its own, and the letter is "
            "settled. The log of all events keeps the old one: a rebuild goes by that."
        )
    else:
        then = f"Each goes back to the queue that it came from ({_targets(letters)}) to be applied."
    return f"{verb.capitalize()} {count}? {then}"


def outcome_line(outcome: Outcome, verb: str) -> str:
    """Return what became of one letter."""
    if not outcome.done:
        return f"{outcome.id}  skipped: {outcome.why}"
    renewed = f", as event {outcome.event_id}" if verb == "edited" else ""
    return f"{outcome.id}  {verb} to {outcome.queue}{renewed}"


def answer(outcomes: Iterable[Outcome], verb: str) -> str:
    """Return how many were done and how many were skipped, and why."""
    told = list(outcomes)
    done = sum(it.done for it in told)
    whys = Counter(it.why for it in told if not it.done)
    skipped = ", ".join(f"{count} skipped ({why})" for why, count in whys.items())
    return f"{done} {verb}{f', {skipped}' if skipped else ''}."


def answered(outcomes: Sequence[Outcome], landed: dict[str, str]) -> dict[str, Any]:
    """Return the same as JSON."""
    done = sum(it.done for it in outcomes)
    each = [
        {**it.shown(), **({"landed": landed[it.id]} if it.id in landed else {})} for it in outcomes
    ]
    return {"done": done, "skipped": len(outcomes) - done, "letters": each}


def _targets(letters: Sequence[Letter]) -> str:
    found: Counter[str] = Counter()
    for letter in letters:
        try:
            found[target_of(letter)] += 1
        except Unfit as error:
            found[f"none, as {error}"] += 1
    if len(found) == 1:
        return next(iter(found))
    return ", ".join(f"{queue}: {count}" for queue, count in found.items())


def _row(look: Look, letter: Letter) -> tuple[str, ...]:
    known = look.versions.get(letter.todo_id or 0, Versions(None, None))
    return (
        letter.id,
        str(letter.todo_id or "?"),
        f"v{letter.version}" if letter.version else "?",
        _or_unknown(letter.attempts),
        letter.last_failed_at or "?",
        f"{letter.retries} times" if letter.retries else "",
        _version(known.postgresql),
        _version(known.mongodb),
    )


def _version(version: int | None) -> str:
    if version is None:
        return "?"
    return f"v{version}" if version else "none"


def _todo(todo_id: int | None, version: int | None) -> str:
    return f"{todo_id or 'not known'}{f', version {version}' if version else ''}"


def _or_unknown(count: int | None) -> str:
    return "?" if count is None else str(count)


def _line(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    # A line of its own would look like another letter.
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  " + "  ".join(it.ljust(width) for it, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
