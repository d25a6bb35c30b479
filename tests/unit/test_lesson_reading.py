"""A lesson's file is read whole, or refused with its line."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.lessons import FILE, LESSON, lesson_of
from web.lessons.errors import LessonError
from web.lessons.lesson import Comparison, Condition
from web.lessons.marked import read
from web.lessons.reading import read_lesson


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def refused(text: str, file: str = FILE) -> LessonError:
    with pytest.raises(LessonError) as caught:
        read_lesson(file, text.encode())
    return caught.value


def test_a_lesson_has_what_its_file_says() -> None:
    lesson = lesson_of()
    assert (lesson.id, lesson.number, lesson.core, lesson.minutes) == ("twice", 4, True, 8)
    assert [it.verb for it in lesson.given] == ["set", "create"]
    assert lesson.facts["again"].asks == {
        "hop": "counter-delivered",
        "what": "redelivered",
        "of": "milk",
    }
    predict = lesson.steps[1].ask
    assert predict is not None
    assert predict.choices[1].condition == Condition("counted", Comparison("is", 2))
    cure = lesson.steps[8]
    assert (cure.kind, set(cure.commands), cure.within_s) == ("cure", {"if-match"}, 30)
    assert lesson.keep is not None
    assert [it.is_right for it in lesson.keep.choices] == [True, False]
    assert lesson.document["steps"][0]["point"] == ["counter", "rabbitmq"]


def test_a_cure_repeats_what_was_done_but_for_what_it_leaves_out() -> None:
    lesson = lesson_of()
    repeated = [(it.verb, it.what) for it in lesson.repeated(lesson.steps[8])][:2]
    assert repeated == [("set", "counter/crash"), ("create", "Milk")]


# What is changed in the lesson, and into what; what the error says, and the line it names.
BROKEN = {
    "no such key": ("minutes: 8", "minutes: 8\nlevel: easy", "level: easy", "has no 'level'"),
    "no title": ("title: Twice\n", "", "lesson: twice", "title is missing"),
    "another id": ("lesson: twice", "lesson: thrice", "lesson: thrice", "has to be twice"),
    "another number": ("number: 4", "number: 5", "number: 5", "has to be 4"),
    "a long time": ("minutes: 8", "minutes: 100", "minutes: 100", "whole number from 1 to 60"),
    "core is a word": ("core: true", "core: yes", "core: yes", "true or false"),
    "an empty goal": ("goal: At", "goal:\nnote: At", "goal:", "goal has to be a text"),
    "an unknown kind": ("kind: say", "kind: tell", "kind: tell", "'tell' is not known"),
    "an unknown fact's kind": ("count: created,", "counting: 1,", "counting", "first key"),
    "a fact without words": (
        'says: "created, as the counter says", ',
        "",
        "counted: {",
        "says is missing",
    ),
    "an unknown value": ("count: created,", "count: made,", "count: made", "'made' is not known"),
    "an unknown key of a fact": ("better: more", "best: more", "best: more", "has no 'best'"),
    "a fact of nobody": ("of: milk, says", "of: beer, says", "of: beer", "'beer'"),
    "a reader who does not read": ("of: anna", "of: bert", "of: bert", "Nobody reads as 'bert'"),
    "a choice by no fact": (
        "if: {fact: counted, is: 1}}",
        "if: {fact: counting, is: 1}}",
        "fact: counting",
        "no fact 'counting'",
    ),
    "a choice without a condition": (
        ", if: {fact: counted, is: 1}}\n        - {value: two",
        "}\n        - {value: two",
        '{value: one, says: "1"}',
        "if is missing",
    ),
    "two comparisons": ("is: 1}}", "is: 1, is-not: 3}}", '{value: one, says: "1"', "one compar"),
    "twice the same choice": ("value: two", "value: one", "choices:", "the same value"),
    "a choice that is a number": ('says: "2"', "says: 2", "says: 2", 'put it into "quotes"'),
    "two questions": (
        "question: Draw it.",
        "question: Draw it.\n      number: {unit: a, least: 0, most: 1, fact: stale}",
        "ask:\n      question: Draw it.",
        "one of choices, number and curve",
    ),
    "a curve that goes back": (
        "at_ms: [0, 10, 100], fact",
        "at_ms: [0, 100, 10], fact",
        "at_ms: [0, 100, 10]",
        "go up",
    ),
    "an unknown place to point at": (
        "[counter, rabbitmq]",
        "[count, rabbitmq]",
        "[count,",
        "'count'",
    ),
    "too many to point at": (
        "[counter, rabbitmq]",
        "[counter, rabbitmq, relay, outbox]",
        "[counter, rabbitmq, relay",
        "has 4 entries",
    ),
    "a do without a button": (
        "    button: Crash it there\n",
        "",
        "- kind: do",
        "button is missing",
    ),
    "a say with actions": (
        "point: [counter, rabbitmq]",
        "actions: []",
        "actions: []",
        "A say step has no actions",
    ),
    "no switch": (
        "set: counter/no-inbox",
        "set: no-inbox",
        "set: no-inbox",
        "a place and a switch",
    ),
    "an unknown action": ("create: Milk", "make: Milk", "make: Milk", "'make' is no action"),
    "a todo that was not created": (
        "change: milk",
        "change: beer",
        "change: beer",
        "No todo was created as 'beer'",
    ),
    "a change of nothing": (
        "title: Oat milk, as-read",
        "as-read",
        "change: milk, as-read",
        "needs title or comp",
    ),
    "what nobody has read": (
        "as-read: anna",
        "as-read: bert",
        "as-read: bert",
        "Nobody has read 'milk' as 'bert'",
    ),
    "a setting of an unknown todo": ("todo: $bread", "todo: $beer", "todo: $beer", "'beer'"),
    "a wait for no fact": (
        "wait: {fact: again",
        "wait: {fact: agin",
        "wait: {fact: agin",
        "no fact 'agin'",
    ),
    "a cure without what was not set": (
        "without: [counter/no-inbox]",
        "without: [counter/pause]",
        "- kind: cure",
        "has set counter/pause",
    ),
    "an unknown protection": ("if-match: true", "if-matched: true", "if-matched", "is not known"),
    "a table of no fact": ("table: [counted", "table: [county", "- kind: cure", "no fact 'county'"),
    "a source without a module": (
        '"query_service.counts:Counts.count"',
        "Counts.count",
        "object: Counts.count",
        "module:name",
    ),
    "two right answers": ("says: Luck", "says: Luck, right: true", "keep:", "right: true"),
    "an address of a file": ("https://example.org/", "file:///etc/passwd", "file:///", "https://"),
    "itself": ("of: dual-write", "of: twice", "- kind: recall", "does not recall itself"),
    "a control character": (
        "title: A bet",
        'title: "A\\tb\\x07et"',
        'title: "A',
        "control characters",
    ),
    "a key that is there twice": (
        "minutes: 8",
        "minutes: 8\nminutes: 9",
        "minutes: 9",
        "there twice",
    ),
    "an anchor": ("title: A bet", "title: &bet A bet", "&bet", "no anchors"),
    "a tag": ("title: A bet", "title: !!str A bet", "!!str", "no tags"),
    "no YAML": ("title: A bet", 'title: "A bet', "ask:", "not YAML"),
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_broken_file_is_refused_with_its_line(why: str) -> None:
    old, new, place, says = BROKEN[why]
    assert old in LESSON
    text = LESSON.replace(old, new, 1)
    error = refused(text)
    assert says in error.what, error.what
    if why != "no YAML":
        assert error.line == line_of(text, place), str(error)
    assert str(error).startswith(f"{FILE}:{error.line}: ")


def test_a_step_has_at_most_60_words_in_all() -> None:
    # Its title has four.
    most = " ".join(["word"] * 56)
    lesson_of(LESSON.replace("The counter keeps a number.", most))
    text = LESSON.replace("The counter keeps a number.", f"{most} more")
    error = refused(text)
    assert (error.line, error.what) == (
        line_of(text, "- kind: say"),
        "The step 1 has 61 words; at most 60.",
    )


def test_the_words_of_a_question_and_its_choices_count_too() -> None:
    said = " ".join(["a"] * 60)
    text = LESSON.replace('says: "1", if', f'says: "{said}", if', 1)
    assert "words; at most 60" in refused(text).what


@pytest.mark.parametrize("kind", ["saw", "watch", "cure"])
def test_what_looks_back_comes_after_something(kind: str) -> None:
    first = LESSON.index("  - kind: say")
    step = {
        "saw": "ask: {question: What, choices: [{value: a, says: a, if: {fact: seen, is: 1}},"
        " {value: b, says: b, if: {fact: seen, is: 2}}]}",
        "watch": "claims: [{fact: seen, is: 1, says: So it is.}]",
        "cure": "button: Again",
    }[kind]
    text = f"{LESSON[:first]}  - kind: {kind}\n    title: Too early\n    {step}\n{LESSON[first:]}"
    error = refused(text)
    assert (error.line, "comes after a" in error.what) == (line_of(text, f"kind: {kind}"), True)


@pytest.mark.parametrize("name", ["lessons/twice.yaml", "lessons/04_twice.yaml", "04-Twice.yaml"])
def test_a_file_is_named_by_number_and_id(name: str) -> None:
    assert "04-twice.yaml" in refused(LESSON, name).what


@pytest.mark.parametrize(
    ("data", "line", "says"),
    [
        (b"", 1, "empty"),
        (b"a: 1\n---\nb: 2\n", 2, "second document"),
        (b"a: 1\nb: \xff\n", 2, "UTF-8"),
        (b"a: 1\nb: \x00\n", 2, "not allowed"),
        (b"a:\n  - b\n c\n", 3, "not YAML"),
        (b"a: *b\n", 1, "aliases"),
        (b"? [a]\n: b\n", 1, "A key is a word"),
        (b"[" * 50, 1, "nested too deeply"),
        (b"a: " + b"b" * 70_000, 1, "larger than 64 KiB"),
    ],
)
def test_what_cannot_be_a_lesson_says_where(data: bytes, line: int, says: str) -> None:
    with pytest.raises(LessonError) as caught:
        read("x.yaml", data)
    assert (caught.value.line, says in caught.value.what) == (line, True), str(caught.value)


def test_words_that_surprise_are_texts() -> None:
    text = b"a: [no, on, 2026-12-01, 1:30, 010, 0x1f, 1e3, '1', 12, -1.5, true, false, ~, null]"
    assert read("x.yaml", text).plain()["a"] == [
        *("no", "on", "2026-12-01", "1:30", "010", "0x1f", "1e3", "1"),
        *(12, -1.5, True, False, None, None),
    ]


@given(st.data())
def test_a_file_that_is_cut_or_garbled_is_read_or_refused_and_nothing_else(
    data: st.DataObject,
) -> None:
    lines = LESSON.splitlines(keepends=True)
    at = data.draw(st.integers(0, len(lines) - 1))
    how = data.draw(st.sampled_from(["leave out", "cut", "garble", "indent", "double"]))
    garbled = data.draw(st.text(max_size=20))
    changed = {
        "leave out": lines[:at] + lines[at + 1 :],
        "cut": lines[:at],
        "garble": [*lines[:at], garbled, "\n", *lines[at + 1 :]],
        "indent": [*lines[:at], f"  {lines[at]}", *lines[at + 1 :]],
        "double": [*lines[: at + 1], *lines[at:]],
    }[how]
    text = "".join(changed).encode("utf-8", "surrogatepass")
    with suppress(LessonError):
        assert read_lesson(FILE, text).id == "twice"
