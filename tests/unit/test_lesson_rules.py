"""A lesson's rules hold in whatever order hosts and guests ask."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.problems import Problem
from tests.support import until
from tests.support.lessons import LESSON
from web.lessons.actions import Actions
from web.lessons.answers import Answers, BadAnswer, checked_answer, checked_hands
from web.lessons.evidence import Measured
from web.lessons.lesson import Action, Choice, CurveAsked, NumberAsked, Question
from web.lessons.measuring import Measures
from web.lessons.player import Player
from web.lessons.playing import Playing, Refused
from web.lessons.shelf import Shelf
from web.lessons.state import Attempt, Doing
from web.mending.all_clear import AllClear
from web.mending.known_start import KnownStarts
from web.mending.mending import Mending
from web.mending.one_at_a_time import OneAtATime
from web.own_time import OwnTime
from web.room.room import Room

OTHER = LESSON.replace("twice", "dual-write").replace("number: 4", "number: 2")


class Stack:
    """A stack that does all at once, and remembers what; it can refuse the next action."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.facts: dict[str, Any] = {}
        self.refuses: Refused | None = None
        self.kept = ""

    # Actions

    def planned(self, action: Action, _facts: Any) -> Doing:
        return Doing(action, action.verb, None)

    def carry_out(self, doing: Doing, _playing: Playing) -> None:
        if doing.by_hand:
            doing.state, doing.by_hand = "done", False
            return
        if self.refuses:
            refused, self.refuses = self.refuses, None
            doing.state, doing.by_hand = "failed", refused.by_hand
            raise refused
        self.did.append(f"{doing.action.verb} {doing.action.what}")
        doing.state = "done"

    # Known starts and All clear

    def shown(self) -> Mapping[str, Any]:
        return {"reset": "This removes 0 todos.", "known_start": {"name": self.kept}}

    def reset(self) -> None:
        self.did = []

    def take(self) -> Mapping[str, Any]:
        self.kept = f"start {len(self.kept)}"
        return {"known_start": {"name": self.kept}}

    def restore(self) -> None:
        self.did.append("back")

    def run(self, *, cure: bool = False) -> dict[str, Any]:
        self.did = []
        return {"says": "All clear", "agree": cure}

    def lift(self, *_arguments: object) -> None:
        return None

    # Measures

    def begin(self, _run: object) -> None:
        return None

    def rest(self) -> None:
        return None

    def of(self, _lesson: object, _run: object, names: Any) -> dict[str, Measured]:
        return {it: Measured(self.facts.get(it), "nobody knows") for it in names}

    # The room, and time

    def tell(self, _what: str, _message: object) -> None:
        return None

    def now_ms(self) -> float:
        return 1000.0


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    folder = tmp_path_factory.mktemp("lessons")
    (folder / "04-twice.yaml").write_text(LESSON)
    (folder / "02-dual-write.yaml").write_text(OTHER.replace("of: dual-write", "of: twice"))
    return Shelf([folder])


def a_player(shelf: Shelf, left_after_s: float = 3600.0) -> tuple[Player, Stack]:
    stack: Any = Stack()
    player = Player(
        shelf,
        cast("Actions", stack),
        cast("Measures", stack),
        Mending(cast("AllClear", stack), cast("KnownStarts", stack), OneAtATime()),
        cast("Room", stack),
        cast("OwnTime", stack),
        most_answers=3,
        left_after_s=left_after_s,
    )
    return player, stack


def over(player: Player) -> None:
    """Wait for what a step does, and look once at what is watched."""
    player.runner.wait(60)
    attempt = player.attempt
    if attempt:
        player.watching.look(attempt)


@pytest.fixture
def played(shelf: Shelf) -> tuple[Player, Stack]:
    player, stack = a_player(shelf)
    player.start("twice")
    return player, stack


# What a host and guests ask for, the steps first that there are for it.
ASKS, DOES, WATCHES = (1, 2, 3, 6, 9), (4, 8), (5, 8)
REQUESTS = st.one_of(
    st.tuples(st.just("show"), st.integers(-1, 11), st.booleans()),
    st.tuples(st.just("show"), st.sampled_from(WATCHES), st.booleans()),
    st.tuples(st.just("act"), st.sampled_from((*DOES, *DOES, 0, 11)), st.none()),
    st.tuples(st.just("lock"), st.sampled_from((*ASKS, 0, 11)), st.none()),
    st.tuples(st.just("lock"), st.sampled_from(ASKS), st.none()),
    st.tuples(
        st.just("answer"),
        st.sampled_from(ASKS),
        st.tuples(st.sampled_from("abcd"), st.sampled_from(["one", "two", 3, [1, 0, 0]])),
    ),
    st.tuples(st.just("measured"), st.sampled_from([1, 2, 9]), st.none()),
    st.tuples(st.just("late"), st.none(), st.none()),
    st.tuples(st.just("refused"), st.none(), st.booleans()),
    st.tuples(st.sampled_from(["again", "start"]), st.none(), st.none()),
)


