"""What an action asks of the stack, in words and as a command, and what it makes of an answer."""

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.programs import parse_programs
from tests.support.lessons import lesson_of
from web.lessons.actions import Actions
from web.lessons.curl import curl
from web.lessons.forms import ACTIONS
from web.lessons.lesson import Action, Comparison, Condition
from web.lessons.requests import Known, Request, request_of, says
from web.places import Places
from web.settings import PROGRAMS

PORTS = {"command-service": 5001, "query-service": 5002, "web": 5003}
KNOWN = Known(
    run="r",
    number=7,
    todos={"milk": 3},
    tokens=("2.1", "3.4"),
    versions={("anna", "milk"): 2},
)
PROTECTED = Known(
    run="r",
    number=7,
    todos={"milk": 3},
    tokens=("2.1", "3.4"),
    versions={("anna", "milk"): 2},
    protections=frozenset({"idempotency-key", "if-match", "token"}),
)
READ = {"model": "by-turns", "times": 3, "every_ms": 100, "of": "", "as": "anna"}
FACTS = lesson_of().facts


def action(verb: str, what: Any, **options: Any) -> Action:
    return Action(
        verb, what, {name.replace("as_read", "as-read"): it for name, it in options.items()}
    )


def asked(it: Action, known: Known = KNOWN) -> Request:
    request = request_of(it, known)
    assert request is not None
    return request


@pytest.mark.parametrize(
    ("it", "known", "command"),
    [
        (
            action("create", "It's milk"),
            KNOWN,
            (
                'curl -X POST http://localhost:5001/todos -H "Content-Type: application/json" '
                '-d \'{"title": "It\'"\'"\'s milk"}\''
            ),
        ),
        (
            action("create", "Milk", key="k", tries=3, wait_s=2),
            KNOWN,
            (
                "curl --retry 2 --retry-all-errors -m 2 -X POST http://localhost:5001/todos "
                '-H "Content-Type: application/json" -H "Idempotency-Key: r-k" '
                '-d \'{"title": "Milk"}\''
            ),
        ),
        (
            action("create", "Milk"),
            PROTECTED,
            (
                'curl -X POST http://localhost:5001/todos -H "Content-Type: application/json" '
                '-H "Idempotency-Key: r-7" -d \'{"title": "Milk"}\''
            ),
        ),
        (
            action("change", "milk", completed=True, as_read="anna"),
            KNOWN,
            (
                'curl -X PATCH http://localhost:5001/todos/3 -H "Content-Type: application/json" '
                "-d '{\"completed\": true}'"
            ),
        ),
        (
            action("change", "milk", completed=True, as_read="anna"),
            PROTECTED,
            (
                'curl -X PATCH http://localhost:5001/todos/3 -H "Content-Type: application/json" '
                "-H 'If-Match: \"2\"' -d '{\"completed\": true}'"
            ),
        ),
        (action("delete", "milk"), KNOWN, "curl -X DELETE http://localhost:5001/todos/3"),
        (action("delete", "beer"), KNOWN, "curl -X DELETE http://localhost:5001/todos/$beer"),
        (
            action("read", READ),
            KNOWN,
            "curl 'http://localhost:5002/todos?limit=1000' -H \"Read-Model: by-turns\"",
        ),
        (
            action("read", {**READ, "model": "todos", "of": "milk"}),
            PROTECTED,
            (
                'curl http://localhost:5002/todos/3 -H "Consistency-Token: 2.1,3.4" '
                '-H "Prefer: wait=20"'
            ),
        ),
        (
            action("set", "relay/hold", todo="$milk", **{"with": {"at": "before-publish"}}),
            KNOWN,
            (
                "curl -X PUT http://localhost:5003/lab/relay/switches/hold "
                '-H "Content-Type: application/json" -H "Authorization: Bearer $HOST_KEY" '
                '-d \'{"on": true, "at": "before-publish", "todo": 3}\''
            ),
        ),
        (
            action("release", "relay"),
            KNOWN,
            (
                "curl -X POST http://localhost:5003/lab/relay/switches/hold/release "
                '-H "Authorization: Bearer $HOST_KEY"'
            ),
        ),
    ],
)
def test_an_action_is_one_command(it: Action, known: Known, command: str) -> None:
    assert curl(asked(it, known), PORTS) == command


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1))
def test_a_shell_takes_any_title_as_it_is(title: str) -> None:
    words = shlex.split(curl(asked(action("create", title)), PORTS))
    assert words[-2] == "-d"
    # JSON leaves characters beyond ASCII as they are, and escapes those that end a line.
    assert title in words[-1] or any(it in title for it in '"\\') or not title.isprintable()


@pytest.mark.parametrize(
    ("it", "words"),
    [
        (action("set", "relay/slow", **{"with": {"delay_ms": 5}}), "relay: slow on (delay_ms 5)"),
        (action("set", "relay/hold", todo="$milk"), "relay: hold on, only milk"),
        (action("clear", "relay/slow"), "relay: slow off"),
        (action("kill", "relay"), "relay: kill what is held"),
        (action("create", "Milk"), "Create “Milk”"),
        (
            action("change", "milk", title="Oat", completed=False),
            "Change milk: titled “Oat”, not completed",
        ),
        (action("delete", "milk"), "Delete milk"),
        (action("burst", {"count": 5}), "Create 5 todos at once"),
        (action("burst", {"per_second": 5, "seconds": 2}), "Create 5 todos a second for 2 s"),
        (action("read", READ), "Read the list from both by turns 3 times, as anna"),
        (action("rebuild", "counts"), "Rebuild the counts from the log"),
        (action("retry", "dead-letters"), "Retry all dead letters"),
        (
            action("wait", Condition("counted", Comparison("at-least", 1))),
            "Wait until: created, as the counter says is at least 1 todo",
        ),
    ],
)
def test_an_action_says_what_it_does(it: Action, words: str) -> None:
    assert says(it, FACTS) == words


def test_each_kind_of_action_has_words() -> None:
    lesson = lesson_of()
    done = [it for step in lesson.steps for it in step.actions]
    verbs = {it.verb for it in [*lesson.given, *done]}
    assert verbs <= set(ACTIONS)
    assert all(says(it, FACTS) for it in done)


def test_what_only_people_can_do_is_shown_as_they_type_it() -> None:
    nothing: Any = None
    places = Places(nothing, [], [], parse_programs(PROGRAMS.read_bytes()))
    actions = Actions(nothing, places, nothing, nothing, PORTS)
    shown = [
        actions.planned(action(verb, what), FACTS).curl
        for verb, what in (
            ("set", "rabbitmq/stop"),
            ("clear", "rabbitmq/stop"),
            ("set", "projector/pause"),
        )
    ]
    assert shown[:2] == ["docker-compose stop rabbitmq", "docker-compose start rabbitmq"]
    assert str(shown[2]).startswith("curl -X PUT")
