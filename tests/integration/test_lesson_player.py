"""A lesson is played by its rules, for the whole room, on the real stack."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from stack.local import LocalStack
from tests.support import Client, agree, read_side, until, write_side
from tests.support.browsers import a_browser
from tests.support.lesson_host import LessonHost, own_lesson, typed

LESSON = """\
lesson: rules
number: 900
title: The rules
minutes: 3
goal: To see that the rules are kept.
given:
  - {create: Bread, as: bread}
  - {set: counter/count}
facts:
  listed: {model: todos, what: count, says: todos of this run in the list, unit: todos}
  waiting: {holds: waiting, says: events that wait}
  title: {postgresql: title, of: milk, says: the title of Milk}
  counted: {count: created, says: what the counter has counted}
steps:
  - {kind: say, title: Hello}
  - kind: predict
    title: A bet
    ask:
      question: How many todos will the list have?
      choices:
        - {value: seven, says: "7", if: {fact: listed, is: 7}}
        - {value: eight, says: "8", if: {fact: listed, is: 8}}
  - kind: do
    title: Do it
    button: Do it
    actions:
      - {set: projector/slow, with: {delay_ms: 1}}
      - {create: "It's \\"milk\\" & $HOME", as: milk, key: milk}
      - {create: "It's \\"milk\\" & $HOME", as: same, key: milk}
      - {wait: {fact: listed, at-least: 1, within_s: 30}}
      - {read: {of: milk, as: anna}}
      - {change: milk, title: Oat milk}
      - {change: milk, completed: true, as-read: anna}
      - {create: Rice, as: rice, background: true}
      - {burst: {count: 5}}
      - {delete: bread}
      - {wait: {fact: listed, at-least: 7, within_s: 30}}
      - {clear: projector/slow}
      - {read: {model: todos, times: 3, as: bert}}
  - kind: watch
    title: Look
    within_s: 30
    claims:
      - {fact: listed, is: 7, says: Seven are in the list.}
      - {fact: waiting, is: 0, says: Nothing waits.}
  - kind: saw
    title: What was it?
    ask:
      question: What is the title of Milk now?
      choices:
        - {value: milk, says: Milk, if: {fact: title, is-not: Oat milk}}
        - {value: oat-milk, says: Oat milk, if: {fact: title, is: Oat milk}}
  - kind: watch
    title: What never comes
    within_s: 1
    claims:
      - {fact: listed, is: 99, says: Ninety-nine are in the list.}
      - {fact: waiting, is: 0, says: Nothing waits.}
  - kind: predict
    title: Another bet
    ask:
      question: What did the counter count?
      number: {unit: todos, least: 0, most: 20, fact: counted}
  - kind: cure
    title: Again
    button: Again, with If-Match
    without: [projector/slow]
    commands: {if-match: true}
    within_s: 30
    claims:
      - {fact: counted, is: 7, says: Seven were counted.}
      - {fact: waiting, is: 0, says: Nothing waits.}
    table: [listed, counted]
