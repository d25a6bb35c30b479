"""The first read to show an event's state, as far as that is certain."""

from dataclasses import replace

from tests.support.hops import new_journeys
from tests.support.journeys import (
    DONE,
    LEARN,
    MS,
    Event,
    a_command,
    a_read,
    folded,
    processed,
    seen_at_ms,
    whole_way,
)  # fmt: skip
from web.journeys.reads import Read, ReadHistory
from web.journeys.spans import Span
from web.room.messages import hops_message


def test_a_read_that_began_before_the_trace_came_is_still_found_as_the_first() -> None:
    reads = [
        a_read(990),
        a_read(1015, t1=("Learn CQRS", False)),
        a_read(1270, t1=("Learn CQRS", False)),
    ]
    assert seen_at_ms(folded(*reads, *whole_way(LEARN, 1000, "s"))) == {LEARN.id: 1015}


def test_a_superseded_event_is_seen_by_the_read_that_shows_its_successor() -> None:
    spans = [*whole_way(LEARN, 1000, "a"), *whole_way(DONE, 1002, "b")]
    journeys = folded(a_read(990), a_read(1020, t1=("Learn CQRS", True)), *spans)
    assert seen_at_ms(journeys) == {LEARN.id: 1020, DONE.id: 1020}


def test_a_delete_is_seen_when_a_read_that_covers_the_todo_lacks_it() -> None:
    deleted = Event(1, 2, "deleted", "Learn CQRS", completed=False)
    before: list[Span | Read] = [
        *whole_way(LEARN, 1000, "a"),
        a_read(1020, t1=LEARN.state or ("", False)),
    ]
    elsewhere = Read(1120 * MS, 1122 * MS, 5, None, {9: ("Another", False)})
    spans = whole_way(deleted, 1100, "b")
    assert deleted.id not in seen_at_ms(folded(*before, *spans, elsewhere))
    assert seen_at_ms(folded(*before, *spans, elsewhere, a_read(1200)))[deleted.id] == 1200


def test_a_todo_that_came_and_went_between_two_reads_is_seen_after_it_was_projected() -> None:
    deleted = Event(1, 2, "deleted", "Learn CQRS", completed=False)
    spans = [*whole_way(LEARN, 1000, "a"), *whole_way(deleted, 1010, "b")]
    assert seen_at_ms(folded(a_read(999), *spans, a_read(1011), a_read(1250))) == {
        LEARN.id: 1250,
        deleted.id: 1250,
    }


def test_the_same_state_as_before_is_seen_only_once_it_was_projected() -> None:
    reopened = Event(1, 3, "reopened", "Learn CQRS", completed=False)
    spans = [*a_command(1000, LEARN), *a_command(1001, DONE), *a_command(1002, reopened)]
    same = [a_read(1020, t1=("Learn CQRS", False)), a_read(1270, t1=("Learn CQRS", False))]
    assert seen_at_ms(folded(a_read(990), *spans, *same)) == {LEARN.id: 1020}
    known = [*spans, processed(reopened, 1018, 1021)]
    assert seen_at_ms(folded(a_read(990), *known, *same)) == {
        LEARN.id: 1020, DONE.id: 1270, reopened.id: 1270,
    }  # fmt: skip


def test_a_change_of_a_todo_whose_history_is_unknown_is_seen_by_the_change() -> None:
    old = Event(4, 9, "completed", "Old", completed=True)
    reads = [a_read(990, t4=("Old", False)), a_read(1010, t4=("Old", True))]
    assert seen_at_ms(folded(*reads, *a_command(1000, old))) == {old.id: 1010}


def test_a_state_that_an_unknown_version_may_explain_is_left_out() -> None:
    old = Event(4, 9, "completed", "Old", completed=True)
    assert seen_at_ms(folded(a_read(1010, t4=("Old", True)), *a_command(1000, old))) == {}


def test_a_read_before_the_commit_began_cannot_show_the_event() -> None:
    second = replace(LEARN, version=3, kind="reopened")
    spans = [*a_command(1000, LEARN), *a_command(1300, DONE), *a_command(1301, second)]
    reads = [a_read(1010, t1=("Learn CQRS", False)), a_read(1310, t1=("Learn CQRS", True))]
    assert seen_at_ms(folded(*reads, *spans)) == {LEARN.id: 1010, DONE.id: 1310}


def test_after_a_projection_that_no_read_confirms_nothing_is_claimed() -> None:
    """No known version has the state shown: perhaps an untraced one came later."""
    spans = whole_way(LEARN, 1000, "s")
    untraced = ("Renamed by another", False)
    assert seen_at_ms(folded(a_read(990), *spans, a_read(1020, t1=untraced))) == {}


