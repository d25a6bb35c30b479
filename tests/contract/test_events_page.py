"""docs/events.md says what the AsyncAPI document says."""

from tests.support.events_page import PAGE, written


def test_the_page_of_the_events_is_that_of_the_document() -> None:
    assert PAGE.read_text() == written(), "write it again: python -m tests.support.events_page"
