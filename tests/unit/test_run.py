"""`make test` runs all of its parts, and says how to run again what failed."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from stack.programs import ROOT
from tests.run import PARTS, Part, interrupted_once, main
from tests.support import until

PASSES, FAILS = (sys.executable, "-c", ""), (sys.executable, "-c", "raise SystemExit(3)")

# A part that waits for ever, and notes that it has begun, with whom it leaves behind, and ended.
WAITS = """
import pathlib, signal, subprocess, sys
here = pathlib.Path(sys.argv[1])
left = subprocess.Popen(["sleep", "600"])
(here / f"{sys.argv[2]} begins").write_text(str(left.pid))
(here / f"{sys.argv[2]} begins").rename(here / f"{sys.argv[2]} has begun")
try:
    signal.pause()
except KeyboardInterrupt:
    (here / f"{sys.argv[2]} has ended").touch()
"""
RUN = """
import sys
from tests.run import Part, main
names = ("one", "two", "three")
parts = {it: Part([(sys.executable, "-c", sys.argv[1], sys.argv[2], it)]) for it in names}
sys.exit(main(names, parts))
"""


def test_all_parts_run_and_what_failed_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    parts = {
        "lint": Part([FAILS, PASSES, (*FAILS, "again")]),
        "page": Part([PASSES]),
        "tests": Part([PASSES], setup=[FAILS]),
        "e2e": Part([PASSES], setup=[FAILS, PASSES]),
        "missing": Part([("no-such-command",)]),
    }
    assert main(parts, parts) == 1
    said = capfd.readouterr().out
    assert "missing | [Errno 2] No such file or directory: 'no-such-command'" in said
    _, _, summary = said.partition("\nPassed: page (")
    failed, needs = shlex.join(FAILS), "did not run, as what it needs could not be set up."
    assert summary.splitlines()[1:] == [
        "lint failed. To run just that:",
        f"  {failed}",
        f"  {failed} again",
        f"tests {needs} To run just that:",
        f"  {failed}",
        f"e2e {needs} To run just that:",
        f"  {failed}",
        "missing failed. To run just that:",
        "  no-such-command",
    ]


def test_if_all_parts_pass_nothing_else_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["page"], {"page": Part([PASSES])}) == 0
    assert capfd.readouterr().out.strip().startswith("Passed: page (")


def test_the_failed_tests_are_named_one_by_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_numbers.py").write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('text', ['a b', 'c'])\n"
        "def test_text(text): assert text == 'c'\n"
        "def test_broken(no_such_fixture): pass\n"
    )
    cache = tmp_path / "cache"
    pytest_here = (sys.executable, "-m", "pytest", "-o", f"cache_dir={cache}", str(tmp_path))
    assert main(["tests"], {"tests": Part([pytest_here], pytest_cache=cache)}) == 1
    _, _, command = capfd.readouterr().out.rpartition("-m pytest ")
    assert {test.rpartition("/")[2] for test in shlex.split(command)} == {
        "test_numbers.py::test_text[a b]",
        "test_numbers.py::test_broken",
    }


def test_ctrl_c_stops_what_runs_in_order_and_starts_nothing_more(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", RUN, WAITS, str(tmp_path)], cwd=ROOT, stdout=subprocess.DEVNULL
    ) as running:
        until(lambda: len(list(tmp_path.glob("* has begun"))) == 2)
        running.send_signal(signal.SIGINT)
        assert running.wait(60) == 130
    names = ["one has begun", "one has ended", "two has begun", "two has ended"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    left = [int(path.read_text()) for path in tmp_path.glob("* has begun")]
    until(lambda: not any(map(is_running, left)))


def test_a_closed_terminal_does_not_stop_what_nohup_started() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupted_once():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_character_that_the_output_lacks_stops_nothing() -> None:
    says = "import sys; sys.stdout.reconfigure(encoding='utf-8'); print(chr(0x2714))"
    ran = subprocess.run(
        [sys.executable, "-c", RUN, says, ""], cwd=ROOT, capture_output=True, check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert (ran.returncode, b"Passed: one" in ran.stdout) == (0, True)


def test_a_set_up_command_has_the_terminal_to_itself(capfd: pytest.CaptureFixture[str]) -> None:
    # sudo asks for a password there, which it could not do from a session of its own.
    same = f"import os; raise SystemExit(os.getsid(0) != {os.getsid(0)})"
    asks = (sys.executable, "-c", same)
    assert main(["one"], {"one": Part([PASSES], setup=[asks])}) == 0
    assert "Passed: one" in capfd.readouterr().out


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_make_test_runs_every_part() -> None:
    [target] = [line for line in (ROOT / "Makefile").read_text().splitlines() if "run e2e" in line]
    assert sorted(target.split()[-len(PARTS) :]) == sorted(PARTS)
