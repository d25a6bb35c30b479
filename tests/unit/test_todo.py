"""The aggregate's rules."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from command_service.todo import _BLANK, InvalidTitle, Title, Todo, change, create, delete
from tests.support.contracts import CONTRACTS


def is_title(text: str) -> bool:
    try:
        return bool(Title(text))
    except InvalidTitle:
        return False


TITLES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=200).filter(
    is_title
)
TODOS = st.builds(
    Todo, st.integers(1, 10**9), TITLES, st.booleans(), st.integers(min_value=1, max_value=10**9)
)


def test_a_title_is_kept_without_the_space_around_it() -> None:
    assert Title("  Learn CQRS \n") == "Learn CQRS"


def test_a_title_of_200_characters_is_allowed_whatever_their_bytes() -> None:
    assert Title("🜁" * 200) == "🜁" * 200


@pytest.mark.parametrize(
    "text",
    ["", " \t\n", "x" * 201, "a\x00b", "a\nb", "a\tb", "a\x7fb", "a\x85b", "a\ud800b", "\udfff"],
)
def test_a_title_that_is_empty_too_long_or_not_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidTitle):
        Title(text)


@pytest.mark.parametrize(
    "text",
    [
        "\u200b",  # zero-width space
        "\u200d\ufe0f",  # a joiner and a variation selector
        "\u00ad \u00ad",  # soft hyphens
        "\u202e\u2066",  # bidi controls
        "\u3164",  # Hangul filler
        "\u115f\u1160\uffa0",
        "\u2800",  # the blank Braille pattern
        "\ufeff",
        "\U000e0041",  # a tag
    ],
)
def test_a_title_that_shows_nothing_is_refused(text: str) -> None:
    with pytest.raises(InvalidTitle, match="no character that can be seen"):
        Title(text)


@pytest.mark.parametrize(
    "text", ["👩\u200d💻", "\u202eLearn", "\u0645\u06cc\u200c\u062e\u0648", "❤\ufe0f", "⠁", "ﾡ"]
)
def test_invisible_characters_beside_visible_ones_are_kept(text: str) -> None:
    assert Title(text) == text


def test_a_character_that_is_newer_than_this_python_can_be_seen() -> None:
    assert Title("\U0001faf9\U0001fabe") == "\U0001faf9\U0001fabe"
    assert Title("\U0001fade") == "\U0001fade"


def test_the_contract_and_the_rule_know_the_same_characters() -> None:
    document = yaml.safe_load((CONTRACTS / "commands.openapi.yaml").read_text())
    pattern: str = document["components"]["schemas"]["Title"]["pattern"]
    (can_be_seen,) = re.findall(r"\*(\[\^.*\])\[", pattern)
    characters = "".join(chr(it) for it in range(0x110000) if not 0xD800 <= it < 0xE000)
    seen = set(re.findall(can_be_seen, characters))
    blank = set(re.findall(_BLANK, characters))
    assert seen == set(characters) - blank
    assert [it for it in "a\u00ad\u3164\U0001fade" if is_title(it)] == ["a", "\U0001fade"]


def test_a_title_is_kept_in_the_form_nfc() -> None:
    assert Title("Cafe\u0301") == "Caf\u00e9"
    assert Title("e\u0301" * 200) == "\u00e9" * 200


@pytest.mark.parametrize("text", ["a\u0316\u0301" * 2000, "e\u0301" * 201, "\u0958" * 101])
def test_the_length_counts_in_the_form_nfc(text: str) -> None:
    with pytest.raises(InvalidTitle, match="at most 200"):
        Title(text)


@given(TITLES)
def test_trimming_twice_is_trimming_once(title: str) -> None:
    assert Title(Title(title)) == Title(title)


@given(TITLES)
def test_a_new_todo_is_at_version_one_and_not_completed(title: str) -> None:
    new = create(Title(title))
    assert new.kind == "todo.created"
    assert new.with_id(7).todo == Todo(7, Title(title), completed=False, version=1)


@given(TODOS, st.none() | st.builds(Title, TITLES), st.none() | st.booleans())
def test_each_real_change_is_one_event_and_one_version(
    todo: Todo, title: Title | None, completed: bool | None
) -> None:
    happened = change(todo, title, completed)
    renamed = title is not None and title != todo.title
    switched = completed is not None and completed != todo.completed
    assert len(happened) == renamed + switched
    assert [each.todo.version - todo.version for each in happened] == list(
        range(1, len(happened) + 1)
    )
    if happened:
        last = happened[-1].todo
        assert last.title == (title if title is not None else todo.title)
        assert last.completed == (completed if completed is not None else todo.completed)


def test_renaming_and_completing_at_once_gives_the_state_in_between_too() -> None:
    first, second = change(Todo(1, "a", completed=False, version=4), Title("b"), completed=True)
    assert (first.kind, first.todo) == ("todo.renamed", Todo(1, "b", completed=False, version=5))
    assert (second.kind, second.todo) == ("todo.completed", Todo(1, "b", completed=True, version=6))


def test_reopening_is_an_event_of_its_own() -> None:
    [event] = change(Todo(1, "a", completed=True, version=2), None, completed=False)
    assert event.kind == "todo.reopened"


def test_a_deletion_carries_the_last_state_and_the_next_version() -> None:
    event = delete(Todo(7, "a", completed=True, version=3))
    assert (event.kind, event.todo) == ("todo.deleted", Todo(7, "a", completed=True, version=4))
