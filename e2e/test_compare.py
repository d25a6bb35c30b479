"""The two truths compared, in a real browser: how rows differ, since when, at which moment."""

from typing import Any

import pytest
from playwright.sync_api import Page

from stack.local import LocalStack

NOTHING_UNDER_WAY = {
    "command-service": {"outbox": 0},
    "projector": {"queue": 0, "unacked": 0, "dead_letters": 0},
}


@pytest.fixture
def judge(page: Page, stack: LocalStack) -> Page:
    """A page with the module at hand, and `compareAt(at_ms, given)`."""
    page.goto(f"{stack.urls.web}/healthz")
    page.evaluate(
        """async () => {
          window.m = await import("/static/js/compare.js");
          window.compareAt = (at_ms, given) => m.compare(at(at_ms, given));
          const at = (at_ms, { left, right, journeys, holds, noticed, error }) => ({
            truths: { at_ms: 1000,
                      postgresql: { at_ms: 1000, todos: left, error: null },
                      mongodb: { at_ms: 1000, todos: right, error: error ?? null } },
            journeys: journeys ?? [], momentOf: () => at_ms, holds: holds ?? {},
            noticed: new Map(noticed ?? []),
          });
        }"""
    )
    return page


def row(version: int = 1, todo_id: int = 1, **more: Any) -> dict[str, Any]:
    return {"id": todo_id, "title": "a", "completed": False, "version": version, **more}


def journey(version: int, kind: str = "renamed", **hops: float) -> dict[str, Any]:
    """A journey of todo 1, with its hops by name and time."""
    return {
        "event_id": f"e{version}",
        "type": f"todo.{'created' if version == 1 else kind}.v1",
        "todo_id": 1,
        "version": version,
        "title": f"title {version}",
        "completed": False,
        "hops": [
            {"hop": name.replace("_", "-"), "at_ms": at_ms, "span_id": name}
            for name, at_ms in hops.items()
        ],
    }


@pytest.mark.parametrize(
    ("left", "right", "state", "versions"),
    [
        (row(), row(), "equal", 0),
        (row(), None, "missing", 1),
        (row(3), row(1), "stale", 2),
        (row(2), row(2, deleted=True), "gone", 0),
        (row(3), row(2, deleted=True), "stale", 1),
        (None, row(), "ghost", 0),
        (None, row(2, deleted=True), "equal", 0),
        (None, None, "equal", 0),
        (row(1), row(3), "ahead", 2),
        (row(), row(title="b"), "differs", 0),
    ],
)
def test_two_rows_are_told_apart(
    judge: Page, left: Any, right: Any, state: str, versions: int
) -> None:
    got = judge.evaluate("([left, right]) => m.judge(left, right)", [left, right])
    assert got == {"state": state, "versions": versions}


def test_a_difference_lasts_since_the_acknowledgement_of_what_is_lacking(judge: Page) -> None:
    given = {
        "left": [row(3)],
        "right": [row(1)],
        "journeys": [
            journey(1, committed=100, acknowledged=110, projected=130),
            journey(2, committed=200, acknowledged=210),
            journey(3, committed=900, acknowledged=910),
        ],
    }
    [got] = judge.evaluate("(given) => compareAt(1500, given)", given)
    assert (got["state"], got["versions"], got["for_ms"]) == ("stale", 2, 1290)
    said = judge.evaluate("(it) => m.words(it)", got)
    assert said == "stale by 2 versions for 1.29 s"


def test_a_moment_before_the_answer_shows_what_was_held_then(judge: Page) -> None:
    given = {
        "left": [row(2, title="title 2")],
        "right": [row(2, title="title 2")],
        "journeys": [
            journey(1, committed=100, acknowledged=110, projected=130),
            journey(2, committed=200, acknowledged=210, projected=400),
        ],
    }
    [[before], [between], [after]] = judge.evaluate(
        "(given) => [150, 300, 500].map((at_ms) => compareAt(at_ms, given))", given
    )
    assert (before["state"], before["left"]["version"], before["left"]["title"]) == (
        "equal",
        1,
        "title 1",
    )
    assert (between["state"], between["right"]["version"], between["for_ms"]) == ("stale", 1, 90)
    assert (after["state"], after["left"]["version"]) == ("equal", 2)
    assert judge.evaluate("(given) => compareAt(50, given)", given) == []


