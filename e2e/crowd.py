"""A crowded run: at its middle there are events at every place and in every pipe."""

import json
import random
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page, expect

from e2e.support import drawn
from tests.support.hops import hops, whole_way

AT_MS = 1_700_000_000_000
SPAN_MS = 500
FACTOR = 300
WAY = [name for name in whole_way() if name != "seen"]
WAITS = {name for name in WAY if hops()[name]["move"]["waits"]}
# How long a mark is shown on its way, on the page's clock.
WAIT_MS, TRAVEL_MS = 500, 2000

# Moves the scrubber to the run's middle.
TO_THE_MIDDLE = """
() => {
  const scrub = document.querySelector("[data-scrub]");
  scrub.value = String(Number(scrub.max) / 2);
  scrub.dispatchEvent(new Event("input", { bubbles: true }));
}
"""


def crowd(standing: Mapping[str, int], moving: Mapping[str, int], *, first: int = 1) -> str:
    """Return a run as the page opens it.

    Args:
        standing: how many events stand where a hop has brought them, by that hop.
        moving: how many are on their way to a hop, by that hop.
        first: the first id.
    """
    chance = random.Random(5)
    ways = []
    for hop, count in standing.items():
        done = WAY[: WAY.index(hop) + 1]
        for number in range(count):
            end_ms = AT_MS - 1 - number * 0.01
            ways.append([(each, end_ms - 0.5 * (len(done) - 1 - i)) for i, each in enumerate(done)])
    for hop, count in moving.items():
        done = WAY[: WAY.index(hop)]
        for _ in range(count):
            move_ms = (WAIT_MS if hop in WAITS else TRAVEL_MS) / FACTOR
            next_ms = AT_MS + (1 - chance.random()) * move_ms
            last_ms = next_ms - move_ms * (2 if hop in WAITS else 1)
            way = [(each, last_ms - 0.5 * (len(done) - 1 - i)) for i, each in enumerate(done)]
            ways.append([*way, (hop, next_ms)])
    chance.shuffle(ways)
    # Two finished journeys mark the ends of the run, so that the moment is in its middle.
    ends = (AT_MS - SPAN_MS, AT_MS + SPAN_MS)
    ways.extend([("received", end_ms), ("seen", end_ms)] for end_ms in ends)
    journeys = [journey(first + number, way) for number, way in enumerate(ways)]
    run = {"format": "eventually-run", "version": 1, "at_ms": AT_MS, "journeys": journeys}
    return json.dumps({**run, "reads": [], "probes": []})


def journey(todo_id: int, way: list[tuple[str, float]]) -> dict[str, Any]:
    """Return the journey of a todo, created or changed or deleted by its id."""
    event_id = f"00000000-0000-0000-0000-{todo_id:012d}"
    kind = ("created", "completed", "deleted")[todo_id % 3]
    hops = [
        {"event_id": event_id, "hop": hop, "at_ms": at_ms, "span_id": f"{todo_id} {hop}"}
        for hop, at_ms in way
    ]
    known = {"todo_id": todo_id, "version": 1, "title": f"Todo {todo_id}", "completed": False}
    return {"event_id": event_id, "type": f"todo.{kind}.v1", **known, "hops": hops}


def show(page: Page, run: str) -> None:
    """Open the run, go to its middle, and wait until that is drawn."""
    file = {"name": "run.json", "mimeType": "application/json", "buffer": run.encode()}
    page.locator("[data-run-file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator("[data-run-banner]")).to_be_visible()
    expect(page.locator("[data-moment]")).not_to_have_text("now")
    page.evaluate(TO_THE_MIDDLE)
    drawn(page)
