"""The clock of the machine is set, as when a laptop wakes: what happens is still shown, and seen.

The five processes take the time of day from a file's say (tests/support/settable_clock), as nobody
but root may set the clock itself. The page's Date is set with it.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from e2e.support import WITHIN_MS, add, lane
from stack.local import LocalStack
from stack.ports import Ports
from stack.programs import PROCESSES, ROOT
from tests.support import until
from tests.support.hops import assert_in_possible_order, whole_journey
from tests.support.switches import paused

HOUR_S = 3600
SETTABLE = ROOT / "tests" / "support" / "settable_clock"
# The page's own clock, which an open page does not rely on.
SETTABLE_DATE = """
  const real = Date.now;
  window.dateSetBy_ms = 0;
  Date.now = () => real() + window.dateSetBy_ms;
"""


class Machine:
    """A stack whose clock can be set, and a page whose clock is set with it."""

    def __init__(self, stack: LocalStack, file: Path) -> None:
        self.stack = stack
        self._file = file
        self._set_by_s = 0

    def set_by(self, change_s: int, page: Page) -> None:
        self._set_by_s += change_s
        with self._file.open("r+b") as file:
            file.write(struct.pack("q", self._set_by_s * 10**9))
        page.evaluate(f"window.dateSetBy_ms = {self._set_by_s * 1000}")

    def log(self, process: str) -> str:
        return (self.stack.log_folder / f"{process}.log").read_text()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    file = tmp_path / "set_by"
    file.write_bytes(struct.pack("q", 0))
    settable = {"PYTHONPATH": str(SETTABLE), "CLOCK_SET_BY": str(file)}
    folder, environment = tmp_path / "stack", dict.fromkeys(PROCESSES, settable)
    with LocalStack(folder, Ports.free(), environment=environment) as stack:
        yield Machine(stack, file)
    stack.remove()


def hops_of(stack: LocalStack, todo_id: int) -> list[Mapping[str, Any]]:
    """Return the hops of a new todo, once a read has shown it."""
    journeys = requests.get(f"{stack.urls.web}/journeys", timeout=60).json()["journeys"]
    [hops] = [it["hops"] for it in journeys if it["todo_id"] == todo_id]
    assert {*whole_journey()} <= {hop["hop"] for hop in hops}
    found: list[Mapping[str, Any]] = hops
    return found


def test_a_todo_is_shown_and_seen_before_and_after_the_clock_is_set(
    machine: Machine, page: Page
) -> None:
    stack = machine.stack
    page.add_init_script(SETTABLE_DATE)
    page.goto(stack.urls.web)
    expect(page.locator("[data-live]")).to_have_attribute("data-live", re.compile("live|behind"))
    page.locator("[data-factor]").select_option("1")
    written: list[int] = []
    for change_s, says in ((-HOUR_S, "back by 1 h"), (2 * HOUR_S, "forward by 2 h")):
        with paused(stack, "projector"):
            written.append(add(stack, "Before"))
            expect(lane(page, written[-1])).to_have_count(1)
            machine.set_by(change_s, page)
            expect(page.locator("[data-live-words]")).to_contain_text(f"clock set {says}")
        written.append(add(stack, "After"))
        for todo_id in written:
            expect(lane(page, todo_id)).to_have_attribute("data-state", "ended", timeout=WITHIN_MS)
    for todo_id in written:
        hops = until(lambda wanted=todo_id: hops_of(stack, wanted))  # type: ignore[misc]
        assert_in_possible_order(hops)
        took_ms = max(hop["at_ms"] for hop in hops) - min(hop["at_ms"] for hop in hops)
        assert took_ms < HOUR_S * 1000 / 2, hops
    expect(page.locator("[data-live-words]")).to_have_text("live", timeout=WITHIN_MS)
    for process in PROCESSES:
        until(lambda it=process: "the clock went back by 3,600 s" in machine.log(it))  # type: ignore[misc]
        assert "the clock went forward by 7,200 s" in machine.log(process)