def test_a_todo_is_under_way_until_a_read_that_covers_it_came_after_its_projection() -> None:
    journeys = folded(*a_command(1000, LEARN))
    assert journeys.under_way(upto=1, limit=20) == [1]
    assert journeys.under_way(upto=0, limit=20) == []
    for told in (processed(LEARN, 1008, 1012), Read(1020 * MS, 1021 * MS, 1, None, {})):
        journeys.add_read(told) if isinstance(told, Read) else journeys.add_span(told)
        assert journeys.under_way(upto=1, limit=20) == [1]
    assert journeys.under_way(upto=1, limit=20, since_ns=1012 * MS) == [1]
    assert journeys.under_way(upto=1, limit=20, since_ns=1013 * MS) == []
    journeys.add_read(Read(1030 * MS, 1031 * MS, 0, 1, {1: ("Learn CQRS", False)}))
    assert journeys.under_way(upto=1, limit=20) == []
    assert seen_at_ms(journeys) == {LEARN.id: 1030}


def test_a_state_shown_before_its_commit_began_was_another_version() -> None:
    reopened = Event(4, 5, "reopened", "Old", completed=False)
    done, undone = ("Old", True), ("Old", False)
    reads = [a_read(990, t4=done), a_read(1010, t4=undone), a_read(1260, t4=done)]
    told: list[Span | Read] = [*reads, *a_command(1300, reopened), a_read(1310, t4=undone)]
    assert seen_at_ms(folded(*told)) == {reopened.id: 1310}


def test_a_change_that_needs_more_than_this_event_is_left_out() -> None:
    renamed = Event(4, 9, "renamed", "New", completed=False)
    reads = [a_read(990, t4=("Old", True)), a_read(1010, t4=("New", False))]
    assert seen_at_ms(folded(*reads, *a_command(1000, renamed))) == {}


def test_a_later_read_does_not_claim_a_version_hidden_by_an_unexplained_one() -> None:
    third = Event(1, 3, "completed", "Renamed by another", completed=True)
    told: list[Span | Read] = [
        a_read(990),
        *whole_way(LEARN, 1000, "a"),
        a_read(1020, t1=("Renamed by another", False)),
    ]
    told += [*whole_way(third, 1100, "b"), a_read(1120, t1=("Renamed by another", True))]
    assert seen_at_ms(folded(*told)) == {third.id: 1120}


def test_changes_already_reported_are_not_reported_again() -> None:
    journeys = new_journeys()
    spans, read = whole_way(LEARN, 1000, "a"), a_read(1020, t1=("Learn CQRS", False))
    assert [change for span in spans for change in journeys.add_span(span)]
    assert journeys.add_read(read)
    assert [change for span in spans for change in journeys.add_span(span)] == []
    assert journeys.add_read(read) == []


def test_a_seen_that_proves_wrong_is_withdrawn() -> None:
    """The read shows a state that an earlier version had too, but web hears of that one later."""
    first = Event(4, 8, "completed", "Old", completed=True)
    third = Event(4, 10, "completed", "Old", completed=True)
    journeys = new_journeys()
    for read in (a_read(990, t4=("Old", False)), a_read(1010, t4=("Old", True))):
        journeys.add_read(read)
    _, of_third = a_command(1004, third, span_id="third")
    seen = hops_message(journeys.add_span(of_third), 0)["hops"][-1]
    assert (seen["event_id"], seen["hop"], seen["at_ms"]) == (third.id, "seen", 1012.0)
    _, of_first = a_command(1000, first, span_id="first")
    told = hops_message(journeys.add_span(of_first), 0)["hops"]
    withdrawal = {"event_id": third.id, "hop": "seen", "process": "web", "withdrawn": True}
    assert withdrawal in told
    assert seen_at_ms(journeys) == {first.id: 1010}


def test_a_read_that_comes_again_after_a_later_one_changes_nothing() -> None:
    history = ReadHistory()
    reads = [a_read(10, t1=("A", False)), a_read(20, t1=("B", False))]
    assert [history.add(read) for read in [*reads, *reads]] == [{1}, {1}, set(), set()]
    assert [sight.state for sight in history.sights(1, [])] == [("A", False), ("B", False)]


def test_a_seen_event_stays_seen_when_its_reads_are_forgotten() -> None:
    journeys = new_journeys(history=ReadHistory(reads=4, todos=0))
    for span in whole_way(LEARN, 1000, "a"):
        journeys.add_span(span)
    for number in range(40):
        journeys.add_read(a_read(1020 + 250 * number, t1=("Learn CQRS", False)))
    for span in whole_way(DONE, 20_000, "b"):
        journeys.add_span(span)
    journeys.add_read(a_read(20_020, t1=("Learn CQRS", True)))
    assert seen_at_ms(journeys) == {LEARN.id: 1020, DONE.id: 20_020}


def test_a_trace_that_comes_after_its_reads_are_forgotten_claims_no_other_read() -> None:
    journeys = new_journeys(history=ReadHistory(reads=4))
    for number in range(40):
        journeys.add_read(a_read(1020 + 250 * number, t1=("Learn CQRS", False)))
    for span in whole_way(replace(DONE, version=7, kind="reopened", completed=False), 1000, "a"):
        journeys.add_span(span)
    assert seen_at_ms(journeys) == {}
