"""The source that the lab shows is that of what was asked for, and of nothing else."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import chassis.lab.source
import chassis.problems
from chassis.lab.lab import Lab
from chassis.lab.routes import add_lab, add_places
from chassis.lab.source import MOST_LINES, find

TEXT = '''"""A module."""

LIMIT = 3
WORDS: tuple[str, ...] = (
    "one",
    "two",
)


class Counts:
    """Counts."""

    @property
    @cached
    def total(self) -> int:
        """Return it."""
        return 1

    if LIMIT:

        async def later(self) -> None:
            def total() -> None:
                pass


def total() -> int:
    return 2
'''


@pytest.mark.parametrize(
    ("qualname", "line", "first", "last"),
    [
        ("LIMIT", 3, "LIMIT = 3", "LIMIT = 3"),
        ("WORDS", 4, "WORDS: tuple[str, ...] = (", ")"),
        ("Counts.total", 13, "    @property", "        return 1"),
        ("Counts.later.total", 22, "            def total() -> None:", "                pass"),
        ("total", 26, "def total() -> int:", "    return 2"),
    ],
)
def test_a_name_is_found_with_its_line(qualname: str, line: int, first: str, last: str) -> None:
    found = find(TEXT, qualname)
    assert found
    assert (found.line, found.lines[0], found.lines[-1], found.more) == (line, first, last, 0)
    assert TEXT.split("\n")[found.line - 1] == found.lines[0]


@pytest.mark.parametrize("qualname", ["", "later", "Counts.missing", "Counts.", "LIMIT.real", "."])
def test_what_is_not_there_is_not_found(qualname: str) -> None:
    assert find(TEXT, qualname) is None


def test_what_is_long_is_cut_and_says_so() -> None:
    found = find("def long():\n" + "    pass\n" * 500, "long")
    assert found
    assert (len(found.lines), found.more) == (MOST_LINES, 501 - MOST_LINES)


def client() -> FlaskClient:
    app = Flask("app")
    chassis.problems.answer_with_problems(app)
    add_lab(app, Lab(), dict)
    return app.test_client()


def ask(of: FlaskClient, named: str) -> tuple[int, Any]:
    answer = of.get("/lab/source", query_string={"object": named})
    return answer.status_code, answer.get_json()


def test_a_process_shows_its_own_packages() -> None:
    status, told = ask(client(), "chassis.lab.source:find")
    lines = Path("chassis/lab/source.py").read_text().split("\n")
    assert (status, told["file"], told["more_lines"]) == (200, "chassis/lab/source.py", 0)
    assert told["text"].split("\n")[0] == lines[told["line"] - 1]
    assert told["text"].startswith("def find(text: str")
    # A process of several places has the route as well.
    app = Flask("places")
    add_places(app, {})
    assert ask(app.test_client(), "chassis.lab.source:find") == (200, told)


@pytest.mark.parametrize(
    ("named", "status"),
    [
        ("json:dumps", 404),
        ("flask:Flask", 404),
        ("chassis.lab.source:nothing", 404),
        ("chassis.no_such_module:it", 404),
        ("../chassis.lab.source:find", 404),
        ("chassis.lab.source", 400),
        (":find", 400),
        ("", 400),
        (f"chassis.lab.source:{'f' * 300}", 400),
    ],
)
def test_anything_else_is_refused(named: str, status: int) -> None:
    assert ask(client(), named)[0] == status


def test_a_file_that_was_changed_since_is_not_what_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chassis.lab.source, "ROOT", tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "mended.py").write_text("def it():\n    pass\n")
    before = time.time() - 60
    os.utime(tmp_path / "mended.py", (before, before))
    __import__("mended")
    of = client()
    assert ask(of, "mended:it")[0] == 200
    os.utime(tmp_path / "mended.py", (before + 3600, before + 3600))
    assert ask(of, "mended:it")[0] == 409
