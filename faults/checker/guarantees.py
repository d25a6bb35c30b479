"""The session guarantees of each client, and reads that went back.

A client is a session. A read with tokens names what the client wrote, and is judged by that. Each
read shows the title of the newest write that it has, and each title was written once, so the log
says which version it is. Only an absent todo may be one of two: not there yet, or there no more. A
read that may or may not break a guarantee is counted, and is not said to break it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from faults.checker.ledger import Ledger
from faults.history import Attempt
from web.lessons.facts.sessions import (
    Shown,
    Write,
    monotonic_reads,
    monotonic_writes,
    read_your_writes,
    writes_follow_reads,
)

MS = 1_000_000
NAMES = ("read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads")


@dataclass(frozen=True)
class Session:
    """What one client did.

    Attributes:
        client: who.
        fits: its answered reads, in order, each with the versions of each todo that it can show.
        writes: its acknowledged commands.
    """

    client: str
    fits: Sequence[tuple[Attempt, Mapping[int, Sequence[int]]]]
    writes: Sequence[Write]

    @cached_property
    def reads(self) -> Sequence[tuple[Attempt, Shown]]:
        """What its reads showed, each with the attempt."""
        return [(read, _shown(read, fits)) for read, fits in self.fits]


@dataclass(frozen=True)
class Broken:
    """A guarantee that a read broke, or may have broken.

    Attributes:
        surely: False if another explanation fits as well.
        with_token: whether the read carried tokens.
    """

    client: str
    guarantee: str
    read: int
    surely: bool
    with_token: bool


def sessions(ledger: Ledger) -> list[Session]:
    """Return what each client did."""
    clients = dict.fromkeys(it.client for it in ledger.reads)
    states = _states(ledger)
    return [
        Session(
            client,
            [(it, _fits(it, ledger, states)) for it in ledger.reads if it.client == client],
            [_write(it) for it in ledger.acknowledged if it.client == client],
        )
        for client in clients
    ]


def broken(session: Session) -> list[Broken]:
    """Return which guarantees the reads of a session broke, or may have broken."""
    found: list[Broken] = []
    seen: list[Shown] = []
    for read, shown in session.reads:
        # Of one client, each read ended before the next was asked.
        earlier = seen[-1:]
        seen.append(_newest(shown, earlier))
        own = [it for it in session.writes if it.ended_ms <= shown.asked_ms]
        judged = (
            read_your_writes(shown, own),
            monotonic_reads(shown, earlier),
            monotonic_writes(shown, own),
            writes_follow_reads(shown, own, _before_last_write(shown, own, seen[:-1])),
        )
        found += [
            Broken(session.client, name, read.number, it is True, bool(read.asked["tokens"]))
            for name, it in zip(NAMES, judged, strict=True)
            if it is not False
        ]
    return found


def regressed(session: Session) -> list[dict[str, object]]:
    """Return each read that showed an older version of a todo than an earlier one of the client.

    One that may show several versions shows the oldest of those that do not go back. So a todo that
    is there, is not, and is there again went back, although its absence alone says nothing.
    """
    found: list[dict[str, object]] = []
    newest: dict[int, tuple[int, int]] = {}
    for read, fits in session.fits:
        for todo_id, versions in fits.items():
            seen, in_read = newest.get(todo_id, (0, 0))
            forward = [it for it in versions if it >= seen]
            if forward:
                newest[todo_id] = min(forward), read.number
            else:
                said = {"id": todo_id, "version": max(versions), "read": read.number}
                found.append({**said, "client": session.client, "was": seen, "in": in_read})
    return found


def stale(session: Session) -> list[dict[str, object]]:
    """Return each read that lacked a version which its own tokens named."""
    found: list[dict[str, object]] = []
    for read, shown in session.reads:
        for todo_id, version in read.asked["tokens"]:
            if shown.highest.get(todo_id, version) < version:
                found.append({"id": todo_id, "lacks": version, "read": read.number})
    return found


def _newest(shown: Shown, earlier: Sequence[Shown]) -> Shown:
    """Return what a client has seen: of each todo, the newest that any of its reads showed.

    A read lacks something of this exactly if it lacks something of one of the reads. To compare it
    with each of them would take the square of their number.
    """
    lowest, highest, looks = {**shown.lowest}, {**shown.highest}, {**shown.looks}
    for before in earlier:
        for todo_id, version in before.lowest.items():
            if version > lowest.get(todo_id, -1):
                lowest[todo_id], highest[todo_id] = version, before.highest[todo_id]
                looks[todo_id] = before.looks[todo_id]
    return Shown(shown.reader, shown.asked_ms, shown.ended_ms, lowest, highest, looks)


def _before_last_write(
    shown: Shown, own: Sequence[Write], seen: Sequence[Shown]
) -> Sequence[Shown]:
    """Return what a client had seen before the last of its writes that a read shows."""
    asked_ms = max((it.asked_ms for it in shown.relevant(own) if shown.has(it)), default=0.0)
    return [it for it in seen if it.ended_ms <= asked_ms][-1:]


def _write(command: Attempt) -> Write:
    assert command.ended_ns is not None
    answer = command.answer
    return Write(answer["id"], answer["version"], command.asked_ns / MS, command.ended_ns / MS)


def _states(ledger: Ledger) -> Mapping[int, Mapping[object, list[int]]]:
    """Return the versions at which each todo looked like that; 0 is before there was one."""
    states: dict[int, dict[object, list[int]]] = {}
    for todo_id, versions in ledger.log.items():
        looks = states.setdefault(todo_id, {None: [0]})
        for version, state in versions.items():
            looks.setdefault(state, []).append(version)
    return states


def _fits(
    read: Attempt, ledger: Ledger, states: Mapping[int, Mapping[object, list[int]]]
) -> Mapping[int, Sequence[int]]:
    """Return which versions of each todo a read can have shown, for those of which it says any."""
    assert read.ended_ns is not None
    of, ended_ns, looks = read.asked["of"], read.ended_ns, _looks(read)
    fits: dict[int, Sequence[int]] = {}
    for todo_id, known in states.items():
        if of in {None, todo_id}:
            # What was sent after the answer cannot have been in it.
            fits[todo_id] = [
                it
                for it in known.get(looks.get(todo_id), ())
                if ledger.sent_ns.get((todo_id, it), 0) <= ended_ns
            ]
    return {todo_id: versions for todo_id, versions in fits.items() if versions}


def _shown(read: Attempt, fits: Mapping[int, Sequence[int]]) -> Shown:
    assert read.ended_ns is not None
    looks = _looks(read)
    return Shown(
        read.client,
        read.asked_ns / MS,
        read.ended_ns / MS,
        {todo_id: min(versions) for todo_id, versions in fits.items()},
        {todo_id: max(versions) for todo_id, versions in fits.items()},
        {todo_id: looks.get(todo_id) for todo_id in fits},
        read.asked["of"],
    )


def _looks(read: Attempt) -> Mapping[int, object]:
    return {todo_id: (title, completed) for todo_id, title, completed in read.answer["todos"]}
