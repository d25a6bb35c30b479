"""Programs as places of the lab, with a supervisor that only notes what it is told."""

import threading
from collections.abc import Iterator, Mapping

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis.clock import Clock
from chassis.lab.firings import Firings
from chassis.programs import parse_programs
from stack.outside import Program, Recent
from stack.programs import ROOT
from stack.supervisor_client import Status
from tests.support.waiting import until


class Supervisor:
    """Counts how often it is asked, and has a program come up only when the test says so."""

    def __init__(self) -> None:
        self.asked = 0
        self.state, self.pid = "RUNNING", 7

    def statuses(self) -> Mapping[str, Status]:
        self.asked += 1
        return {"relay": Status(self.state, self.pid)}

    def stop(self, name: str) -> None:
        self.state, self.pid = "STOPPED", 0

    def begin_start(self, name: str) -> None:
        self.state, self.pid = "STARTING", 8

    def kill(self, name: str) -> int:
        # Its state is not known to be another at once.
        return self.pid

    def comes_up(self) -> None:
        self.state, self.pid = "RUNNING", 8

    def freeze(self, name: str) -> int:
        return 7

    def accepts(self, name: str) -> bool:
        return self.state == "RUNNING"


def test_the_supervisor_is_asked_again_only_after_something_was_done() -> None:
    supervisor = Supervisor()
    recent = Recent(supervisor, fresh_s=3600)
    assert [recent.statuses()["relay"].state for _ in range(3)] == ["RUNNING"] * 3
    assert supervisor.asked == 1
    recent.stop("relay")
    assert recent.statuses()["relay"].state == "STOPPED"
    recent.begin_start("relay")
    assert recent.statuses()["relay"].state == "STARTING"
    assert supervisor.asked == 3


@pytest.fixture
def stopped() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("name", ["stop", "kill"])
def test_a_program_is_away_until_it_takes_requests_again(
    name: str, stopped: threading.Event
) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    firings = Firings(provider.get_tracer("test"), Clock(), provider.force_flush, "relay")
    contract = parse_programs((ROOT / "contracts" / "programs.yaml").read_bytes())
    supervisor = Supervisor()
    program = Program("relay", supervisor, contract, firings, stopped)

    def phases() -> list[object]:
        spans = exporter.get_finished_spans()
        return [(it.attributes or {}).get("eventually.fault.phase") for it in spans]

    program.set(name, {"on": True})
    if name == "stop":
        program.set(name, {"on": False})
    asked = supervisor.asked
    until(lambda: supervisor.asked > asked + 1)
    assert phases() == ["begins"]
    supervisor.comes_up()
    until(lambda: phases() == ["begins", "over"])
