"""The session guarantees hold exactly where their definitions do, for any session."""

from hypothesis import given
from hypothesis import strategies as st

from web.lessons.facts.sessions import (
    Shown,
    Write,
    monotonic_reads,
    monotonic_writes,
    read_your_writes,
    writes_follow_reads,
)

TODOS = (1, 2, 3)


@st.composite
def sessions(draw: st.DrawFn) -> tuple[list[Write], list[Shown]]:
    """What one client did, one after the other; each read shows any version that was written."""
    writes, reads = list[Write](), list[Shown]()
    versions = dict.fromkeys(TODOS, 0)
    for step in range(draw(st.integers(2, 8))):
        at_ms = 10.0 * step
        if draw(st.booleans()):
            todo_id = draw(st.sampled_from(TODOS))
            versions[todo_id] += 1
            writes.append(Write(todo_id, versions[todo_id], at_ms, at_ms + 5))
        else:
            shown = {it: draw(st.integers(0, upto)) for it, upto in versions.items()}
            reads.append(Shown("ann", at_ms, at_ms + 5, shown, shown, shown))
    return writes, reads


def has(read: Shown, write: Write) -> bool:
    return read.lowest[write.todo_id] >= write.version


def lacks(read: Shown, earlier: Shown) -> bool:
    """Whether it lacks any of the writes that another read had shown."""
    return any(read.lowest[it] < earlier.lowest[it] for it in TODOS)


@given(sessions())
def test_read_your_writes(session: tuple[list[Write], list[Shown]]) -> None:
    writes, reads = session
    for read in reads:
        before = [it for it in writes if it.ended_ms <= read.asked_ms]
        broken = any(not has(read, it) for it in before)
        assert read_your_writes(read, writes) is broken


@given(sessions())
def test_monotonic_reads(session: tuple[list[Write], list[Shown]]) -> None:
    _writes, reads = session
    for number, read in enumerate(reads):
        broken = any(lacks(read, it) for it in reads[:number])
        assert monotonic_reads(read, reads[:number]) is broken


@given(sessions())
def test_monotonic_writes(session: tuple[list[Write], list[Shown]]) -> None:
    writes, reads = session
    for read in reads:
        broken = any(
            first.ended_ms <= second.asked_ms and has(read, second) and not has(read, first)
            for first in writes
            for second in writes
        )
        assert monotonic_writes(read, writes) is broken


@given(sessions())
def test_writes_follow_reads(session: tuple[list[Write], list[Shown]]) -> None:
    writes, reads = session
    for read in reads:
        broken = any(
            before.ended_ms <= write.asked_ms and has(read, write) and lacks(read, before)
            for before in reads
            for write in writes
        )
        assert writes_follow_reads(read, writes, reads) is broken


@given(sessions(), st.data())
def test_what_may_be_several_versions_is_never_judged_wrongly(
    session: tuple[list[Write], list[Shown]], data: st.DataObject
) -> None:
    """With less known of what a read shows, the verdict stays, or becomes uncertain."""
    writes, reads = session
    vague = []
    for read in reads:
        lowest = {it: data.draw(st.integers(0, v)) for it, v in read.lowest.items()}
        highest = {it: v + data.draw(st.integers(0, 2)) for it, v in read.highest.items()}
        # What looks the same is taken for the same; so nothing here does.
        looks = {it: (read.asked_ms, it) for it in TODOS}
        vague.append(Shown("ann", read.asked_ms, read.ended_ms, lowest, highest, looks))
    for number, (sharp, read) in enumerate(zip(reads, vague, strict=True)):
        for exactly, judged in (
            (read_your_writes(sharp, writes), read_your_writes(read, writes)),
            (monotonic_reads(sharp, reads[:number]), monotonic_reads(read, vague[:number])),
            (monotonic_writes(sharp, writes), monotonic_writes(read, writes)),
            (writes_follow_reads(sharp, writes, reads), writes_follow_reads(read, writes, vague)),
        ):
            assert judged in {exactly, None}
