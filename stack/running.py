"""A running stack, from any terminal: shows what its programs do, and stops or breaks one."""

from __future__ import annotations

import dataclasses
import json
import time
import xmlrpc.client
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stack import passwords, private, readiness, trees
from stack.errors import StackError
from stack.ports import Ports
from stack.programs import Urls
from stack.supervisor_client import UNREACHABLE, Status, SupervisorClient

START_WITHIN_S = 90
POLL_S = 0.05

NOTE = "running.json"
LAB_KEY = "lab-key"

USAGE = "For help, use "

# What the supervisor calls a state, and what we call it.
STATES = {
    "RUNNING": "running",
    "STARTING": "starting",
    "BACKOFF": "restarting",
    "STOPPING": "stopping",
    "STOPPED": "stopped",
    "FATAL": "failed",
    "EXITED": "ended",
}


@dataclass(frozen=True)
class RunningStack:
    """Acts on single programs of a running stack.

    Args:
        folder: the stack's folder.
        ports: the stack's ports.
        control: the stack's supervisor.
    """

    folder: Path
    ports: Ports
    control: SupervisorClient

    @property
    def urls(self) -> Urls:
        """Where its programs are."""
        return Urls.of(self.ports, passwords.of(self.folder))

    def statuses(self) -> Mapping[str, Status]:
        """Every program's state and pid."""
        return self.control.statuses()

    def pid(self, name: str) -> int | None:
        """The pid of a program, None if it is not running.

        Raises:
            StackError: this stack has no such program.
        """
        status = self.statuses().get(name)
        if status is None:
            raise StackError(f"The stack in {self.folder} runs without {name}.")
        return status.pid or None

    def accepts(self, name: str) -> bool:
        """Whether a server accepts clients, or a process of ours is alive."""
        return readiness.accepts(name, self.ports, self.urls)

    def stop(self, name: str) -> None:
        """Stop a program in order, and return when it is gone. It is not restarted."""
        self.control.stop_together([name])

    def start(self, name: str, *, within_s: float = START_WITHIN_S) -> None:
        """Start a program again, or thaw it, and return when it takes requests.

        Raises:
            StackError: it did not in time.
        """
        self.begin_start(name)
        deadline = time.monotonic() + within_s
        while not self.accepts(name):
            if time.monotonic() > deadline:
                ending = last_words(self.folder / "log" / f"{name}.log")
                raise StackError(f"{name} did not come up within {within_s} s.{ending}")
            time.sleep(POLL_S)

    def begin_start(self, name: str) -> None:
        """Start a program again, or thaw it, without waiting for it."""
        pid = self.pid(name)
        if pid:
            trees.thaw(pid)
        self.control.start(name)

    def kill(self, name: str) -> int:
        """Kill a program with SIGKILL; the supervisor restarts it. Returns the dead pid.

        Raises:
            StackError: it does not run.
        """
        pid = self._living(name)
        trees.kill(pid)
        return pid

    def freeze(self, name: str) -> int:
        """Stop a program in its tracks with SIGSTOP, until it is started. Returns its pid.

        Raises:
            StackError: it does not run.
        """
        pid = self._living(name)
        trees.freeze(pid)
        return pid

    def _living(self, name: str) -> int:
        pid = self.pid(name)
        if pid is None:
            raise StackError(f"{name} does not run.")
        return pid


def note(folder: Path, ports: Ports, password: str) -> None:
    """Note how to reach a stack that is being started, for this user only."""
    noted = {"ports": dataclasses.asdict(ports), "password": password}
    private.write(folder / NOTE, json.dumps(noted).encode())


def note_lab_key(folder: Path, key: str) -> None:
    """Note what sets a switch at a process itself, for this user only."""
    private.write(folder / LAB_KEY, f"{key}\n".encode())


def forget(folder: Path) -> None:
    """Remove the notes."""
    for name in (NOTE, LAB_KEY):
        (folder / name).unlink(missing_ok=True)


def find(folder: Path) -> RunningStack:
    """The stack that runs in this folder.

    Raises:
        StackError: none does.
    """
    try:
        found = json.loads((folder / NOTE).read_text())
        ports = Ports(**found["ports"])
        control = SupervisorClient(ports.control, found["password"])
        control.statuses()
    except PermissionError as error:
        raise StackError(f"The stack in {folder} belongs to another user.") from error
    except (*UNREACHABLE, xmlrpc.client.Error, ValueError, KeyError, TypeError) as error:
        raise StackError(f"No stack runs in {folder}. Start it with `make up`.") from error
    return RunningStack(folder, ports, control)


def state_of(status: Status) -> str:
    """What a program does, in a word."""
    if status.pid and trees.is_frozen(status.pid):
        return "frozen"
    if status.pid and trees.is_corpse(status.pid):
        return "crashed"
    return STATES.get(status.state, status.state.lower())


def last_words(path: Path) -> str:
    """The last line of a log, as the end of a message."""
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    # The supervisor says what is wrong before it says how to use it.
    lines = [line for line in text.strip().splitlines() if not line.startswith(USAGE)]
    return f" Its last words: {lines[-1]!r} (more in {path})." if lines else f" See {path}."
