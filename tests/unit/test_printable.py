"""What a stranger wrote does nothing to a terminal or a log, whichever form that has."""

import json
import logging

import pytest

from chassis.log import JsonLines, ReadableLines
from chassis.printable import printable

ACTS = "\x1b\x9b\r\x07\x7f\u2028\u202e\u2066"
SHOWS = "a é 👩\u200d💻 \u200f\u05d0"


def test_what_acts_is_escaped_and_what_shows_stays() -> None:
    assert printable(SHOWS) == SHOWS
    assert printable("\x1b[2J\u202e") == "\\u001b[2J\\u202e"
    assert printable("one\ntwo", lines=True) == "one\ntwo"
    assert printable("one\ntwo") == "one\\u000atwo"


@pytest.mark.parametrize("form", [ReadableLines(), JsonLines("web")])
def test_a_line_of_the_log_is_one_line_that_does_nothing(form: logging.Formatter) -> None:
    said = f"dead-lettered {ACTS}\nprojected {SHOWS}"
    line = form.format(logging.LogRecord("x", logging.INFO, "", 0, "%s", (said,), None))
    assert not set(ACTS) & set(line)
    assert "\n" not in line
    assert SHOWS in line
    if isinstance(form, JsonLines):
        assert json.loads(line)["message"] == said