def test_what_happened_after_the_answer_is_taken_into_account(judge: Page) -> None:
    given = {"left": [], "right": [], "journeys": [journey(1, committed=1100, acknowledged=1110)]}
    [got] = judge.evaluate("(given) => compareAt(1200, given)", given)
    assert (got["state"], got["for_ms"]) == ("missing", 90)


def test_what_mongodb_deleted_is_gone_on_both_sides_once_it_is_projected(judge: Page) -> None:
    given = {
        "left": [],
        "right": [row(2, deleted=True)],
        "journeys": [
            journey(1, committed=100, acknowledged=110, projected=130),
            journey(2, "deleted", committed=200, acknowledged=210, projected=400),
        ],
    }
    [ghost], nothing = judge.evaluate(
        "(given) => [300, 500].map((at_ms) => compareAt(at_ms, given))", given
    )
    assert (ghost["state"], ghost["right"]["version"], ghost["for_ms"]) == ("ghost", 1, 90)
    assert nothing == []


@pytest.mark.parametrize(
    ("holds", "noticed_ms", "lost"),
    [
        (NOTHING_UNDER_WAY, 1000, True),
        (NOTHING_UNDER_WAY, 8000, False),
        ({**NOTHING_UNDER_WAY, "command-service": {"outbox": 1}}, 1000, False),
        ({**NOTHING_UNDER_WAY, "command-service": None}, 1000, False),
        (
            {**NOTHING_UNDER_WAY, "projector": {"queue": 0, "unacked": 0, "dead_letters": 1}},
            1000,
            False,
        ),
    ],
)
def test_lost_is_only_what_no_event_under_way_could_bring(
    judge: Page, holds: Any, noticed_ms: int, lost: bool
) -> None:
    given = {
        "left": [row()],
        "right": [],
        "holds": holds,
        "noticed": [[1, noticed_ms]],
        "journeys": [journey(1, committed=100, acknowledged=110)],
    }
    [got] = judge.evaluate("(given) => compareAt(9000, given)", given)
    assert got["lost"] is lost
    said = judge.evaluate(
        """([it, holds]) => m.verdict([it],
             { at_ms: 1, postgresql: { error: null }, mongodb: { error: null } }, holds)""",
        [got, holds],
    )
    assert said["state"] == ("lost" if lost else "behind")
    if lost:
        assert said["words"] == "1 lost: no event is under way that could bring it"


def test_where_a_side_cannot_be_asked_nothing_is_judged(judge: Page) -> None:
    given = {"left": [row()], "right": [], "error": "down", "holds": NOTHING_UNDER_WAY}
    [got] = judge.evaluate("(given) => compareAt(9000, given)", given)
    assert (got["state"], got["lost"]) == ("unknown", False)


def test_where_nothing_can_be_judged_the_newest_are_shown(judge: Page) -> None:
    left = [row(todo_id=number) for number in range(1, 10)]
    given = {"left": left, "right": [], "error": "down"}
    got = judge.evaluate(
        "(given) => m.chosen(compareAt(9000, given), 3).map(({ id }) => id)", given
    )
    assert got == [7, 8, 9]


def test_those_that_differ_are_shown_before_the_newest(judge: Page) -> None:
    left = [row(todo_id=number) for number in range(1, 10)]
    given = {"left": left, "right": [it for it in left if it["id"] != 2]}
    got = judge.evaluate(
        "(given) => m.chosen(compareAt(9000, given), 3).map(({ id }) => id)", given
    )
    assert got == [2, 8, 9]
