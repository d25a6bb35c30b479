"""Headers that are lists: what they say, and that no value takes longer than its length."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.headers import MalformedHeader, baggage, entity_tags, members, preferences
from tests.support.deadline import ends

# Far more than a server lets through, so that even a quadratic reader does not end.
LENGTH = 1024 * 1024
# What an expression that tries twice gets stuck in, as a beginning, a repeated part and an end.
WORST = [
    ("a", "; ", ""),
    ("a", "; ", "="),
    ("wait=1", " ", "x"),
    ("wait", " ", ""),
    ('a="', "\\", ""),
    ('"', "a", ""),
    ("", '"a", ', "x"),
    ("", ",", "x"),
    ("", "W/", ""),
    ("", "1.1,", "x"),
    ("", "=;", ""),
]


@pytest.mark.parametrize("read", [members, preferences, entity_tags])
@pytest.mark.parametrize(("begin", "part", "end"), WORST)
def test_the_worst_header_is_read_in_one_pass(
    read: Callable[[str], object], begin: str, part: str, end: str
) -> None:
    assert ends(read, begin + part * (LENGTH // len(part)) + end)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ('"1"', [(False, "1")]),
        (' W/"1" , "2",, "a,b",', [(True, "1"), (False, "2"), (False, "a,b")]),
        ('""', [(False, "")]),
    ],
)
def test_entity_tags_are_found_with_empty_members_between_them(
    value: str, found: list[tuple[bool, str]]
) -> None:
    assert entity_tags(value) == found


@pytest.mark.parametrize("value", ["", ",", "1", '"1', '"1" "2"', '"1"2', 'w/"1"', '"\x7f"'])
def test_what_is_no_list_of_entity_tags_is_refused(value: str) -> None:
    with pytest.raises(MalformedHeader):
        entity_tags(value)


WORD = st.text("abcXYZ0189-._~", min_size=1, max_size=8)
PLAIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)
# As it is sent, and what it says.
VALUE = WORD.map(lambda word: (word, word)) | PLAIN.map(lambda text: (quoted(text), text))


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(st.dictionaries(WORD.map(str.lower), VALUE, min_size=1, max_size=5))
def test_every_preference_is_found_whatever_its_value_is(
    wanted: dict[str, tuple[str, str]],
) -> None:
    value = " , ,".join(f"{name} = {sent};p;;q={sent}" for name, (sent, _) in wanted.items())
    assert preferences(value) == {name: said for name, (_, said) in wanted.items()}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", {}),
        ("sender=ada", {"sender": "ada"}),
        ("room=1, sender = Ada%20L ; since=1,,", {"room": "1", "sender": "Ada L"}),
        ("sender=a=b", {"sender": "a=b"}),
        ("sender, ;=, sender=ada", {"sender": "ada"}),
    ],
)
def test_baggage_is_a_list_of_names_and_values(value: str, said: dict[str, str]) -> None:
    assert baggage(value) == said
