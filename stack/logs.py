"""The logs of the stack as one live stream, each line with its process's name."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from io import FileIO
from pathlib import Path

from stack.programs import MORE, ON_DEMAND, PROCESSES

SUPERVISOR = "stack"

# Fast enough to be read as it happens, slow enough to cost nothing.
POLL_S = 0.05

COLOURS = {
    "command-service": "\033[36m",
    "relay": "\033[33m",
    "projector": "\033[35m",
    "query-service": "\033[32m",
    "counter": "\033[95m",
    "replica": "\033[94m",
    "coordinator": "\033[93m",
    "web": "\033[34m",
    SUPERVISOR: "\033[1m",
}
PLAIN = "\033[0m"
WIDTH = max(map(len, COLOURS))
LOGGED = PROCESSES + MORE + ON_DEMAND


class Growing:
    """A log file that others append to and rotate, read from where it ended when first opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = self._open()
        if self._file:
            self._file.seek(0, os.SEEK_END)
        self._rest = b""

    def lines(self, *, final: bool = False) -> Iterator[str]:
        """The lines that were completed since the last call; with `final`, the rest as well."""
        for chunk in self._chunks():
            *whole, self._rest = (self._rest + chunk).split(b"\n")
            yield from (line.decode(errors="replace") for line in whole)
        if final and self._rest:
            yield self._rest.decode(errors="replace")
            self._rest = b""

    def close(self) -> None:
        """Let go of the file."""
        if self._file:
            self._file.close()

    def _chunks(self) -> Iterator[bytes]:
        if self._file:
            yield self._file.read()
        if self._rotated():
            self.close()
            self._file = self._open()
            if self._file:
                yield self._file.read()

    def _rotated(self) -> bool:
        try:
            now = self._path.stat().st_ino
        except FileNotFoundError:
            return False
        return self._file is None or os.fstat(self._file.fileno()).st_ino != now

    def _open(self) -> FileIO | None:
        try:
            return FileIO(self._path)
        except FileNotFoundError:
            return None


class Follower:
    """Reads the processes' logs, and the supervisor's, on one thread."""

    def __init__(self, folder: Path, write: Callable[[str], None], *, colour: bool) -> None:
        self._sources = {name: Growing(folder / f"{name}.log") for name in LOGGED}
        self._supervisor = Growing(folder / "supervisord.log")
        self._told = Restarts()
        self._write = write
        self._colour = colour
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="logs", daemon=True)

    def start(self) -> None:
        """Begin to write what is appended from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, and end."""
        self._ending.set()
        self._thread.join()
        for source in (*self._sources.values(), self._supervisor):
            source.close()

    def say(self, text: str) -> None:
        """A line of the stack's own."""
        self._write(labelled(SUPERVISOR, text, colour=self._colour))

    def _follow(self) -> None:
        while not self._ending.wait(POLL_S):
            self._pass(final=False)
        self._pass(final=True)

    def _pass(self, *, final: bool) -> None:
        for name, source in self._sources.items():
            for line in source.lines(final=final):
                self._write(labelled(name, line, colour=self._colour))
        for line in self._supervisor.lines(final=final):
            told = self._told.of(line)
            if told:
                self.say(told)


class Restarts:
    """Turns the supervisor's log into news for people: what died, stopped or came back."""

    def __init__(self) -> None:
        self._dead: set[str] = set()
        self._stopped: set[str] = set()

    def of(self, line: str) -> str | None:
        """What one line of the supervisor's log means, if it means anything to people."""
        exited = re.search(r"exited: (\S+) \((.*?)(?:; (?:not )?expected)?\)$", line)
        if exited:
            self._dead.add(exited[1])
            return f"{exited[1]} died ({_cause(exited[2])})"
        spawned = re.search(r"spawned: '(\S+)' with pid (\d+)$", line)
        if spawned:
            return self._of_spawned(spawned[1], spawned[2])
        stopped = re.search(r"stopped: (\S+) \(", line)
        if stopped:
            self._dead.discard(stopped[1])
            self._stopped.add(stopped[1])
            return f"{stopped[1]} stopped"
        killed = re.search(r"killing '(\S+)' \(\d+\) with SIGKILL", line)
        if killed:
            return f"{killed[1]} did not stop in time and is killed"
        return None

    def _of_spawned(self, name: str, pid: str) -> str | None:
        """A program's start in words; the first start is not news."""
        said = None
        if name in self._dead:
            said = f"{name} restarted (pid {pid})"
        elif name in self._stopped:
            said = f"{name} started (pid {pid})"
        self._dead.discard(name)
        self._stopped.discard(name)
        return said


def labelled(name: str, line: str, *, colour: bool) -> str:
    """A line with the name of the process that wrote it."""
    label = f"{name:<{WIDTH}} |"
    return f"{COLOURS[name]}{label}{PLAIN} {line}" if colour else f"{label} {line}"


def wants_colour(environment: Mapping[str, str], *, tty: bool) -> bool:
    """Colour on a terminal only, unless NO_COLOR is set (https://no-color.org)."""
    return tty and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"


def _cause(exit_text: str) -> str:
    signal_name = re.fullmatch(r"terminated by (SIG\w+)(.*)", exit_text)
    return f"{signal_name[1]}{signal_name[2]}" if signal_name else exit_text
