"""Two runs, held against each other: what is counted, and how the terminal says it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.hops import contract
from web.journeys.contract import parse_contract
from web.journeys.faults import Firing
from web.journeys.journey import Hop, Journey
from web.journeys.path import Paths
from web.rerun.comparison import Better, Cell, Row, Run, compared, table_message
from web.rerun.record import NotARun, Probe, record_in, switches_on
from web.rerun.words import delta_said, left_said, table_said, value_said
from web.settings import HOPS

MS = 1_000_000
CONTRACT = parse_contract(HOPS.read_bytes())
PATHS = Paths(CONTRACT)
# A whole way in 70 ms.
WAY = {
    "received": 0,
    "committed": 5,
    "acknowledged": 10,
    "picked-up": 20,
    "confirmed": 30,
    "delivered": 40,
    "projected": 50,
    "seen": 70,
}


def journey(todo: int, version: int = 1, **hops: Any) -> Journey:
    """An event, with the hops at these times in ms, or with these details."""
    found = Journey(f"{todo}-{version}", (0, f"trace-{todo}"), "todo.created.v1", todo, version)
    for name, at in {it.replace("_", "-"): at for it, at in hops.items()}.items():
        at_ms, details = at if isinstance(at, tuple) else (at, {})
        start_ns = at_ms * MS if name == "confirmed" else None
        hop = Hop(name, at_ms * MS, start_ns, "a process", f"{name} {at_ms}", details)
        found.hops[hop.key] = hop
    return found


def whole(todo: int, **changed: Any) -> Journey:
    return journey(todo, **{it.replace("-", "_"): at for it, at in WAY.items()} | changed)


def run(*journeys: Journey, firings: Any = (), probes: Any = (), end_ms: int = 1000) -> Run:
    return Run(journeys, firings, probes, end_ms * MS, len(journeys), len(journeys))


def table(was: Run, now: Run) -> Mapping[str, Any]:
    return {it["says"]: it for it in table_message(compared(was, now, PATHS))}


def values(row: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return (*(row[it] and row[it]["value"] for it in ("was", "now")), row["delta"])


def test_each_stretch_has_its_half_and_its_most() -> None:
    rows = table(run(whole(1), whole(2, delivered=45), whole(3)), run(whole(4)))
    assert values(rows["in the queue, half"]) == (10, 10, 0)
    assert values(rows["in the queue, most"]) == (15, 10, -5)
    assert values(rows["until MongoDB has it, half"]) == (40, 40, 0)
    assert values(rows["until a read shows it, most"]) == (60, 60, 0)
    assert "in the queue, injected, half" not in rows


def test_what_was_injected_stands_apart() -> None:
    slow = Firing("1", "slow", "projector", "projector", 40 * MS, 240 * MS, event_id="1-1")
    late = whole(1, projected=250, seen=270)
    rows = table(run(late, firings=[slow]), run(whole(2)))
    assert values(rows["in the projector, most"]) == (10, 10, 0)
    assert values(rows["in the projector, injected, most"]) == (200, 0, -200)
    assert values(rows["until MongoDB has it, injected, half"]) == (200, 0, -200)
    assert values(rows["until MongoDB has it, half"]) == (40, 40, 0)
    assert values(rows["times that a switch acted"]) == (1, 0, -1)


def test_a_write_that_is_not_there_is_slower_than_all_that_are() -> None:
    lost = whole(2)
    for name in ("picked-up", "confirmed", "delivered", "projected", "seen"):
        lost.hops = {key: hop for key, hop in lost.hops.items() if key[0] != name}
    rows = table(run(whole(1), lost, whole(3)), run(whole(4)))
    assert values(rows["until MongoDB has it, half"]) == (40, 40, 0)
    most = rows["until MongoDB has it, most"]
    assert (most["was"], most["delta"]) == ({"value": 40, "is_more": True}, None)
    assert values(rows["acknowledged, and not in MongoDB"]) == (1, 0, -1)


def test_a_newer_version_in_mongodb_shows_the_older_one_too() -> None:
    first = journey(1, received=0, committed=5, acknowledged=10)
    newer = journey(1, 2, committed=15, acknowledged=20, projected=50)
    rows = table(run(first, newer), run())
    assert values(rows["until MongoDB has it, most"]) == (40, None, None)
    assert values(rows["acknowledged, and not in MongoDB"])[0] == 0


def test_what_went_wrong_is_counted() -> None:
    again = whole(1, retried=(45, {"attempt": 1}), projected=(50, {"attempt": 2}))
    hop = Hop("delivered", 48 * MS, None, "projector", "another", {"redelivered": True})
    again.hops[hop.key] = hop
    dead = journey(2, received=0, committed=5, acknowledged=10, delivered=40)
    dead.hops["dead-lettered", "it"] = Hop("dead-lettered", 60 * MS, None, "projector", "it")
    ghost = journey(3, delivered=40, projected=50)
    rows = table(run(again, dead, ghost), run(whole(4)))
    for says, was in (
        ("delivered again", 1),
        ("attempts that failed", 1),
        ("most attempts for one event", 2),
        ("dead letters", 1),
        ("in MongoDB, and never committed", 1),
        ("acknowledged, and not in MongoDB", 0),
    ):
        assert values(rows[says]) == (was, 0, -was), says


def test_probe_reads_speak_for_as_many_writes_as_they_weigh() -> None:
    def probe(event: str, weight: float, *, visible: bool) -> Probe:
        return Probe(event, visible, weight, 15 * MS, 10 * MS, 16 * MS)

    was = run(
        whole(1),
        whole(2),
        probes=[probe("1-1", 3, visible=False), probe("2-1", 1, visible=True)],
    )
    now = run(whole(3), probes=[probe("3-1", 1, visible=True), probe("9-1", 1, visible=False)])
    assert values(table(was, now)["probe reads that were stale"]) == (75, 0, -75)


def test_every_stretch_of_the_way_is_in_the_table() -> None:
    rows = table(run(whole(1)), run(whole(2)))
    on_the_way = [it for it in rows.values() if it["group"] == "On the way"]
    assert len(on_the_way) == 2 * len(contract()["path"])


@pytest.mark.parametrize(
    ("value", "unit", "says"),
    [
        (0, "ms", "0 ms"),
        (0.2345, "ms", "0.234 ms"),
        (9.876, "ms", "9.88 ms"),
        (412.34, "ms", "412 ms"),
        (2500, "ms", "2.50 s"),
        (75, "%", "75.0 %"),
        (1234, "events", "1,234"),
    ],
)
def test_values_are_said_with_their_units(value: float, unit: str, says: str) -> None:
    assert value_said(value, unit) == says


def test_the_table_is_said_line_by_line() -> None:
    rows = table_message(compared(run(whole(1, delivered=140)), run(whole(2)), PATHS))
    lines = list(table_said(rows))
    assert lines[0].split() == ["Was", "Now", "Δ"]
    [queue] = [it for it in lines if it.strip().startswith("in the queue, half")]
    assert queue.endswith("-100 ms better")
    assert "On the way" in lines
    assert len({len(it) for it in lines if it.startswith("  ")}) == 1


def test_more_is_better_only_where_it_is() -> None:
    def said(better: Better | None, was: float, now: Cell, unit: str = "commands") -> str:
        [row] = table_message([Row("", "", unit, better, Cell(was), now)])
        return delta_said(row)

    assert said("more", 4, Cell(2)) == "-2 worse"
    assert said(None, 4, Cell(2)) == "-2"
    assert said("less", 4, Cell(4)) == "0"
    # A time is called better only if it is half of the other at most.
    assert said("less", 15, Cell(10), "ms") == "-5.00 ms"
    assert said("less", 20, Cell(10), "ms") == "-10.0 ms better"
    assert said("less", 20, Cell(20, is_more=True), "ms") == "worse"


def test_what_is_left_out_is_said_once_for_each_reason() -> None:
    out = [{"todo": it, "version": 2, "why": "It is not in the record."} for it in range(5)]
    lines = list(left_said({"left": 6, "left_out": out}))
    assert lines == [
        "6 events cannot be played again:",
        "  It is not in the record. (#0 version 2, #1 version 2, #2 version 2 and 2 more)",
        "  1 more are not named.",
    ]


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (b"{", "This file is not JSON."),
        (b"\xff", "This file is not JSON."),
        (b"[]", "This file holds no run of Eventually"),
        (b'{"format": "eventually-run", "version": 2}', "This run is of version 2"),
        (
            b'{"format": "eventually-run", "version": 1, "journeys": [{"event_id": 1}]}',
            "$.journeys[0].event_id",
        ),
    ],
)
def test_a_file_that_is_no_run_is_refused_with_the_reason(file: bytes, says: str) -> None:
    with pytest.raises(NotARun, match=says.replace("$", r"\$").replace("[", r"\[")):
        record_in(file, CONTRACT)


def test_the_run_of_a_lessons_sheet_is_what_it_was_at_first() -> None:
    sheet = {
        "format": "eventually-run",
        "version": 1,
        "runs": {"was": {"began_ms": 10, "over_ms": 20, "todos": {}}, "now": None},
        "lesson": {"anything": []},
    }
    window = record_in(json.dumps(sheet).encode(), CONTRACT).window
    assert [window.has(it * MS) for it in (9, 10, 20, 21)] == [False, True, True, False]


def test_what_was_on_then_is_known() -> None:
    off, on = {"on": False, "delay_ms": 5}, {"on": True, "delay_ms": 5}
    samples: list[tuple[float, Mapping[str, Any]]] = [
        (1, {"relay": {"slow": on}, "projector": {"pause": {"on": True}}, "links": None}),
        (2, {"relay": {"slow": off}}),
        (5, {"relay": {"slow": on}}),
        (6, {"relay": {"slow": off}}),
    ]
    crash = Firing("1", "crash", "counter", "counter", 4 * MS)
    # What was on at its beginning, what was switched on later, and what nobody saw but in the act.
    assert switches_on(samples, [crash], 3) == {
        ("projector", "pause"): {"on": True},
        ("relay", "slow"): on,
        ("counter", "crash"): {},
    }
    assert switches_on(samples, [crash], 7) == {("projector", "pause"): {"on": True}}
    assert switches_on(samples[:1], [], 9).keys() == {("relay", "slow"), ("projector", "pause")}
