"""Talks to supervisord over XML-RPC: lists its programs, and stops or starts them."""

from __future__ import annotations

import http.client
import time
import xmlrpc.client
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

from stack import trees
from stack.ports import LOOPBACK

NOT_RUNNING = 70
ALREADY_STARTED = 60

POLL_S = 0.05

# The errors of a call to a supervisor that is starting or gone.
UNREACHABLE = (OSError, http.client.HTTPException)


@dataclass(frozen=True)
class Status:
    """One program as the supervisor sees it; pid 0 means none."""

    state: str
    pid: int


class SupervisorClient:
    """One supervisord's control interface. A connection per call, so any thread may use it."""

    def __init__(self, port: int, password: str) -> None:
        self._address = f"http://stack:{password}@{LOOPBACK}:{port}/RPC2"

    def statuses(self) -> Mapping[str, Status]:
        """Every program's state and pid."""
        rows = cast("list[dict[str, Any]]", self._call("getAllProcessInfo"))
        return {row["name"]: Status(row["statename"], row["pid"]) for row in rows}

    def thaw_all(self) -> None:
        """Let every frozen program continue."""
        for status in self.statuses().values():
            if status.pid:
                trees.thaw(status.pid)

    def stop_together(self, names: Collection[str]) -> None:
        """Stop programs side by side, and wait until all are gone.

        A frozen program cannot hear the signal, so it is thawed once the signal has been sent.
        """
        running = self.statuses()
        for name in names:
            self._forgiving(NOT_RUNNING, "stopProcess", name, False)
            if running[name].pid:
                trees.thaw(running[name].pid)
        while any(
            status.state == "STOPPING" for name, status in self.statuses().items() if name in names
        ):
            time.sleep(POLL_S)

    def start(self, name: str) -> None:
        """Start a program without waiting for it; do nothing if it is running."""
        self._forgiving(ALREADY_STARTED, "startProcess", name, False)

    def _forgiving(self, code: int, method: str, *arguments: object) -> None:
        try:
            self._call(method, *arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode != code:
                raise

    def _call(self, method: str, *arguments: object) -> object:
        with xmlrpc.client.ServerProxy(self._address, allow_none=True) as proxy:
            function = getattr(proxy, f"supervisor.{method}")
            return function(*arguments)
