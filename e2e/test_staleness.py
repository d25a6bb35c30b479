"""The staleness window's figures, in a real browser."""

from typing import Any

import pytest
from playwright.sync_api import Page

from stack.local import LocalStack


@pytest.fixture
def staleness(page: Page, stack: LocalStack) -> Page:
    page.goto(f"{stack.urls.web}/healthz")
    page.evaluate("""async () => { window.m = await import("/static/js/facts/staleness.js"); }""")
    return page


def journey(todo_id: int, version: int = 1, **hops: float) -> dict[str, Any]:
    return {
        "event_id": f"e{todo_id}.{version}",
        "todo_id": todo_id,
        "version": version,
        "hops": [{"hop": name, "at_ms": at_ms, "span_id": name} for name, at_ms in hops.items()],
    }


def test_the_window_is_from_the_acknowledgement_to_mongodb(staleness: Page) -> None:
    journeys = [journey(n, acknowledged=1000, projected=1000 + n) for n in range(1, 101)]
    got = staleness.evaluate("(journeys) => m.untilProjected(journeys)", journeys)
    assert (got["p50_ms"], got["p95_ms"], got["p99_ms"], got["count"]) == (50, 95, 99, 100)


def test_what_is_not_there_yet_is_counted_apart(staleness: Page) -> None:
    journeys = [journey(1, acknowledged=10, projected=20), journey(2, acknowledged=10)]
    got = staleness.evaluate("(journeys) => m.untilProjected(journeys)", journeys)
    assert (got["count"], got["pending"], got["samples_ms"]) == (1, 1, [10])


def test_a_newer_version_shows_the_older_write_too(staleness: Page) -> None:
    journeys = [
        journey(1, 1, acknowledged=10),
        journey(1, 2, acknowledged=15, projected=30),
    ]
    got = staleness.evaluate("(journeys) => m.untilProjected(journeys)", journeys)
    assert got["samples_ms"] == [15, 20]


def test_what_was_readable_before_the_answer_came_was_readable_at_once(staleness: Page) -> None:
    got = staleness.evaluate(
        "(journeys) => m.untilProjected(journeys).samples_ms",
        [journey(1, acknowledged=20, projected=15)],
    )
    assert got == [0]


def test_the_curve_is_the_share_that_was_readable_by_then(staleness: Page) -> None:
    got = staleness.evaluate("() => m.curveAt([1, 2, 2, 4], [0, 1, 2, 3, 4])")
    assert got == [0, 0.25, 0.75, 0.75, 1]
    assert staleness.evaluate("() => m.curveAt([], [1])") == [None]


def test_without_samples_there_is_no_quantile(staleness: Page) -> None:
    assert staleness.evaluate("() => m.quantile([], 0.5)") is None
    assert staleness.evaluate("() => m.quantile([3], 0.99)") == 3


def test_probes_are_gathered_by_their_delay(staleness: Page) -> None:
    probes = [{"t_ms": t, "visible": t > 2} for t in (4, 1, 3, 2)]
    got = staleness.evaluate("(probes) => m.grouped(probes, 2)", probes)
    assert got == [
        {"t_ms": 1.5, "share": 0, "count": 2},
        {"t_ms": 3.5, "share": 1, "count": 2},
    ]


def test_the_share_of_stale_time_counts_what_overlaps_once(staleness: Page) -> None:
    journeys = [
        journey(1, acknowledged=0, projected=20),
        journey(2, acknowledged=10, projected=30),
        journey(3, acknowledged=90),
    ]
    assert staleness.evaluate("(journeys) => m.staleShare(journeys, 0, 100)", journeys) == 0.4


def test_lag_is_from_the_commit_and_of_the_last_minutes_only(staleness: Page) -> None:
    journeys = [journey(1, committed=0, projected=5), journey(2, committed=100, projected=107)]
    got = staleness.evaluate("(journeys) => m.lags(journeys, 50)", journeys)
    assert got == [{"at_ms": 107, "lag_ms": 7}]
