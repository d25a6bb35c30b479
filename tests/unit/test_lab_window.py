"""The rows that a look at a store asks for."""

import pytest
from werkzeug.datastructures import MultiDict

from chassis.lab.match import MAX_ID
from chassis.lab.routes import MOST_ROWS, wanted_window


@pytest.mark.parametrize(
    ("query", "window"),
    [
        ({}, (None, MOST_ROWS)),
        ({"after": "7", "limit": "3"}, (7, 3)),
        ({"after": "-1", "limit": "0"}, (None, 1)),
        ({"after": "1_0", "limit": "٣"}, (None, MOST_ROWS)),
        ({"after": str(MAX_ID + 1), "limit": str(MOST_ROWS + 1)}, (MAX_ID, MOST_ROWS)),
        ({"after": "x", "limit": "x"}, (None, MOST_ROWS)),
    ],
)
def test_a_window_is_kept_within_what_a_store_can_answer(
    query: dict[str, str], window: tuple[int | None, int]
) -> None:
    assert wanted_window(MultiDict(query)) == window