def asked(player: Player, stack: Stack, what: str, step: Any, more: Any) -> None:
    """Ask for one thing, and let the background do what follows."""
    ways: Mapping[str, Callable[[], Any]] = {
        "show": lambda: player.show(step, skip=more),
        "act": lambda: player.act(step),
        "lock": lambda: player.lock(step),
        "answer": lambda: player.answer(step, *more),
        "again": player.again,
        "start": lambda: player.start("dual-write"),
    }
    if what in {"again", "start"}:
        stack.refuses = None
    if what == "measured":
        stack.facts = {"counted": step, "stale": [1.0, 0.5, 0.0]}
    elif what == "refused":
        stack.refuses = Refused("no", by_hand=more)
    elif what == "late":
        for state in the_attempt(player).steps:
            state.due_s = state.due_s and 0.0
    else:
        with suppress(Problem):
            ways[what]()
    over(player)


def the_attempt(player: Player) -> Attempt:
    attempt = player.attempt
    assert attempt is not None
    return attempt


def skipped_in(player: Player) -> list[int]:
    return [number for number, it in enumerate(the_attempt(player).steps) if it.skipped]


@given(requests=st.lists(REQUESTS, max_size=30))
@settings(max_examples=150)
def test_the_rules_hold_in_any_order(shelf: Shelf, requests: list[tuple[str, Any, Any]]) -> None:
    player, stack = a_player(shelf)
    player.start("twice")
    locked: dict[tuple[str, int], Any] = {}
    for request in requests:
        before, skipped = the_attempt(player).step, skipped_in(player)
        asked(player, stack, *request)
        attempt, told = the_attempt(player), player.shown(whole=True)
        assert told is not None
        assert attempt.busy is None
        assert 0 <= attempt.step <= attempt.reached < len(attempt.steps)
        if request[0] == "show" and attempt.step != before:
            # Nothing is left behind that is neither complete nor skipped.
            assert all(it.is_complete for it in attempt.steps[: attempt.step])
            assert request[2] or skipped_in(player) == skipped
        for number, (state, step) in enumerate(zip(attempt.steps, told["steps"], strict=True)):
            predicted = [it for it in attempt.steps[:number] if it.step.kind == "predict"]
            if state.done:
                assert all(it.skipped or it.answers.locked_ms for it in predicted)
            if step["locked_ms"] is None and not step["skipped"]:
                assert (step["right"], step["of"], step["curves"]) == (None, None, [])
            if step["locked_ms"] is not None or step["skipped"]:
                given_by_now = dict(state.answers.by)
                assert locked.setdefault((attempt.id, number), given_by_now) == given_by_now
            if state.step.kind == "watch" and state.claims[0].state == "held":
                assert stack.did


def test_claims_come_true_together(played: tuple[Player, Stack]) -> None:
    player, stack = played
    attempt = the_attempt(player)
    player.show(5, skip=True)
    claims = attempt.steps[5].claims
    attempt.steps[4].skipped, attempt.steps[4].done = False, True
    claims.append(type(claims[0])(claims[0].claim))
    other = attempt.lesson.steps[6].ask
    assert other is not None
    assert other.choices[0].condition is not None
    claims[1].claim = type(claims[0].claim)(other.choices[0].condition, "It is counted once.")
    # One says 2, and the other 1: never both.
    for counted in (1, 2):
        stack.facts = {"counted": counted}
        player.watching.look(attempt)
        assert {it.state for it in claims} == {"open"}
    attempt.steps[5].due_s = 0.0
    player.watching.look(attempt)
    assert [(it.state, it.seen) for it in claims] == [("held", "2 todos"), ("not-held", "2 todos")]


def test_what_was_not_measured_is_unknown(played: tuple[Player, Stack]) -> None:
    player, _stack = played
    attempt = the_attempt(player)
    for number in (1, 2, 3):
        player.lock(number)
    player.act(4)
    over(player)
    player.show(5, skip=False)
    attempt.steps[5].due_s = 0.0
    player.watching.look(attempt)
    [claimed] = attempt.steps[5].claims
    assert (claimed.state, claimed.seen) == ("unknown", "not known: nobody knows")
    told = player.shown(whole=False)
    assert told is not None
    assert (told["steps"][1]["judged"], told["steps"][1]["right"]) == (True, None)


def test_what_has_to_be_typed_is_gone_on_after(played: tuple[Player, Stack]) -> None:
    player, stack = played
    for number in (1, 2, 3):
        player.lock(number)
    stack.refuses = Refused("Type it.", by_hand=True)
    player.act(4)
    over(player)
    assert "set counter/no-inbox" not in stack.did
    player.act(4)
    over(player)
    # The first was typed by hand; the rest is done.
    assert stack.did[2:] == [
        *("set counter/crash", "create Milk"),
        *(it for it in stack.did if it.startswith("read")),
        *("change milk",),
        *(it for it in stack.did if it.startswith("wait")),
    ]
    player.show(8, skip=True)
    stack.refuses = Refused("Type it.", by_hand=True)
    stack.did.clear()
    player.act(8)
    over(player)
    # Going back sets what is on in the start: that was refused, and nothing else was done.
    player.act(8)
    over(player)
    assert "create Milk" in stack.did


