"""docs/lessons/write-your-own.md makes a lesson from an empty file, as it says."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
import requests

from stack.local import LocalStack
from stack.ports import Ports
from stack.programs import ROOT
from tests.support import agree, until
from tests.support.lesson_host import LessonHost, own_lesson
from web.lessons.forms import ACTIONS, FACTS, HOWS, PROTECTIONS
from web.lessons.reading import KINDS

PAGE = (ROOT / "docs/lessons/write-your-own.md").read_text()
FILE = "lessons/own/90-mine.yaml"


def blocks() -> Iterator[tuple[str, str]]:
    """Yield the page's blocks of YAML and of the terminal, in their order."""
    yield from re.findall(r"```(yaml|console)\n(.*?)```", PAGE, flags=re.DOTALL)


def said(command: str, stack: LocalStack) -> str:
    """Type a command on this stack, with the file where its own lessons are."""
    ports = {
        str(port): str(asdict(stack.ports)[name]) for name, port in asdict(Ports.default()).items()
    }
    command = command.replace(".venv/bin/python", sys.executable).replace(FILE, "mine")
    command = re.sub(r"localhost:(\d+)", lambda it: f"127.0.0.1:{ports[it[1]]}", command)
    words = shlex.split(command.replace("$HOST_KEY", stack.host_key))
    if words[0] == "curl":
        words[1:1] = ["-sS", "--fail-with-body", "-m", "60"]
    words = [str(stack.folder / "own-lessons/90-mine.yaml") if it == "mine" else it for it in words]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert words[0] != "curl" or done.returncode == 0, (command, done.stdout, done.stderr)
    return (done.stdout + done.stderr).replace(str(stack.folder / "own-lessons"), "lessons/own")


@pytest.fixture
def host(stack: LocalStack) -> Iterator[LessonHost]:
    host = LessonHost(stack, stack.host_key)
    yield host
    if host.now():
        host.end()
    until(lambda: agree(stack))


def test_the_page_makes_a_lesson_that_plays(stack: LocalStack, host: LessonHost) -> None:
    played: list[Any] = []

    def settled() -> bool:
        now = host.now()
        return now is None or (not now["busy"] and all(it["complete"] for it in watched(now)))

    def watched(now: Any) -> list[Any]:
        shown = now["steps"][: now["step"] + 1]
        return [it for it in shown if it["claims"] and (it["done"] or not it["actions"])]

    with own_lesson(stack, "90-mine.yaml", "") as path:
        for kind, text in blocks():
            if kind == "yaml":
                path.write_text(path.read_text() + text)
                continue
            for command, answer in re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", text, re.MULTILINE):
                printed = said(command, stack)
                if answer:
                    assert printed == answer, command
                if command.startswith("curl"):
                    until(lambda: requests.get(f"{stack.urls.web}/lesson", timeout=60).ok)
                    until(settled)
                    played.append(host.now())
    before_the_cure, at_the_end = played[6], played[-2]
    assert before_the_cure["steps"][0]["right"] == "no"
    assert {it["state"] for it in before_the_cure["steps"][2]["claims"]} == {"held"}
    assert {it["state"] for it in at_the_end["steps"][5]["claims"]} == {"held"}
    assert at_the_end["facts"]["was"]["listed"]["value"] is False
    assert at_the_end["facts"]["now"]["listed"]["value"] is True
    assert played[-1] is None


def test_the_page_names_all_that_a_lesson_may_say() -> None:
    named = {*re.findall(r"`([\w-]+)(?:[:`, ])", PAGE)}
    assert {*KINDS, *ACTIONS, *FACTS, *HOWS, *PROTECTIONS} <= named
    for variable in re.findall(r"`([A-Z]{2,}(?:_[A-Z]+)*)`", PAGE):
        assert variable in (ROOT / "web/settings.py").read_text() or variable == "TITLE"
    assert (ROOT / "lessons/own").is_dir()
