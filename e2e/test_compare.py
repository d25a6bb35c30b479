"""The two truths compared, in a real browser: how rows differ, since when, at which moment."""

from typing import Any

import pytest
from playwright.sync_api import Page

from stack.local import LocalStack


@pytest.fixture
def judge(page: Page, stack: LocalStack) -> Page:
    """A page with the module at hand, and `compareAt(at_ms, given)`."""
    page.goto(f"{stack.urls.web}/healthz")
    page.evaluate(
        """async () => {
          const rooms = ["compare", "quiet", "verdict"];
          const of = (room) => import(`/static/js/facts/${room}.js`);
          window.m = Object.assign({}, ...(await Promise.all(rooms.map(of))));
          window.compareAt = (at_ms, given) => m.compare(at(at_ms, given));
          const at = (at_ms, given) => ({
            truths: { at_ms: given.asked_ms ?? 1000, after: given.after ?? 0, older: given.older,
                      postgresql: { at_ms: given.asked_ms ?? 1000, todos: given.left, error: null },
                      mongodb: { at_ms: given.asked_ms ?? 1000, todos: given.right,
                                 error: given.error ?? null } },
            journeys: given.journeys ?? [], momentOf: () => at_ms,
            live_ms: given.live_ms ?? at_ms, isPast: given.isPast ?? false,
            noticed: new Map(given.noticed ?? []), quiet_ms: given.quiet_ms ?? null,
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


def verdict_of(judge: Page, compared: list[Any], **older: Any) -> Any:
    return judge.evaluate(
        """([compared, older]) => m.verdict(compared, { at_ms: 1, after: 9, older: older.older,
             postgresql: { error: null }, mongodb: { error: null } }, {})""",
        [compared, older],
    )


@pytest.mark.parametrize(
    ("changed", "lost"),
    [
        ({}, True),
        # Something is under way, or was so a moment ago.
        ({"quiet_ms": None}, False),
        ({"quiet_ms": 8000}, False),
        # The stores were asked before it was quiet.
        ({"asked_ms": 4000}, False),
        ({"noticed": [[1, 8000]]}, False),
        # What is shown is late, and the stores agree by now.
        ({"journeys": [journey(1, committed=100, acknowledged=110, projected=8500)],
          "live_ms": 9100, "asked_ms": 8000}, False),
        ({"isPast": True}, False),
    ],
)  # fmt: skip
def test_lost_is_only_what_no_event_under_way_could_bring(
    judge: Page, changed: Any, lost: bool
) -> None:
    given = {
        "left": [row(title="title 1")],
        "right": [],
        "asked_ms": 6000,
        "quiet_ms": 5000,
        "noticed": [[1, 5500]],
        "journeys": [journey(1, committed=100, acknowledged=110)],
        **changed,
    }
    at_ms = 8400 if "live_ms" in changed else 9000
    [got] = judge.evaluate("([at_ms, given]) => compareAt(at_ms, given)", [at_ms, given])
    assert (got["state"], got["lost"]) == ("missing", lost)
    said = verdict_of(judge, [got])
    assert said["state"] == ("lost" if lost else "behind")
    if lost:
        assert said["words"] == "1 lost: no event is under way that could bring it"


def test_what_mongodb_had_and_has_lost_is_lacking_since_that_was_found(judge: Page) -> None:
    given = {
        "left": [row()],
        "right": [],
        "asked_ms": 6000,
        "noticed": [[1, 5500]],
        "journeys": [journey(1, committed=100, acknowledged=110, projected=130)],
    }
    [got] = judge.evaluate("(given) => compareAt(9000, given)", given)
    assert (got["state"], got["for_ms"]) == ("missing", 3500)
    # Found by nobody yet: then nobody knows.
    [got] = judge.evaluate("(given) => compareAt(9000, given)", {**given, "noticed": []})
    assert judge.evaluate("(it) => m.words(it)", got) == "not there"


def test_a_ghost_is_not_lost_but_to_be_removed(judge: Page) -> None:
    given = {
        "left": [],
        "right": [row()],
        "asked_ms": 6000,
        "quiet_ms": 5000,
        "noticed": [[1, 5500]],
    }
    [got] = judge.evaluate("(given) => compareAt(9000, given)", given)
    assert (got["state"], got["lost"]) == ("ghost", True)
    assert judge.evaluate("(it) => m.words(it)", got) == "a ghost for 3.50 s"
    words = "1 ghost: no event is under way that could remove it"
    assert verdict_of(judge, [got])["words"] == words


def test_before_its_acknowledgement_nothing_is_said_to_last(judge: Page) -> None:
    given = {"left": [], "right": [], "journeys": [journey(1, committed=1100, acknowledged=1110)]}
    [got] = judge.evaluate("(given) => compareAt(1105, given)", given)
    assert judge.evaluate("(it) => m.words(it)", got) == "not there"
    assert verdict_of(judge, [got])["words"] == "1 todo behind"


def test_what_is_not_yet_written_is_not_held_by_mongodb_either(judge: Page) -> None:
    """The trace of its projection is lost, and the moment that is shown is late."""
    given = {"left": [row()], "right": [row()], "journeys": [journey(1, committed=500)]}
    assert judge.evaluate("(given) => compareAt(400, given)", given) == []


def test_older_todos_that_differ_are_among_those_compared(judge: Page) -> None:
    older = {"id": 3, "at_ms": 1000, "postgresql": row(2, 3), "mongodb": row(1, 3)}
    given = {
        "left": [row(todo_id=300)],
        "right": [row(todo_id=300)],
        "after": 100,
        "older": {"todos": [older], "differing": 1, "compared": 100, "since_ms": 500},
    }
    got = judge.evaluate("(given) => compareAt(1500, given)", given)
    assert [(it["id"], it["state"]) for it in got] == [(3, "stale"), (300, "equal")]
    # Not all that differ are told one by one.
    more = {"todos": [older], "differing": 40, "compared": 100, "since_ms": 500}
    assert verdict_of(judge, got, older=more)["words"] == "40 todos behind"


def test_until_the_older_todos_are_compared_the_verdict_says_so(judge: Page) -> None:
    given = {"left": [row(todo_id=300)], "right": [row(todo_id=300)], "after": 100}
    got = judge.evaluate("(given) => compareAt(1500, given)", given)
    begun = {"todos": [], "differing": 0, "compared": 0, "since_ms": None}
    words = "consistent as to the newest; older todos are being compared"
    assert verdict_of(judge, got, older=begun)["words"] == words
    ended = {**begun, "compared": 100, "since_ms": 1200}
    assert verdict_of(judge, got, older=ended)["words"] == "consistent"


def test_of_the_past_older_todos_are_told_by_their_journeys(judge: Page) -> None:
    """Newer todos have pushed it out of the window that both stores are asked for."""
    given = {
        "left": [row(todo_id=300)],
        "right": [row(todo_id=300)],
        "after": 100,
        "isPast": True,
        "journeys": [journey(1, committed=200, acknowledged=210, projected=400)],
    }
    states = judge.evaluate(
        """(given) => [150, 300, 500].map((at_ms) =>
             compareAt(at_ms, given).filter(({ id }) => id === 1).map(({ state }) => state))""",
        given,
    )
    assert states == [[], ["missing"], []]
    given["journeys"] = [journey(1, committed=200, acknowledged=210)]
    [untold, _] = judge.evaluate("(given) => compareAt(300, given)", given)
    assert (untold["id"], untold["state"]) == (1, "unknown")


@pytest.mark.parametrize(
    ("outboxes", "quiet_ms"),
    [([0, 1, 0, 0], 3), ([0, 0], 1), ([0, 1], None), ([1, None], None), ([], None)],
)
def test_it_is_quiet_since_the_first_of_the_last_empty_samples(
    judge: Page, outboxes: list[int | None], quiet_ms: int | None
) -> None:
    nothing = {"queue": 0, "unacked": 0, "dead_letters": 0}
    held = [
        {"at_ms": at_ms, "holds": {"command-service": {"outbox": outbox}, "projector": nothing}}
        for at_ms, outbox in enumerate(outboxes, start=1)
    ]
    assert judge.evaluate("(held) => m.quietSince(held)", held) == quiet_ms


def test_where_a_side_cannot_be_asked_nothing_is_judged(judge: Page) -> None:
    given = {"left": [row()], "right": [], "error": "down", "quiet_ms": 1}
    [got] = judge.evaluate("(given) => compareAt(9000, given)", given)
    assert (got["state"], got["lost"]) == ("unknown", False)


def test_where_nothing_can_be_judged_the_newest_are_shown(judge: Page) -> None:
    left = [row(todo_id=number) for number in range(1, 10)]
    given = {"left": left, "right": [], "error": "down"}
    got = judge.evaluate(
        "(given) => m.chosen(compareAt(9000, given), 3, 0).map(({ id }) => id)", given
    )
    assert got == [7, 8, 9]


def test_those_that_differ_are_shown_before_the_newest(judge: Page) -> None:
    left = [row(todo_id=number) for number in range(1, 10)]
    given = {"left": left, "right": [it for it in left if it["id"] != 2]}
    got = judge.evaluate(
        "(given) => m.chosen(compareAt(9000, given), 3, 0).map(({ id }) => id)", given
    )
    assert got == [2, 8, 9]
    below = judge.evaluate(
        "(given) => m.chosen(compareAt(9000, given), 3, 2).map(({ id }) => id)", given
    )
    assert below == [2, 8, 9, 7, 6]