"""
PREDICT, DO, WATCH, SAW, NEVER, NUMBER, CURE = 1, 2, 3, 4, 5, 6, 7


@pytest.fixture
def host(stack: LocalStack) -> Iterator[LessonHost]:
    host = LessonHost(stack, stack.host_key)
    with own_lesson(stack, "900-rules.yaml", LESSON):
        yield host
        if host.now():
            host.end()
    until(lambda: agree(stack))


@pytest.fixture
def guest(stack: LocalStack) -> LessonHost:
    return LessonHost(stack, "")


def switches(stack: LocalStack, place: str) -> dict[str, bool]:
    lab = requests.get(f"{stack.urls.web}/lab", timeout=60).json()
    return {name: it["on"] for name, it in lab[place]["switches"].items() if it["on"]}


def titles(stack: LocalStack) -> list[str]:
    return [it[0] for it in write_side(stack).values()]


def answers(step: Any) -> list[str]:
    return [it["answer"] for it in step["actions"]]


def done(host: LessonHost) -> Any:
    """Play it up to what it does."""
    host.start("rules")
    host.answer(PREDICT, "seven")
    host.lock(PREDICT)
    return host.act(DO)


def assert_both_runs(host: LessonHost) -> None:
    """Both runs are known, though the stack has gone back between them, and the first is kept."""
    both = host.did("GET", "/lesson/runs")
    pairs = [(it["method"], len(it["was"]), len(it["now"]), it["status"]) for it in both["pairs"]]
    assert len(pairs) == 11
    # With If-Match, the second change is refused; what came with the same key wrote nothing.
    assert pairs.count(("PATCH", 1, 1, 200)) == 1
    assert pairs.count(("PATCH", 1, 0, 412)) == 1
    assert pairs.count(("POST", 1, 1, 201)) == 7
    assert pairs.count(("POST", 0, 0, 201)) == 1
    assert pairs.count(("DELETE", 1, 1, 200)) == 1
    figures = {it["says"]: it for it in both["table"]}
    assert (figures["events"]["was"]["value"], figures["events"]["now"]["value"]) == (10, 9)
    sheet = host.did("GET", "/lesson/sheet")
    plan = host.did("POST", "/rerun", {"run": sheet, "dry_run": True})
    # The todo that was given is created before; the one that it deletes is there then.
    assert (plan["commands"], plan["before"], plan["left_out"]) == (10, 1, [])


def test_a_lesson_is_played_from_its_known_start_to_all_clear(
    stack: LocalStack, host: LessonHost, client: Client
) -> None:
    client.post("Of yesterday")
    with a_browser(stack) as browser:
        host.start("rules")
        assert titles(stack) == ["Bread"]
        assert switches(stack, "counter") == {"count": True}
        host.show(PREDICT)
        for who, answer in (("anna", "eight"), ("bert", "eight"), ("anna", "seven")):
            host.answer(PREDICT, answer, who)
        hands = {"seven": 4, "eight": 11}
        told = host.did("POST", "/lesson/hands", {"step": PREDICT, "counts": hands})
        assert (told["steps"][PREDICT]["answers"], told["steps"][PREDICT]["of"]) == (2, None)
        locked = host.lock(PREDICT)
        assert (locked["of"], locked["hands"]) == ({"seven": 1, "eight": 1}, hands)

        step = host.act(DO)
        assert {it["state"] for it in step["actions"]} == {"done"}, answers(step)
        assert answers(step)[1] == answers(step)[2]
        assert [it["state"] for it in host.settled(WATCH)["claims"]] == ["held", "held"]
        told = host.now()
        assert told["steps"][PREDICT]["right"] == "seven"
        assert told["facts"]["was"]["listed"]["value"] == 7
        # The key made one of two, and without If-Match the later change did not mind the first.
        was = told["runs"]["was"]["todos"]
        assert write_side(stack)[was["milk"]][:2] == ("Oat milk", True)
        assert was["same"] == was["milk"]
        assert len(write_side(stack)) == 7
        until(lambda: read_side(stack).keys() == write_side(stack).keys())
        assert len(told["runs"]["was"]["commands"]) == told["runs"]["was"]["sent"] == 11

        host.show(SAW)
        host.answer(SAW, "milk")
        assert host.lock(SAW)["right"] == "oat-milk"
        claims = host.settled(NEVER)["claims"]
        assert [(it["state"], it["seen"]) for it in claims] == [
            ("not-held", "7 todos"),
            ("held", "0"),
        ]
        host.show(NUMBER)
        host.answer(NUMBER, 6)
        host.lock(NUMBER)

        step = host.act(CURE)
        assert not any("slow" in it["says"] and " on" in it["says"] for it in step["actions"])
        assert [it[:3] for it in answers(step)].count("412") == 1
        assert {it["state"] for it in host.settled(CURE)["claims"]} == {"held"}
        told = host.now()
        assert told["steps"][NUMBER]["right"] == told["facts"]["now"]["counted"]["value"] == 7
        assert told["runs"]["now"]["todos"]["bread"] == told["runs"]["was"]["todos"]["bread"]
        assert write_side(stack)[told["runs"]["now"]["todos"]["milk"]][:2] == ("Oat milk", False)
        assert_both_runs(host)
        until(lambda: len(browser.told["lesson"]) > 3)
        ended = host.end()
        assert (ended["agree"], ended["lesson"]) == (True, "rules"), ended
        assert switches(stack, "counter") == {}
        until(lambda: browser.told["lesson"][-1] is None)
    assert host.now() is None


def test_nothing_is_done_before_the_predictions_are_locked(
    stack: LocalStack, host: LessonHost
) -> None:
    host.start("rules")
    status, name, detail = host.refused("POST", "/lesson/act", {"step": DO})
    assert (status, name) == (409, "predict-first")
    assert "step 1" in detail
    assert switches(stack, "projector") == {}
    assert host.refused("POST", "/lesson/step", {"step": DO})[:2] == (409, "not-done")
    host.lock(PREDICT)
    late = {"step": PREDICT, "who": "late", "answer": "seven"}
    assert host.refused("POST", "/lesson/answers", late)[:2] == (409, "locked")
    assert host.act(DO)["done"]
    assert host.refused("POST", "/lesson/act", {"step": DO})[:2] == (409, "done-already")


def test_what_is_skipped_is_not_said_to_have_come_true(host: LessonHost) -> None:
    host.start("rules")
    told = host.show(WATCH, skip=True)
    assert [it["skipped"] for it in told["steps"][: WATCH + 1]] == [False, True, True, False]
    claims = host.settled(WATCH)["claims"]
    assert {it["state"] for it in claims} == {"unknown"}
    # Going back over them changes nothing.
    told = host.show(PREDICT)
    assert (told["step"], told["reached"]) == (PREDICT, WATCH)


def test_again_forgets_the_attempt_and_begins_from_the_same_start(
    stack: LocalStack, host: LessonHost
) -> None:
    done(host)
    before = host.now()
    told = host.did("POST", "/lesson/again")
    assert (told["attempt"], told["step"], told["run"] == before["run"]) == (2, 0, False)
    assert told["steps"][PREDICT]["answers"] == 0
    assert not told["steps"][DO]["done"]
    assert titles(stack) == ["Bread"]
    assert switches(stack, "counter") == {"count": True}
    # Somebody has kept another start meanwhile: the lesson sets up its own.
    requests.put(
        f"{stack.urls.web}/lab/known-start",
        headers={"Authorization": f"Bearer {stack.host_key}"},
        timeout=60,
    ).raise_for_status()
    host.did("POST", "/lesson/again")
    assert titles(stack) == ["Bread"]
    host.lock(PREDICT)
    assert {it["state"] for it in host.act(DO)["actions"]} == {"done"}


def test_each_curl_works_when_it_is_typed(stack: LocalStack, host: LessonHost) -> None:
    step = done(host)
    told = host.now()
    typed_in = [(it["says"], it["curl"]) for it in step["actions"] if it["curl"]]
    assert len(typed_in) == len(step["actions"]) - 2
    for says, curl in typed_in:
        # What was deleted is gone; its command works all the same.
        status = 404 if says.startswith("Delete") else 200
        answer = typed(stack, curl, status)
        if says.startswith("Create “It's"):
            assert answer["id"] == told["runs"]["was"]["todos"]["milk"]


def test_a_guest_may_look_and_answer_and_no_more(host: LessonHost, guest: LessonHost) -> None:
    host.start("rules")
    for method, path, body in (
        ("POST", "/lesson", {"lesson": "rules", "sure": True}),
        ("POST", "/lesson/step", {"step": 1}),
        ("POST", "/lesson/act", {"step": DO}),
        ("POST", "/lesson/lock", {"step": PREDICT}),
        ("POST", "/lesson/hands", {"step": PREDICT, "counts": {}}),
        ("POST", "/lesson/again", None),
        ("DELETE", "/lesson", None),
    ):
        assert guest.refused(method, path, body)[0] == 401
    guest.answer(PREDICT, "seven")
    assert guest.now()["steps"][PREDICT]["answers"] == 1
    for step, who, answer in (
        (PREDICT, "bert", "nine"),
        (PREDICT, "", "seven"),
        (PREDICT, 5, "seven"),
        (NUMBER, "bert", 21),
        (NUMBER, "bert", "many"),
        (NUMBER, "bert", True),
    ):
        wrong = {"step": step, "who": who, "answer": answer}
        assert guest.refused("POST", "/lesson/answers", wrong)[:2] == (400, "wrong-shape")
    for step in (0, 99, -1):
        nowhere = {"step": step, "who": "bert", "answer": "seven"}
        assert guest.refused("POST", "/lesson/answers", nowhere)[0] in {404, 409}


def test_two_hosts_do_not_do_things_twice(stack: LocalStack, host: LessonHost) -> None:
    other = LessonHost(stack, stack.host_key)
    status, name, detail = host.refused("POST", "/lesson", {"lesson": "rules"})
    assert (status, name) == (409, "not-sure")
    assert "This removes" in detail
    host.start("rules")
    host.lock(PREDICT)
    host.did("POST", "/lesson/act", {"step": DO})
    told = other.refused("POST", "/lesson/act", {"step": DO})
    assert told[1] in {"lesson-busy", "done-already"}
    assert "It ends “The rules”" in other.refused("POST", "/lesson", {"lesson": "rules"})[2]
    # Whoever is sure begins anew, in the middle of what is being done.
    told = other.start("rules")
    assert (told["step"], told["busy"]) == (0, None)
    assert titles(stack) == ["Bread"]
    assert switches(stack, "projector") == {}
    other.lock(PREDICT)
    assert {it["state"] for it in other.act(DO)["actions"]} == {"done"}


def test_a_web_that_starts_anew_has_no_lesson_and_can_begin_one(
    stack: LocalStack, host: LessonHost
) -> None:
    done(host)
    stack.kill_program("web")
    until(lambda: stack.accepts("web"))
    assert until(lambda: host.ask("GET", "/lesson")).json() is None
    assert host.refused("POST", "/lesson/again")[:2] == (404, "no-lesson")
    host.start("rules")
    assert titles(stack) == ["Bread"]


def test_what_is_refused_is_said_and_can_be_gone_on_after(
    stack: LocalStack, host: LessonHost
) -> None:
    broken = LESSON.replace("projector/slow, with: {delay_ms: 1}", "projector/slow, with: {a: 1}")
    with own_lesson(stack, "900-rules.yaml", broken):
        host.start("rules")
    with own_lesson(stack, "900-rules.yaml", LESSON):
        host.lock(PREDICT)
        step = host.act(DO)
        states = [it["state"] for it in step["actions"]]
        assert (step["done"], states[0], set(states[1:])) == (False, "failed", {"waiting"})
        assert "no parameter 'a'" in answers(step)[0]
        # Nothing else was done, and the lesson can be skipped past it.
        assert len(write_side(stack)) == 1
        assert host.show(WATCH, skip=True)["step"] == WATCH


def test_a_file_that_is_no_lesson_is_listed_with_its_line(
    stack: LocalStack, host: LessonHost
) -> None:
    broken = LESSON.replace("minutes: 3", "minutes: soon").replace("rules", "ruled")
    broken = broken.replace("900", "901")
    with own_lesson(stack, "901-ruled.yaml", broken):
        listed = {it["lesson"]: it for it in host.did("GET", "/lessons")}
        assert listed["rules"]["minutes"] == 3
        where = "own-lessons/901-ruled.yaml:4: minutes has to be a whole number from 1 to 60."
        assert listed["ruled"]["error"] == where
        start = {"lesson": "ruled", "sure": True}
        assert host.refused("POST", "/lesson", start) == (422, "lesson-refused", where)
        assert host.refused("GET", "/lessons/ruled")[2] == where
    assert host.refused("GET", "/lessons/ruled")[1] == "no-such-lesson"
    shown = host.did("GET", "/lessons/rules")
    assert shown["steps"][DO]["actions"][1]["key"] == "milk"
