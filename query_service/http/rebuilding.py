"""The rebuild from the page: one at a time, as a process of its own that can be interrupted."""

import os
import pty
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from flask import Flask, Response, request

from chassis.problems import Problem, json_response
from query_service.points import BEFORE_SWAP

MODELS = ("todos", "counts", "replica")
COMMAND = (sys.executable, "-m", "query_service.rebuild")
# What it says before it waits for a line from us.
ASKS = f"[{BEFORE_SWAP.name}]"
MOST_LINES = 20
# Less than what the query service itself has (SHUTDOWN_WITHIN_S).
STOPPED_WITHIN_S = 3
_SHARE = re.compile(r"\] +(\d+)% +(\d+) events")


class Rebuilding:
    """Runs `python -m query_service.rebuild`, and knows how far it has got.

    It ends `rebuilt`, `interrupted` or `failed`; what it said then tells how the read model is.

    Args:
        before_swap: called when the new read model is whole; the rebuild goes on after that.
    """

    def __init__(self, before_swap: Callable[[], None]) -> None:
        self._before_swap = before_swap
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._is_interrupted = False
        self._shown: dict[str, Any] = _nothing_yet()

    def start(self, model: str) -> bool:
        """Start a rebuild of a read model; return False if one is running."""
        with self._lock:
            if self._running is not None:
                return False
            ours, its = pty.openpty()
            try:
                # On a terminal it says ten times a second how far it is.
                self._running = subprocess.Popen(
                    [*COMMAND, "--model", model, "--ask-at", BEFORE_SWAP.name],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=its,
                )
            except OSError:
                os.close(ours)
                raise
            finally:
                os.close(its)
            self._is_interrupted = False
            self._shown = {**_nothing_yet(), "model": model, "running": True}
            reading = threading.Thread(target=self._read, args=(self._running, ours), daemon=True)
            reading.start()
        return True

    def interrupt(self) -> None:
        """Interrupt the rebuild, if one is running: the read model stays as it was."""
        with self._lock:
            running = self._running
            if running is not None:
                self._is_interrupted = True
                running.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """Kill the rebuild, if one is running."""
        running = self._running
        if running is not None:
            running.kill()

    def is_running(self) -> bool:
        """Return whether a rebuild is running."""
        running = self._running
        return running is not None and running.poll() is None

    def end(self) -> None:
        """Interrupt the rebuild, and wait until it has ended."""
        self.interrupt()
        running = self._running
        if running is not None:
            try:
                running.wait(STOPPED_WITHIN_S)
            except subprocess.TimeoutExpired:
                running.kill()

    def shown(self) -> dict[str, Any]:
        """Return how far it is: its percents, its events, what it has said, and how it ended."""
        with self._lock:
            return dict(self._shown)

    def _read(self, process: subprocess.Popen[bytes], terminal: int) -> None:
        rest = ""
        while True:
            try:
                block = os.read(terminal, 4096)
            except OSError:
                # Linux says EIO once nobody has the other end open.
                block = b""
            if not block:
                break
            *lines, rest = re.split(r"[\r\n]+", rest + block.decode("utf-8", "replace"))
            self._hear(line for line in lines if line != ASKS)
            if ASKS in lines:
                self._before_swap()
                self._let_go_on(process)
        os.close(terminal)
        code = process.wait()
        with suppress(OSError):
            assert process.stdin
            process.stdin.close()
        with self._lock:
            self._running = None
            failed = "interrupted" if self._is_interrupted else "failed"
            self._shown |= {"running": False, "ended": failed if code else "rebuilt"}
            if code == 0:
                self._shown["percent"] = 100

    def _let_go_on(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin
        with suppress(OSError):
            process.stdin.write(b"\n")
            process.stdin.flush()

    def _hear(self, lines: Iterable[str]) -> None:
        with self._lock:
            for line in lines:
                found = _SHARE.search(line)
                if found:
                    self._shown |= {"percent": int(found[1]), "events": int(found[2])}
                elif line.strip():
                    self._shown["said"] = [*self._shown["said"], line.strip()][-MOST_LINES:]


def _nothing_yet() -> dict[str, Any]:
    return {
        "model": None,
        "running": False,
        "percent": None,
        "events": None,
        "said": [],
        "ended": None,
    }


def add_rebuild(app: Flask, rebuilding: Rebuilding) -> None:
    """Give the app the routes of the rebuild; only `web` is shown to the room.

    Args:
        app: the query service.
        rebuilding: runs it.
    """

    @app.get("/lab/rebuild")
    def show_rebuild() -> Response:
        return json_response(rebuilding.shown())

    @app.post("/lab/rebuild")
    def start_rebuild() -> Response:
        asked = request.get_json(silent=True)
        model = asked.get("model") if isinstance(asked, dict) and len(asked) == 1 else None
        if model not in MODELS:
            detail = f'Send {{"model": …}}, one of {", ".join(MODELS)}.'
            raise Problem(400, "wrong-shape", "The body has the wrong shape.", detail)
        if not rebuilding.start(model):
            detail = "Wait for it, or stop it with DELETE /rebuild."
            raise Problem(409, "rebuild-running", "A rebuild is running.", detail)
        return json_response(rebuilding.shown(), 202)

    @app.delete("/lab/rebuild")
    def interrupt_rebuild() -> Response:
        rebuilding.interrupt()
        return json_response(rebuilding.shown())
