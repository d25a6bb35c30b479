"""What is said of the reads of a lesson's reader."""

from typing import Any

from web.lessons.looking import briefly
from web.lessons.patience import LONGEST_ANSWER
from web.lessons.run import Seen


def seen(titles: list[str], *, status: int | None = 200, by: str = "replica") -> Seen:
    todos: dict[int, Any] = {at: {"id": at, "title": title} for at, title in enumerate(titles)}
    return Seen("anna", "by-turns", by, 0, 1, status, todos)


def test_one_of_many_reads_is_told_by_its_titles_and_whose_they_are() -> None:
    assert briefly(seen(["Bread", "Milk"]), "200, […]") == "replica: Bread, Milk"
    assert briefly(seen(["Bread"], by="todos"), "200, […]") == "first copy: Bread"
    assert briefly(seen(["Bread"], by=""), "200, […]") == "Bread"
    assert briefly(seen([]), "200, []") == "replica: nothing"


def test_a_read_that_shows_no_list_is_told_as_it_was_answered() -> None:
    assert briefly(seen([], status=503), "503, away") == "503, away"
    assert briefly(seen([], status=None), "no answer: refused") == "no answer: refused"


def test_a_long_list_is_cut() -> None:
    assert len(briefly(seen(["x" * 200] * 50), "200, […]")) == LONGEST_ANSWER
