"""What lessons name is there on a running stack. They are played in e2e/lessons."""

import pytest

from stack.local import LocalStack
from stack.programs import ROOT
from tests.support import until
from tests.support.lesson_host import LessonHost

LESSONS = [it.stem.partition("-")[2] for it in sorted((ROOT / "lessons").glob("*.yaml"))]


@pytest.fixture(scope="module")
def host(stack: LocalStack) -> LessonHost:
    for place in ("counter", "replica", "coordinator", "links"):
        until(lambda: stack.accepts(place))  # noqa: B023
    return LessonHost(stack, stack.host_key)


@pytest.mark.parametrize("lesson", LESSONS)
def test_what_a_lesson_opens_is_there(host: LessonHost, lesson: str) -> None:
    places = host.did("GET", "/lab")
    for step in host.did("GET", f"/lessons/{lesson}")["steps"]:
        for control in step.get("controls", []):
            place, name = control.split("/")
            assert name in places[place]["descriptions"], control
        if source := step.get("source"):
            path = f"/lab/{source['place']}/source?object={source['object']}"
            assert host.did("GET", path)["text"], source
