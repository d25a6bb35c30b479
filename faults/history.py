"""The history of a run: each attempt and each answer, in the order in which they were seen.

One entry is one line of JSON. An attempt begins with `invoke` and ends at most once: `ok`, it
happened; `fail`, it certainly did not; `info`, it may have happened or not, and may yet happen.
An attempt that has no end is as one that ended in `info`. The words are Jepsen's.

What each attempt is asked and answers:

| what | asked | ok |
|---|---|---|
| `create` | `title`, `key` | `id`, `version` |
| `change` | `id`, `title`, `completed` | `id`, `version` |
| `delete` | `id` | `id`, `version` |
| `read` | `of` (an id, or null for all after `after`), `tokens` ([[id, version]]) | `todos` |
| `break` | `fault` | nothing: its cause is gone |
| `heal` | `after` (what was broken) | `took_s` |
| `look` | `at`: `write-side`, `read-side`, `log`, `wire`, `rebuilt` | `found` |

`todos` and `found` are rows: [id, title, completed] of a read; [id, title, completed, version] of a
store, where a title of null is a tombstone; [id, version, title, completed] of the log, with null
for a deletion; [event id, how many came] of the wire. Each command's title is its own, so that a
read says which version of a todo it shows.
"""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self, get_args

Type = Literal["invoke", "ok", "fail", "info"]
TYPES: Final = frozenset(get_args(Type))


class NotAHistory(ValueError):
    """A file is no history, or not a whole one."""


@dataclass(frozen=True)
class Entry:
    """One line of a history.

    Attributes:
        type: what is said of the attempt.
        attempt: its number.
        client: who made it; one after the other, never two at a time.
        what: what was attempted.
        at_ns: when this was seen, on one monotonic clock for all clients.
        value: what was asked, or what came of it.
    """

    type: Type
    attempt: int
    client: str
    what: str
    at_ns: int
    value: Mapping[str, Any]


@dataclass(frozen=True)
class Attempt:
    """What was asked, and what came of it.

    Attributes:
        ended_ns: None if no end was seen.
        end: how it ended; `info` also if no end was seen.
    """

    number: int
    client: str
    what: str
    asked_ns: int
    asked: Mapping[str, Any]
    ended_ns: int | None
    end: Type
    answer: Mapping[str, Any]


class Recorder:
    """Keeps a history in a file as it happens. Any thread may use it; also a context manager.

    Args:
        path: the file, which is made.
        clock: returns the time in ns; it must not go back.
    """

    def __init__(self, path: Path, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._file = path.open("w", encoding="utf-8")
        self._clock = clock
        self._lock = threading.Lock()
        self._begun: dict[int, tuple[str, str]] = {}
        self._last = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._file.close()

    def invoke(self, client: str, what: str, **asked: Any) -> int:
        """Record that an attempt begins, and return its number."""
        with self._lock:
            self._last += 1
            self._begun[self._last] = client, what
            self._write("invoke", self._last, asked)
            return self._last

    def end(self, attempt: int, kind: Type, **answer: Any) -> None:
        """Record what came of an attempt."""
        with self._lock:
            self._write(kind, attempt, answer)
            del self._begun[attempt]

    def _write(self, kind: Type, attempt: int, value: Mapping[str, Any]) -> None:
        # The time is taken under the lock, so that the order of the lines is that of the times.
        entry = Entry(kind, attempt, *self._begun[attempt], self._clock(), value)
        self._file.write(json.dumps(asdict(entry), ensure_ascii=False) + "\n")
        self._file.flush()


def parse(lines: Iterable[str]) -> Iterator[Entry]:
    """Yield the entries of a history. Raises NotAHistory."""
    for number, line in enumerate(lines, start=1):
        try:
            entry = Entry(**json.loads(line))
        except (TypeError, ValueError) as error:
            raise NotAHistory(f"Line {number} is no entry: {error}") from error
        if entry.type not in TYPES:
            raise NotAHistory(f"Line {number} has the type {entry.type!r}.")
        yield entry


def attempts(entries: Iterable[Entry]) -> list[Attempt]:
    """Return the attempts, in the order in which they began. Raises NotAHistory."""
    begun: dict[int, Entry] = {}
    ended: dict[int, Entry] = {}
    last_ns = 0
    for entry in entries:
        if entry.at_ns < last_ns:
            raise NotAHistory(f"Attempt {entry.attempt}: the clock of the history went back.")
        last_ns = entry.at_ns
        kept = begun if entry.type == "invoke" else ended
        if entry.attempt in kept or (kept is ended and entry.attempt not in begun):
            raise NotAHistory(f"Attempt {entry.attempt} begins or ends more than once, or never.")
        kept[entry.attempt] = entry
    return [_attempt(it, ended.get(number)) for number, it in begun.items()]


def _attempt(begun: Entry, ended: Entry | None) -> Attempt:
    return Attempt(
        begun.attempt,
        begun.client,
        begun.what,
        begun.at_ns,
        begun.value,
        ended.at_ns if ended else None,
        ended.type if ended else "info",
        ended.value if ended else {},
    )
