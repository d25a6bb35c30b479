"""docs/lessons/facts.md has each fact, and its examples can stand in a lesson's file."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from stack.programs import ROOT
from tests.support.lessons import LESSON, lesson_of
from web.lessons.errors import LessonError
from web.lessons.facts.measures import MEASURES
from web.lessons.fields import Value
from web.lessons.forms import FACTS, HOPS, How
from web.lessons.marked import Marked

PAGE = (ROOT / "docs/lessons/facts.md").read_text()
ROWS = re.findall(r"^\| (`\{.*)$", PAGE, flags=re.MULTILINE)
EXAMPLES: list[str] = [it for row in ROWS for it in re.findall(r"`(\{.*?\})`", row)]


def rows_of(kind: str) -> str:
    return "".join(row for row in ROWS if row.startswith(f"`{{{kind}:"))


def words_of(how: How) -> Iterator[str]:
    """Return the words that a part of a fact may be, as the refusal of another names them."""
    try:
        how(Value("file", "it", Marked("no such word", 1)))
    except LessonError as error:
        yield from re.findall(r"[\w-]+", error.what.partition("There is: ")[2])


def test_words_are_found() -> None:
    assert set(words_of(FACTS["rate"].value)) == {"sent", "projected"}


def test_each_kind_is_measured_and_has_a_row() -> None:
    assert MEASURES.keys() == FACTS.keys()
    assert {row[2:].partition(":")[0] for row in ROWS} == set(FACTS)


@pytest.mark.parametrize("kind", FACTS)
def test_a_row_has_all_words_of_its_fact(kind: str) -> None:
    form = FACTS[kind]
    parts: Mapping[str, How] = {kind: form.value, **form.must, **form.may}
    text = rows_of(kind)
    for name, how in parts.items():
        # What `of` means is the same for all, and said above the table.
        assert name == "of" or re.search(rf"\b{re.escape(name)}\b", text), name
        words = set(words_of(how)) - set(HOPS)
        assert {it for it in words if not re.search(rf"\b{re.escape(it)}\b", text)} == set()


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_stand_in_a_file(example: str) -> None:
    fact: dict[str, Any] = {**yaml.safe_load(example), "says": "so"}
    document = yaml.safe_load(LESSON)
    document["facts"]["listed"] = fact
    lesson = lesson_of(yaml.safe_dump(document, sort_keys=False))
    assert lesson.facts["listed"].kind in FACTS
