"""When the poller reads: what can show nothing is left out, and made up for if it could."""

from web.background.read_plan import REST_NS, ReadPlan

MS = 1_000_000
INTERVAL = 250 * MS


def a_plan_at_rest(interval_ns: int = INTERVAL) -> ReadPlan:
    plan = ReadPlan(interval_ns, 0)
    plan.begin()
    plan.end(0, goes_on=False)
    return plan


def test_at_rest_a_read_is_due_after_a_second() -> None:
    assert a_plan_at_rest().due_ns() == REST_NS


def test_while_something_goes_on_a_read_is_due_after_each_interval() -> None:
    plan = a_plan_at_rest()
    plan.begin()
    plan.end(REST_NS, goes_on=True)
    assert plan.due_ns() == REST_NS + INTERVAL


def test_what_happens_before_the_next_interval_is_over_is_read_then() -> None:
    plan = a_plan_at_rest()
    plan.expect(600 * MS)
    assert plan.due_ns() == 750 * MS
    # Later news change nothing.
    plan.expect(700 * MS)
    assert plan.due_ns() == 750 * MS


def test_a_read_that_was_left_out_is_due_at_once_if_it_had_something_to_show() -> None:
    plan = a_plan_at_rest()
    # At 560 ms, web learns of what happened at 490 ms: the read at 500 ms was left out.
    plan.expect(490 * MS)
    assert plan.due_ns() == 500 * MS


def test_what_happened_before_the_last_read_is_read_when_the_next_interval_is_over() -> None:
    plan = a_plan_at_rest()
    plan.expect(-100 * MS)
    assert plan.due_ns() == INTERVAL


def test_what_is_heard_during_a_read_is_for_the_next_one() -> None:
    plan = a_plan_at_rest()
    plan.begin()
    plan.expect(1002 * MS)
    plan.end(1005 * MS, goes_on=False)
    assert plan.due_ns() == 1255 * MS


def test_a_reader_that_was_set_to_be_slow_is_never_early() -> None:
    plan = a_plan_at_rest(5_000 * MS)
    assert plan.due_ns() == 5_000 * MS
    plan.expect(1_000 * MS)
    assert plan.due_ns() == 5_000 * MS


def test_a_new_interval_counts_from_the_last_read() -> None:
    plan = a_plan_at_rest(5_000 * MS)
    plan.expect(0)
    plan.interval_ns = 50 * MS
    assert plan.due_ns() == 50 * MS


def test_it_is_known_of_a_read_whether_it_was_expected_to_show_something() -> None:
    plan = a_plan_at_rest()
    assert plan.begin() is False
    plan.end(1000 * MS, goes_on=True)
    plan.expect(1001 * MS)
    assert plan.begin() is True
