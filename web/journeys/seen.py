"""Seen: which read was the first to show a version of a todo. Pure.

A read shows title and completion but no version, so the version that it shows is inferred. The
read model never goes back (the projector's guard), so a read shows version v or a later one
- if it began after v was readable, or
- if no version below v can explain what it shows: each is known and differs, is superseded, or
  the state has just changed as an event between it and v changes it.
A version is seen by the first read that certainly shows it, or a later one. If none does, we
claim nothing.
Clocks: a version cannot be shown before its commit began, so all times are of one host's clock, and
in web's own time, which never jumps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from web.journeys.reads import ABSENT, Sight, State


@dataclass(frozen=True, slots=True)
class Version:
    """What is known of one version of a todo.

    Args:
        version: its number.
        type: the type of the event that made it, such as `todo.renamed.v1`.
        state: the todo after the event.
        written_ns: when its commit began; None if the event's state is not known yet.
        readable_ns: when it was certainly in the read model; None if that is not known.
    """

    version: int
    type: str
    state: State
    written_ns: int | None
    readable_ns: int | None


def first_sights(versions: Sequence[Version], sights: Sequence[Sight]) -> dict[int, Sight]:
    """Return the first sight of each version for which it is certain, by version.

    Args:
        versions: what is known of one todo.
        sights: its reads in order: each change, and each first read after a version was readable.
    """
    known = {version.version: version for version in versions if version.written_ns is not None}
    found: dict[int, Sight] = {}
    reached, before = 0, ABSENT
    for sight in sights:
        readable = (
            version.version
            for version in versions
            if version.readable_ns is not None and version.readable_ns <= sight.asked_ns
        )
        floor = max(reached, max(readable, default=0))
        shown = _lowest_that_explains(sight, known, floor, before)
        if shown is None:
            # The read shows something else, perhaps a version that nobody recorded. What was
            # readable is behind us, but we cannot know which read was the first to show it.
            reached = floor
        else:
            for version in versions:
                if reached < version.version <= shown:
                    found[version.version] = sight
            reached = shown
        before = sight.state
    return found


def _lowest_that_explains(
    sight: Sight, known: Mapping[int, Version], floor: int, before: State
) -> int | None:
    """Return the lowest version that the sight can be of; None if no known one fits."""
    if floor == 0 and sight.state == ABSENT:
        return 0
    fitting = [
        version.version
        for version in known.values()
        if version.version >= floor
        and version.state == sight.state
        and (version.written_ns or 0) <= sight.ended_ns
    ]
    if not fitting:
        return None
    lowest = min(fitting)
    for number in range(lowest, max(floor, 1) - 1, -1):
        if number not in known:
            return floor
        if _changes(known[number], before):
            return lowest
    return lowest


def _changes(version: Version, before: State) -> bool:
    """Return whether this event can have followed that state."""
    if before is None:
        return version.version == 1
    if version.state is None:
        return True
    same_title = version.state[0] == before[0]
    same_completion = version.state[1] == before[1]
    if version.type.startswith("todo.renamed."):
        return same_completion and not same_title
    return same_title and not same_completion
