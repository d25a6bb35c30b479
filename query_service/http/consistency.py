"""Consistency tokens, and how long a read is ready to wait for the versions that they name."""

import re
from typing import ClassVar

from chassis.headers import MalformedHeader, members, preferences

MOST_TOKENS = 100
LONGEST_WAIT_S = 10
_TOKEN = re.compile(r"([1-9][0-9]{0,17})\.([1-9][0-9]{0,17})")
_SECONDS = re.compile(r"[0-9]{1,9}")


class BadHeader(ValueError):
    """A header that cannot be read: the class names the problem, the text says what is wrong."""

    problem: ClassVar[str]
    title: ClassVar[str]


class BadConsistencyToken(BadHeader):
    """A Consistency-Token that cannot be read."""

    problem = "bad-consistency-token"
    title = "The Consistency-Token cannot be read."


class BadPreference(BadHeader):
    """A Prefer header that cannot be read."""

    problem = "bad-preference"
    title = "The Prefer header cannot be read."


def parse_tokens(value: str | None) -> dict[int, int]:
    """Return the lowest version wanted of each todo. Raises BadConsistencyToken.

    Args:
        value: `<id>.<version>`, one or several, comma-separated.
    """
    if value is None:
        return {}
    wanted: dict[int, int] = {}
    for token in members(value) or [value]:
        match = _TOKEN.fullmatch(token)
        if match is None:
            raise BadConsistencyToken(f"{token[:40]!r} is not <id>.<version>.")
        todo_id, version = int(match[1]), int(match[2])
        wanted[todo_id] = max(version, wanted.get(todo_id, 0))
    if len(wanted) > MOST_TOKENS:
        raise BadConsistencyToken(f"At most {MOST_TOKENS} todos can be waited for at once.")
    return wanted


def parse_wait_s(value: str | None) -> int | None:
    """Return how long the client is ready to wait, in seconds, or None if it does not say.

    Other preferences are allowed and have no effect (RFC 7240). Raises BadPreference.
    """
    if value is None:
        return None
    try:
        wait = preferences(value).get("wait")
    except MalformedHeader:
        raise BadPreference(f"{value[:60]!r} is not a list of preferences.") from None
    if wait is not None and not _SECONDS.fullmatch(wait):
        raise BadPreference("wait has to be a whole number of seconds.")
    return None if wait is None else min(int(wait), LONGEST_WAIT_S)
