"""The lessons of some folders: read again when they change, and refused one by one."""

import os
from pathlib import Path

import pytest

from chassis.problems import Problem
from tests.support.lessons import LESSON
from web.lessons.shelf import Shelf

TWO = LESSON.replace("lesson: twice", "lesson: dual-write").replace("number: 4", "number: 2")
TWO = TWO.replace("    of: dual-write", "    of: twice")


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    ours, own = tmp_path / "lessons", tmp_path / "own"
    ours.mkdir()
    own.mkdir()
    (ours / "04-twice.yaml").write_text(LESSON)
    (ours / "02-dual-write.yaml").write_text(TWO)
    return [ours, own]


def listed(shelf: Shelf) -> list[tuple[str, str]]:
    return [(it["lesson"], it.get("error", "")) for it in shelf.listed()]


def test_they_are_listed_by_number_with_what_a_list_shows(folders: list[Path]) -> None:
    shelf = Shelf(folders)
    assert listed(shelf) == [("dual-write", ""), ("twice", "")]
    assert shelf.listed()[1] == {
        "lesson": "twice",
        "number": 4,
        "title": "Twice",
        "core": True,
        "minutes": 8,
        "goal": "At least once is more than once now and then.",
    }


def test_a_file_that_has_changed_is_read_again(folders: list[Path]) -> None:
    shelf, path = Shelf(folders), folders[1] / "90-mine.yaml"
    path.write_text(LESSON.replace("twice", "mine").replace("number: 4", "number: 90"))
    assert shelf.lesson("mine").title == "Twice"
    path.write_text(path.read_text().replace("title: Twice", "title: Mine"))
    assert shelf.lesson("mine").title == "Mine"
    path.write_text(path.read_text().replace("minutes: 8\n", ""))
    assert listed(shelf)[-1] == ("mine", "own/90-mine.yaml:1: the lesson: minutes is missing.")
    with pytest.raises(Problem, match="minutes is missing"):
        shelf.lesson("mine")
    path.unlink()
    with pytest.raises(Problem, match="no such lesson"):
        shelf.lesson("mine")


def test_a_teachers_own_takes_the_place_of_no_other(folders: list[Path]) -> None:
    (folders[1] / "40-twice.yaml").write_text(LESSON.replace("number: 4", "number: 40"))
    what = "own/40-twice.yaml:1: lessons/04-twice.yaml is a lesson 'twice' too. Choose another id."
    shelf = Shelf(folders)
    assert listed(shelf)[-1] == ("twice", what)
    assert shelf.lesson("twice").number == 4


def test_what_is_recalled_is_filled_in_and_has_to_be_there(folders: list[Path]) -> None:
    shelf = Shelf(folders)
    recalls = shelf.document("twice")["steps"][-1]
    assert recalls["ask"]["question"] == "What makes twice harmless?"
    assert recalls["text"].startswith("This is about lesson 2, ")
    assert shelf.kept("dual-write") is not None
    (folders[0] / "02-dual-write.yaml").write_text(TWO[: TWO.index("keep:")])
    line = LESSON[: LESSON.index("  - kind: recall")].count("\n") + 1
    why = f"lessons/04-twice.yaml:{line}: The lesson 'dual-write' keeps no question."
    assert ("twice", why) in listed(shelf)
    (folders[0] / "02-dual-write.yaml").unlink()
    assert "is not there" in dict(listed(shelf))["twice"]


def test_folders_and_files_that_cannot_be_read_stop_nothing(folders: list[Path]) -> None:
    (folders[1] / "90-a-folder.yaml").mkdir()
    (folders[1] / "91-nowhere.yaml").symlink_to("nowhere")
    shelf = Shelf([*folders, folders[0] / "missing"])
    found = dict(listed(shelf))
    assert found["twice"] == ""
    assert "cannot be read: Is a directory" in found["a-folder"]
    assert "cannot be read: No such file" in found["nowhere"]
    assert os.path.lexists(folders[1] / "91-nowhere.yaml")
