"""What the commands say arrives on any output, and a closed terminal ends them unless nohup did."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from stack.programs import ROOT

# Says whether it ignores SIGHUP, and waits for a signal.
WAITING = (
    "import signal; from stack.__main__ import _ended_by_signals\n"
    "with _ended_by_signals():\n"
    " print(signal.getsignal(signal.SIGHUP) == signal.SIG_IGN, flush=True)\n"
    " while True: signal.pause()"
)


def said(program: str, **environment: str) -> bytes:
    command = [sys.executable, "-c", f"from stack.words import *; {program}"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, check=True
    )
    return done.stdout


def test_what_an_output_cannot_show_is_escaped() -> None:
    text = "say('café \\U0001f642 \\ud800')"
    assert said(text, PYTHONIOENCODING="latin-1") == b"caf\xe9 \\U0001f642 \\ud800\n"
    assert said(text, PYTHONIOENCODING="utf-8") == "café 🙂 \\ud800\n".encode()


def test_standard_streams_may_be_closed() -> None:
    assert said("sys.stdin = None; print(is_terminal(sys.stdin))") == b"False\n"
    said("sys.stdout = None; say('unheard')")


@pytest.fixture
def _not_under_nohup() -> Iterator[None]:
    """Begin with the usual SIGHUP, even if these tests were started with nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.usefixtures("_not_under_nohup")
@pytest.mark.parametrize(
    ("start", "ignores", "ends"),
    [([], "False", signal.SIGHUP), (["nohup"], "True", signal.SIGTERM)],
)
def test_a_closed_terminal_ends_the_stack_unless_nohup_started_it(
    start: list[str], ignores: str, ends: signal.Signals
) -> None:
    with subprocess.Popen(
        [*start, sys.executable, "-c", WAITING],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == f"{ignores}\n"
        process.send_signal(ends)
        assert "KeyboardInterrupt" in process.communicate(timeout=60)[1]
