"""docs/teaching.md has each lesson, by its number, star and minutes, and its timetables fit."""

import re
from pathlib import Path

import pytest

from stack.programs import ROOT
from web.lessons.lesson import Lesson
from web.lessons.reading import read_lesson

TEACHING = (ROOT / "docs/teaching.md").read_text()
FILES = sorted((ROOT / "lessons").glob("*.yaml"))
ROW = re.compile(r"^\| (\d+)\u2013(\d+) \| (.*) \|$", re.MULTILINE)


def lesson(file: Path) -> Lesson:
    """Return the lesson of a file."""
    return read_lesson(file.name, file.read_bytes())


def by_number() -> dict[int, Lesson]:
    """Return the lessons, by number."""
    return {it.number: it for it in map(lesson, FILES)}


def test_each_lesson_has_its_heading_with_its_star_in_the_order_of_numbers() -> None:
    headings = re.findall(r"^### (.+)$", TEACHING, flags=re.MULTILINE)
    wanted = [
        f"{number}. {it.title}{' ★' if it.core else ''}"
        for number, it in sorted(by_number().items())
    ]
    assert headings == wanted


@pytest.mark.parametrize("file", FILES, ids=lambda it: it.stem)
def test_what_is_said_of_a_lesson_has_its_parts_and_its_minutes(file: Path) -> None:
    it = lesson(file)
    section = TEACHING.partition(f"\n### {it.number}. ")[2].partition("\n### ")[0]
    assert f"**{it.minutes} minutes" in section
    for part in ("Goal:", "Say:", "Usual wrong answers:", "Leave out:", "Extra"):
        # Lesson 0 is too short to leave much out of.
        assert part in section or (it.number == 0 and part == "Leave out:"), part


@pytest.mark.parametrize("minutes", [45, 90, 180])
def test_a_timetable_ends_in_time_and_gives_each_lesson_its_minutes(minutes: int) -> None:
    table = TEACHING.partition(f"\n**{minutes} minutes")[2].partition("\n**")[0]
    now, lessons = 0, by_number()
    for began, over, what in ROW.findall(table.partition("\n## ")[0]):
        assert int(began) == now
        now = int(over)
        if numbered := re.match(r"(\d+)[, ]", what):
            it = lessons[int(numbered[1])]
            assert it.title in what
            assert now - int(began) >= it.minutes, it.title
    assert now == minutes


@pytest.mark.parametrize("file", FILES, ids=lambda it: it.stem)
def test_a_lesson_has_further_reading_and_says_what_for(file: Path) -> None:
    reading = lesson(file).reading
    assert reading
    for it in reading:
        assert it.says.endswith("."), it.title
