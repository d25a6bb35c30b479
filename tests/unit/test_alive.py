"""The health check of a container asks the process directly."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from stack.programs import ROOT

PROXY = "http://127.0.0.1:9"


class Alive(BaseHTTPRequestHandler):
    """Alive at /healthz, and a proxy nowhere."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Alive) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def ask(port: int) -> subprocess.CompletedProcess[str]:
    proxies = {"http_proxy": PROXY, "HTTP_PROXY": PROXY, "ALL_PROXY": PROXY, "no_proxy": ""}
    return subprocess.run(
        [sys.executable, "-m", "chassis.alive", str(port)],
        cwd=ROOT,
        env={**os.environ, **proxies},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_process_is_alive_whatever_proxies_are_named(port: int) -> None:
    done = ask(port)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_process_that_is_gone_is_not(port: int) -> None:
    done = ask(1)
    assert done.returncode == 1
    assert "refused" in done.stderr
