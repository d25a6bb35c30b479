"""Facts about what the stores hold of a run's todos."""

from tests.support.journeys import MS
from tests.support.runs import HandStores, a_journey, evidence_of, measured, sent, value
from web.journeys.faults import Firing
from web.lessons.evidence import Letter, Logged, Todo

MILK = Todo(7, "Milk", False, 1)
BREAD = Todo(3, "Bread", False, 1)
SOMEBODY_ELSES = Todo(9, "Milk tea", False, 1)


def created(todo_id: int, title: str) -> Logged:
    return Logged("created", todo_id, 1, title, False)


def test_only_what_the_run_wrote_counts() -> None:
    stores = HandStores([BREAD, MILK, SOMEBODY_ELSES], {"todos": [BREAD, SOMEBODY_ELSES]})
    run = evidence_of(
        sent(todo_id=7, alias="milk"), todos={"milk": 7}, given={"bread": 3}, stores=stores
    )
    assert value(run, postgresql="count") == 1
    assert value(run, model="todos", what="count") == 0
    assert value(run, model="todos", what="present", of="bread") is True
    assert value(run, model="todos", what="present", of="milk") is False
    assert value(run, postgresql="title", of="milk") == "Milk"
    assert value(run, postgresql="version", of="milk") == 1
    assert value(run, todos="missing") == 1
    assert value(run, todos="extra") == 0


def test_a_tombstone_is_no_todo() -> None:
    gone = Todo(7, "Milk", False, 2, deleted=True)
    run = evidence_of(sent(todo_id=7), stores=HandStores([], {"todos": [gone]}))
    assert value(run, model="todos", what="count") == 0
    assert value(run, model="todos", what="title") == "not there"
    assert value(run, todos="extra") == 0


def test_what_both_stores_have_may_differ() -> None:
    older = Todo(7, "Milk", False, 1)
    stores = HandStores([Todo(7, "Oat milk", False, 2)], {"todos": [older]})
    assert value(evidence_of(sent(todo_id=7), stores=stores), todos="differing") == 1


def test_a_store_that_does_not_answer_makes_it_unknown() -> None:
    run = evidence_of(sent(todo_id=7), stores=HandStores([MILK]))
    found = measured(run, model="todos", what="count")
    assert (found.value, found.why) == (None, "It does not answer.")
    assert value(run, postgresql="count") == 1


def test_a_command_without_an_answer_is_known_by_its_trace() -> None:
    stores = HandStores([], {"todos": [MILK]})
    lost = sent(status=None, title="Milk", trace_id="aa", alias="milk")
    for known in (
        {"all_journeys": [a_journey(7, trace_id="aa", delivered=20)]},
        {"all_firings": [Firing("f", "crash", "x", "x", MS, trace_id="aa", todo_id=7)]},
    ):
        run = evidence_of(lost, stores=stores, **known)
        assert value(run, model="todos", what="present", of="milk") is True
        assert value(run, todos="extra") == 1


def test_without_a_trace_it_is_looked_for_by_its_title() -> None:
    log = [created(1, "Milk"), created(7, "Milk"), created(8, "Tea")]
    stores = HandStores([MILK, Todo(1, "Milk", False, 1)], {"todos": []}, log)
    run = evidence_of(sent(status=None, title="Milk"), stores=stores, events_before=1)
    assert run.written == {7}
    refused = evidence_of(sent(status=422, title="Milk"), stores=stores, events_before=1)
    assert refused.written == set()


def test_two_tries_that_were_both_carried_out_are_two_todos() -> None:
    stores = HandStores([MILK, Todo(8, "Milk", False, 1)], {"todos": [MILK]}, [])
    run = evidence_of(
        sent(status=None, title="Milk", alias="milk", trace_id="aa"),
        sent(todo_id=8, title="Milk", alias="milk"),
        stores=stores,
        all_journeys=[a_journey(7, trace_id="aa", delivered=20)],
    )
    assert value(run, postgresql="count", of="milk") == 2
    assert value(run, titled="Milk", in_="postgresql") == 2
    assert value(run, titled="Milk", in_="todos") == 1
    assert measured(run, postgresql="title", of="milk").why == "2 todos called milk are known."


def test_a_title_stays_in_the_log() -> None:
    log = [created(7, "Secret"), Logged("deleted", 7, 2, "Secret", False)]
    run = evidence_of(sent(todo_id=7), stores=HandStores([], {"todos": []}, log))
    assert value(run, titled="Secret", in_="log") == 2
    assert value(run, titled="Secret", in_="postgresql") == 0
    held = HandStores(events=log, is_whole=False)
    found = measured(evidence_of(sent(todo_id=7), stores=held), titled="Secret", in_="log")
    assert (found.value, found.at_least) == (None, 2)


def test_the_counter_is_asked_what_it_counted_since_the_run_began() -> None:
    log = [created(3, "Bread"), created(7, "Milk"), created(9, "Somebody else's")]
    counts = {"created": 4, "completed": 0, "deleted": 0, "events": 3}
    stores = HandStores(events=log, counts=counts)
    run = evidence_of(sent(todo_id=7), stores=stores, events_before=1)
    assert value(run, count="created") == 2
    assert value(run, count="events") == 1
    assert measured(evidence_of(sent(todo_id=7), stores=stores), count="created").value is None


def test_letters_are_those_of_the_run() -> None:
    dead = [Letter(7, "always fails"), Letter(9, "always fails"), Letter(None, "no JSON")]
    run = evidence_of(sent(todo_id=7), stores=HandStores(dead=dead))
    assert value(run, letters="count") == 1
    assert value(run, letters="count", reason="unreadable") == 0
