"""What a query asks for."""

import pytest

from chassis.problems import Problem
from query_service.http.parameters import MOST_TODOS, WantedPage, parse_id, wanted_page


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (b"", WantedPage(None, MOST_TODOS, 0)),
        (b"limit=1", WantedPage(None, 1, 0)),
        (b"limit=1000&after=7", WantedPage(None, 1000, 7)),
        (b"completed=true", WantedPage(True, MOST_TODOS, 0)),
        (b"after=9223372036854775807&completed=false", WantedPage(False, MOST_TODOS, 2**63 - 1)),
    ],
)
def test_a_page_is_asked_for_by_state_limit_and_the_id_before_it(
    query: bytes, wanted: WantedPage
) -> None:
    assert wanted_page(query) == wanted


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        (b"completed=yes", "completed has to be true or false."),
        (b"limit=0", "limit has to be a whole number from 1 to 1000."),
        (b"after=x", "after has to be a whole number from 0 to 9223372036854775807."),
        (b"colour=red", "There is no parameter 'colour' here."),
        (b"limit=1&limit=2", "The parameter limit is there twice."),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(query: bytes, detail: str) -> None:
    with pytest.raises(Problem) as refused:
        wanted_page(query)
    assert (refused.value.name, refused.value.detail) == ("bad-parameter", detail)


@pytest.mark.parametrize("text", ["0", "-1", "x", "1.5", "01", "", str(2**63), "9" * 40])
def test_an_impossible_id_is_read_as_none(text: str) -> None:
    assert parse_id(text) is None


def test_the_smallest_and_the_largest_id_are_valid() -> None:
    assert (parse_id("1"), parse_id(str(2**63 - 1))) == (1, 2**63 - 1)
