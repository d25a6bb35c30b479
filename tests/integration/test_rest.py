"""What web does while nothing happens: how much it asks of the others, and how often it wakes."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
import pytest
import requests

from tests.support import until
from tests.support.web_alone import SERVICES, Web, a_page, a_web

READY = {"ready": True, "checks": {}}
LAB = {"switches": {}, "descriptions": {}, "holds": {"todos": 1, "queue": 0}}


class Pipeline(ThreadingHTTPServer):
    """Answers for all four processes that nothing happens, and counts what it is asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: Counter[str] = Counter()
        self.connections = 0

    def variables(self) -> dict[str, str]:
        return {name: f"http://127.0.0.1:{self.server_port}/{name}" for name in SERVICES}


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Pipeline

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_GET(self) -> None:
        _, process, what = self.path.partition("?")[0].split("/", 2)
        self.server.asked[f"{process} /{what}"] += 1
        self.answer(200, {"readyz": READY, "lab": LAB, "todos": []}[what])

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(201, {"message": "Todo created successfully.", "id": 1})

    def answer(self, status: int, told: object) -> None:
        body = json.dumps(told).encode()
        is_known = self.headers["If-None-Match"] == '"same"'
        self.send_response(304 if is_known else status)
        self.send_header("ETag", '"same"')
        if not is_known:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not is_known:
            self.wfile.write(body)

    def log_message(self, *_told: object) -> None:
        pass


@pytest.fixture
def pipeline() -> Iterator[Pipeline]:
    with Pipeline() as pipeline:
        serving = threading.Thread(target=pipeline.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        try:
            yield pipeline
        finally:
            pipeline.shutdown()
            serving.join()


@pytest.fixture
def web(pipeline: Pipeline, tmp_path: Path) -> Iterator[Web]:
    with a_web(tmp_path / "web.log", LAB="1", **pipeline.variables()) as web:
        yield web


def asked_until(pipeline: Pipeline, process: str, rounds: int) -> Counter[str]:
    """What has been asked since now by the time at which a process was asked for its health."""
    before = pipeline.asked.copy()
    health = f"{process} /readyz"
    until(lambda: pipeline.asked[health] >= before[health] + rounds)
    return pipeline.asked - before


def _has_been_asked(pipeline: Pipeline, what: str, times: int) -> bool:
    return pipeline.asked[what] >= times


def test_with_no_page_web_asks_and_wakes_seldom(pipeline: Pipeline, web: Web) -> None:
    until(lambda: pipeline.asked["RELAY_URL /lab"])
    process = psutil.Process(web.pid)
    woken = process.num_ctx_switches().voluntary
    # One round of questions: some five seconds, in which web knows nothing but its own clock.
    asked = asked_until(pipeline, "RELAY_URL", 1)
    for other in SERVICES:
        assert asked[f"{other} /readyz"] <= 2
        assert asked[f"{other} /lab"] <= 2
    assert asked["QUERY_SERVICE_URL /todos"] <= 8
    assert process.num_ctx_switches().voluntary - woken <= 100
    # The connections are kept.
    assert pipeline.connections <= len(SERVICES) + 2


def test_with_a_page_all_is_asked_at_once_and_then_once_a_second(
    pipeline: Pipeline, web: Web
) -> None:
    until(lambda: pipeline.asked["PROJECTOR_URL /lab"])
    with a_page(web):
        # The first time because the page has come: web alone would wait for five seconds.
        asked = asked_until(pipeline, "PROJECTOR_URL", 1)
        assert asked["QUERY_SERVICE_URL /todos"] <= 3
        asked = asked_until(pipeline, "PROJECTOR_URL", 2)
    for other in SERVICES:
        assert asked[f"{other} /lab"] <= 4
    assert asked["QUERY_SERVICE_URL /todos"] <= 5


def test_a_command_that_is_passed_on_is_read_in_the_usual_time(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    reads = "QUERY_SERVICE_URL /todos"
    variables = {**pipeline.variables(), "POLL_INTERVAL_MS": "50"}
    with a_web(tmp_path / "web.log", **variables) as web:
        for _ in range(20):
            next_read = pipeline.asked[reads] + 1
            requests.post(f"{web.url}/commands/todos", json={"title": "x"}, timeout=60)
            until(partial(_has_been_asked, pipeline, reads, next_read))
    # A reader at rest would have needed 20 seconds, and web asks for health every five.
    assert pipeline.asked["PROJECTOR_URL /readyz"] <= 3
