"""The lab's terminal command: what it says of a lab, and what it understands."""

from typing import Any

import pytest

from web.lab.__main__ import _flat
from web.lab.client import LabClient, LabError
from web.lab.settings import BadWords, setting_of, the_one
from web.lab.words import changes, described, listed, places_of, state_says

FOR_S = {"name": "for_s", "kind": "number", "unit": "s", "least": 1, "most": 600, "default": 600}
CRASH: dict[str, Any] = {
    "does": "Kills the process.",
    "teaches": "What is not durable is lost.",
    "kind": "fault",
    "parameters": [
        {
            "name": "at",
            "does": "Where it acts.",
            "kind": "choice",
            "choices": [{"value": "before-write", "says": "before the write"}],
            "default": "before-write",
            "group": "setting",
        },
        {"name": "todo", "does": "Only it.", "kind": "number", "default": None, "group": "match"},
        {"name": "word", "does": "Only these.", "kind": "text", "default": None, "group": "match"},
        {**FOR_S, "does": "It ends by itself.", "group": "time"},
    ],
}
OFF = {"on": False, "state": "off", "fired": 0, "cleared": None, "until_ms": None}
ARMED = {**OFF, "on": True, "state": "armed", "until_ms": 61_000}
HELD = {"todo": 5, "title": "Buy milk", "at": "after-write", "since_ms": 0}


def lab(**states: dict[str, Any]) -> dict[str, Any]:
    place = {"switches": states, "descriptions": dict.fromkeys(states, CRASH), "holds": {}}
    return {
        "projector": place,
        "relay": {"descriptions": {"kill": {"does": "Kills."}}},
        "web": None,
    }


def test_places_and_switches_are_listed_in_the_order_of_the_flow() -> None:
    assert list(listed(lab(crash=OFF, hold={**ARMED, "holding": [HELD]}), 1000)) == [
        "relay",
        "  kill               fault    by hand",
        "projector",
        "  crash              fault    off",
        "  hold               fault    armed, 60 s left",
        "                              holds Buy milk (#5), after-write, for 1 s",
        "web does not answer",
    ]
    assert places_of(lab()) == ["relay"]


def test_a_switch_is_described_with_all_that_it_takes() -> None:
    text = "\n".join(described("projector", "crash", CRASH))
    assert text.startswith("projector crash: a fault\nKills the process.\nWhat is not durable")
    assert "before-write: before the write (if not given)" in text
    assert "Only for:\n  todo" in text
    assert "For how long:\n  for_s        1 to 600 s, 600 if not given. It ends by itself." in text


def test_a_switch_says_how_it_stands() -> None:
    assert (
        state_says({**ARMED, "fired": 2, "until_ms": 601_000}, 1000) == "fired 2 times, 10 min left"
    )
    cleared = {**OFF, "state": "cleared", "cleared": "time"}
    assert state_says(cleared, 0) == "cleared: its time was over"
    assert state_says({**cleared, "fired": 1}, 0) == "fired once, then cleared: its time was over"


def test_what_changes_is_told_once_and_what_was_not_known_is_not() -> None:
    before, now = lab(crash=OFF), lab(crash=ARMED)
    assert list(changes(before, now, 1000)) == ["projector crash: armed, 60 s left"]
    assert list(changes(now, now, 2000)) == []
    assert list(changes({}, now, 1000)) == []


def test_words_become_a_setting() -> None:
    words = ["at=before-write", "todo=5", "word=a = b"]
    setting = {"on": True, "at": "before-write", "todo": 5, "word": "a = b"}
    assert setting_of(CRASH, words) == setting


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("todo", "'todo' is no name=value."),
        ("tod=1", "It has no parameter 'tod'. Perhaps todo?"),
        ("x=1", "It has no parameter 'x'. There is: at, todo, word, for_s."),
        ("todo=five", "todo is a whole number, and not 'five'."),
    ],
)
def test_what_is_not_understood_is_said(words: str, says: str) -> None:
    with pytest.raises(BadWords) as told:
        setting_of(CRASH, [words])
    assert str(told.value) == says


def test_a_name_that_is_nearly_right_is_guessed() -> None:
    with pytest.raises(BadWords, match=r"There is no place .projecter.\. Perhaps projector\?"):
        the_one("place", "projecter", ["relay", "projector"])


def test_an_answer_is_written_as_lines_whatever_is_in_it() -> None:
    answer = {"agree": True, "lifted": {"relay": ["pause"]}, "todos": [{"id": 1, "cure": None}]}
    assert _flat(answer) == [
        "agree: yes",
        "lifted relay: pause",
        "todos id: 1",
        "todos cure: not known",
    ]


def test_that_nothing_answers_is_said_in_words() -> None:
    with pytest.raises(
        LabError, match=r"Nothing answers at http://127\.0\.0\.1:1\. Is the stack up\?"
    ):
        LabClient("http://127.0.0.1:1", "").lab()
