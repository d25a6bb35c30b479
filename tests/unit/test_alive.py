"""The health check of a container asks the process directly."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from chassis.alive import trouble
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


def test_what_is_no_http_is_not_alive() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def say_nothing() -> None:
            server.accept()[0].close()

        threading.Thread(target=say_nothing, daemon=True).start()
        assert trouble(port)


def test_a_check_starts_without_the_modules_that_would_cost_more_than_the_rest() -> None:
    # Not in this process, where others have long loaded them.
    look = "import sys, chassis.alive; print(*sys.modules.keys() & {'http.client', 'email', 'ssl'})"
    done = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.strip() == b""
