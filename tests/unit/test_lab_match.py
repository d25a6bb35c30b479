"""What a switch acts on, and how it stands: rules without I/O, held against plain restatements."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chassis.lab.match import MAX_SEED, Match, Subject, with_seed
from chassis.lab.state import ARMED, OFF, State, Why

SUBJECTS = st.lists(
    st.builds(
        Subject,
        st.one_of(st.none(), st.integers(1, 3)),
        st.sampled_from(["", "Buy milk", "buy MILK now", "bread"]),
        st.sampled_from(["", "ada", "bob"]),
    ),
    max_size=40,
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "todo": st.integers(1, 3),
        "word": st.sampled_from(["milk", "Bread"]),
        "sender": st.sampled_from(["ada", "bob"]),
        "nth": st.integers(1, 5),
        "times": st.integers(1, 5),
        "percent": st.integers(1, 100),
        "seed": st.integers(0, MAX_SEED),
    },
)


def fits(setting: dict[str, Any], subject: Subject) -> bool:
    return (
        setting.get("todo", subject.todo_id) == subject.todo_id
        and setting.get("sender", subject.sender) == subject.sender
        and setting.get("word", "").lower() in subject.title.lower()
    )


def taken(setting: dict[str, Any], subjects: list[Subject]) -> list[int]:
    match = Match(setting)
    return [number for number, subject in enumerate(subjects) if match.takes(subject)]


@given(SETTINGS, SUBJECTS)
def test_a_match_takes_only_what_fits_from_the_nth_on_and_at_most_so_often(
    setting: dict[str, Any], subjects: list[Subject]
) -> None:
    setting = with_seed(setting)
    found = taken(setting, subjects)
    fitting = [number for number, subject in enumerate(subjects) if fits(setting, subject)]
    candidates = fitting[setting.get("nth", 1) - 1 :]
    assert set(found) <= set(candidates)
    assert len(found) <= setting.get("times", len(subjects))
    if "percent" not in setting or setting["percent"] == 100:
        assert found == candidates[: setting.get("times", len(candidates))]


@given(SETTINGS, SUBJECTS)
def test_the_same_seed_draws_the_same_again(
    setting: dict[str, Any], subjects: list[Subject]
) -> None:
    setting = with_seed(setting)
    assert taken(setting, subjects) == taken(setting, subjects)
    assert ("seed" in setting) >= ("percent" in setting)


@given(st.integers(1, 99), st.integers(0, MAX_SEED))
def test_a_share_is_about_that_share(percent: int, seed: int) -> None:
    found = taken({"percent": percent, "seed": seed}, [Subject()] * 1000)
    # Further from it than by six standard deviations comes once in a thousand million draws.
    assert abs(len(found) - 10 * percent) <= 6 * (1000 * percent * (100 - percent)) ** 0.5 / 100


WHYS: list[Why] = ["by-hand", "count", "time", "all-clear"]
STEPS: st.SearchStrategy[list[Callable[[State], State]]] = st.lists(
    st.one_of(
        st.just(lambda _state: ARMED),
        st.just(State.fires),
        *(st.just(lambda state, why=why: state.clears(why)) for why in WHYS),
    )
)


@given(STEPS)
def test_a_switch_is_on_from_its_arming_to_its_clearing_and_counts_between(
    steps: list[Callable[[State], State]],
) -> None:
    state = OFF
    for step in steps:
        before, state = state, step(state)
        assert state.on == (state.phase in {"armed", "fired"})
        assert (state.cleared is not None) == (state.phase == "cleared")
        assert (state.phase == "fired") <= (state.fired > 0)
        assert (state.phase in {"off", "armed"}) <= (state.fired == 0)
        if not before.on and state is not ARMED:
            assert state == before, "what is off only an arming changes"


@given(st.integers(1, 5), st.integers(2, 5), st.integers(0, 40))
def test_of_each_window_it_takes_only_the_nth(nth: int, window: int, count: int) -> None:
    nth = min(nth, window)
    match = Match({"nth": nth, "window": window})
    taken = [match.takes(Subject(number)) for number in range(count)]
    assert taken == [number % window == nth - 1 for number in range(count)]