def test_a_lesson_that_was_left_ends(shelf: Shelf) -> None:
    player, _stack = a_player(shelf, left_after_s=0.0)
    player.start("twice")
    attempt = the_attempt(player)
    assert player._end_if_left(attempt)
    assert player.shown(whole=True) is None
    assert player.attempt is attempt
    assert attempt.ended == {"says": "All clear", "agree": True}


def test_the_settings_of_the_start_are_set_again_in_time(
    played: tuple[Player, Stack], monkeypatch: pytest.MonkeyPatch
) -> None:
    player, stack = played
    attempt = the_attempt(player)
    before = list(stack.did)
    player.runner.renew(attempt)
    assert stack.did == before
    monkeypatch.setattr("web.lessons.runner.RENEW_EVERY_S", 0.0)
    player.runner.renew(attempt)
    until(lambda: stack.did == [*before, "set counter/count"])
    # What the lesson has switched off itself stays off.
    attempt.steps[4].doing[0].action = Action("clear", "counter/count", {})
    attempt.steps[4].doing[0].state = "done"
    again = threading.active_count()
    player.runner.renew(attempt)
    until(lambda: threading.active_count() <= again)
    assert stack.did == [*before, "set counter/count"]


def test_a_cure_can_leave_out_what_is_given(played: tuple[Player, Stack]) -> None:
    player, stack = played
    attempt = the_attempt(player)
    cure = attempt.steps[8]
    cure.step = replace(cure.step, without=("counter/count",))
    player.show(8, skip=True)
    player.act(8)
    over(player)
    assert cure.done
    assert stack.did[stack.did.index("back") + 1] != "set counter/count"


def test_what_was_seen_stays_and_what_was_not_known_is_looked_for(
    played: tuple[Player, Stack],
) -> None:
    player, stack = played
    attempt = the_attempt(player)
    for number in (1, 2, 3):
        player.lock(number)
    player.act(4)
    over(player)
    player.show(5, skip=False)
    stack.facts = {"counted": 2}
    assert player.watching.look(attempt)
    assert attempt.steps[5].claims[0].state == "held"
    assert [attempt.steps[at].right for at in (1, 3)] == ["two", None]
    # The fault has ended meanwhile, and the traces of the reads have come.
    stack.facts = {"counted": 5, "listed": 1, "again": 1, "stale": [1.0, 0.5, 0.0], "seen": 1}
    assert player.watching.look(attempt)
    assert not player.watching.look(attempt)
    assert attempt.facts["was"]["counted"].value == 2
    assert [attempt.steps[at].right for at in (1, 3)] == ["two", [1.0, 0.5, 0.0]]
    # A later bet is another run's, and a saw that of what was seen.
    player.show(6, skip=False)
    player.lock(6)
    assert attempt.steps[6].right == "other"


CHOICES = Question("?", (Choice("one", "1"), Choice("two", "2")))
NUMBER = Question("?", number=NumberAsked("todos", 0, 20, "counted", 0.0))
CURVE = Question("?", curve=CurveAsked((0, 10, 100), "stale"))


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (CHOICES, "three"),
        (CHOICES, 1),
        (CHOICES, ["one"]),
        (CHOICES, {"one": 1}),
        (NUMBER, 21),
        (NUMBER, -0.1),
        (NUMBER, float("nan")),
        (NUMBER, float("inf")),
        (NUMBER, True),
        (NUMBER, "3"),
        (NUMBER, None),
        (CURVE, [0, 1]),
        (CURVE, [0, 1, 1.1]),
        (CURVE, [0, 1, float("nan")]),
        (CURVE, "000"),
        (CURVE, [0, 1, True]),
    ],
)
def test_an_answer_answers_its_question(question: Question, answer: object) -> None:
    with pytest.raises(BadAnswer):
        checked_answer(answer, question)


@pytest.mark.parametrize(
    "counts", [None, [], {"three": 1}, {"one": -1}, {"one": True}, {"one": 1.5}]
)
def test_hands_are_counted_for_choices(counts: object) -> None:
    with pytest.raises(BadAnswer):
        checked_hands(counts, CHOICES)
    assert checked_hands({"one": 4}, CHOICES) == {"one": 4}
    with pytest.raises(BadAnswer):
        checked_hands({}, NUMBER)


def test_only_so_many_may_answer_and_each_may_think_again() -> None:
    answers = Answers()
    for who in ("a", "b", "a"):
        answers.give(who, "one", CHOICES, most=2)
    answers.give("b", "two", CHOICES, most=2)
    with pytest.raises(BadAnswer, match="2 answers already"):
        answers.give("c", "two", CHOICES, most=2)
    assert answers.tally() == {"one": 1, "two": 1}
