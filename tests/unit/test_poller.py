"""Finding the newest todos by looking at a few places, not at all of them."""

from hypothesis import given
from hypothesis import strategies as st

from web.background.newest_window import last_id


@given(st.sets(st.integers(1, 10_000)), st.integers(0, 10_000))
def test_the_largest_id_is_found_from_any_starting_point(ids: set[int], after: int) -> None:
    found = last_id(after, lambda todo_id: any(each > todo_id for each in ids))
    assert found == max({each for each in ids if each > after}, default=after)


def test_a_million_todos_take_about_forty_looks() -> None:
    looks: list[int] = []

    def is_any_beyond(todo_id: int) -> bool:
        looks.append(todo_id)
        return todo_id < 1_000_000

    assert last_id(0, is_any_beyond) == 1_000_000
    assert len(looks) <= 45
