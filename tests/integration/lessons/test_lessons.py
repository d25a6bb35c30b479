"""Each lesson is played from its first to its last step, and what it claims is in the stores.

What a single lesson has to leave in stores, queues and traces is in `checks_*.py`: CHECKS has a
function for a lesson's step, which is called once that step is over.
"""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stack.local import LocalStack
from stack.programs import ROOT
from tests.integration.lessons.playing import Host, failed, unheld
from tests.support import until

Check = Callable[[LocalStack, dict[str, Any]], None]
HERE = Path(__file__).parent
LESSONS = sorted(it.stem.partition("-")[2] for it in (ROOT / "lessons").glob("*.yaml"))
CHECKS: dict[tuple[str, int], Check] = {
    key: check
    for file in sorted(HERE.glob("checks_*.py"))
    for key, check in importlib.import_module(f"{__package__}.{file.stem}").CHECKS.items()
}


@pytest.fixture
def host(stack: LocalStack) -> Iterator[Host]:
    """The host of the room; nothing of a lesson is left at the end."""
    for place in ("counter", "replica", "coordinator", "links"):
        until(lambda: stack.accepts(place))  # noqa: B023
    host = Host(stack)
    yield host
    if host.state():
        host.end()


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_comes_true_from_its_first_step_to_its_last(
    stack: LocalStack, host: Host, lesson: str
) -> None:
    document = host.document(lesson)
    host.start(lesson)
    for number, step in enumerate(document["steps"]):
        state = host.play_step(number, step)
        played = state["steps"][number]
        assert not failed(played), step["title"]
        assert not unheld(played), step["title"]
        if check := CHECKS.get((lesson, number)):
            check(stack, state)
    for step, played in zip(document["steps"], host.state()["steps"], strict=True):
        if "ask" in step:
            # One of the answers that were given is right, and the others are not.
            assert played["judged"], step["title"]
            assert played["right"] is not None, step["title"]
            assert "choices" not in step["ask"] or played["right"] in played["of"]
    told = host.end()
    assert told["agree"], told


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_a_lesson_opens_is_there(host: Host, lesson: str) -> None:
    places = host.ask("GET", "/lab")
    for step in host.document(lesson)["steps"]:
        for control in step.get("controls", []):
            place, name = control.split("/")
            assert name in places[place]["descriptions"], control
        if source := step.get("source"):
            path = f"/lab/{source['place']}/source?object={source['object']}"
            assert host.ask("GET", path)["text"], source


def test_each_check_is_of_a_step_that_there_is(host: Host) -> None:
    for lesson, number in CHECKS:
        assert number < len(host.document(lesson)["steps"])
