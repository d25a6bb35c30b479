"""The supervisor takes the lines of its programs together, and answers commands at once."""

import os
import socket
from collections.abc import Iterator

import pytest

from stack.supervised import Unhurried


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return how long the supervisor has waited for more, each time."""
    slept: list[float] = []
    monkeypatch.setattr("stack.supervised.time.sleep", slept.append)
    return slept


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def test_lines_that_follow_soon_are_read_together(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = pipe
    poller = Unhurried(None)
    poller.register_readable(reading)
    os.write(writing, b"one\n")
    monkeypatch.setattr("stack.supervised.time.sleep", lambda _s: os.write(writing, b"two\n"))
    assert poller.poll(1) == ([reading], [])
    assert os.read(reading, 100) == b"one\ntwo\n"


def test_nothing_is_waited_for_at_rest(pipe: tuple[int, int], slept: list[float]) -> None:
    poller = Unhurried(None)
    poller.register_readable(pipe[0])
    assert poller.poll(0) == ([], [])
    assert not slept


def test_a_command_is_answered_at_once(pipe: tuple[int, int], slept: list[float]) -> None:
    reading, writing = pipe
    ours, theirs = socket.socketpair()
    poller = Unhurried(None)
    with ours, theirs:
        for fd in (reading, ours.fileno()):
            poller.register_readable(fd)
        os.write(writing, b"one\n")
        theirs.send(b"GET")
        assert set(poller.poll(1)[0]) == {reading, ours.fileno()}
    assert not slept
