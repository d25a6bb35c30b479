"""Each kind of fact, measured on one run of the running stack."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from stack.local import LocalStack
from tests.support import another, rows, until

OF_MILK, OF_EGG, OF_ANN = {"of": "milk"}, {"of": "egg"}, {"of": "ann"}
FACTS: Mapping[str, Mapping[str, Any]] = {
    "created": {"count": "created"},
    "completed": {"count": "completed"},
    "deleted": {"count": "deleted"},
    "counted": {"count": "events"},
    "listed": {"model": "todos", "what": "count"},
    "title": {"model": "todos", "what": "title", **OF_MILK},
    "is-egg-there": {"model": "todos", "what": "present", **OF_EGG},
    "in-replica": {"model": "replica", "what": "count"},
    "title-in-replica": {"model": "replica", "what": "title", **OF_MILK},
    "rows": {"postgresql": "count"},
    "version": {"postgresql": "version", **OF_MILK},
    "missing": {"todos": "missing"},
    "extra": {"todos": "extra"},
    "differing": {"todos": "differing"},
    "titled": {"titled": "Oat milk", "in": "todos"},
    "in-log": {"titled": "Oat milk", "in": "log"},
    "outbox": {"holds": "outbox"},
    "parked": {"holds": "dead_letters", "when": "now"},
    "most-waiting": {"holds": "waiting", "when": "most"},
    "sent": {"commands": "sent"},
    "share": {"commands": "share-answered"},
    "status": {"commands": "status", **OF_MILK},
    "delivered": {"hop": "delivered", "what": "events"},
    "again": {"hop": "delivered", "what": "redelivered", **OF_MILK},
    "attempts": {"hop": "dead-lettered", "what": "attempts", **OF_EGG},
    "to-counter": {"hop": "delivered", "at": "counter", "what": "count"},
    "took": {"between": ["acknowledged", "projected"], "what": "most", **OF_MILK},
    "took-all": {"between": ["acknowledged", "projected"], "what": "most"},
    "without": {"between": ["acknowledged", "projected"], "what": "most", "injected": "without"},
    "order": {"order": "projected", "at": "replica", **OF_MILK},
    "poisoned": {"firings": "poison", "at": "projector"},
    "stale": {"probes": "stale", "after_ms": 0},
    "curve": {"probes": "curve", "at_ms": [0, 10, 100, 1000]},
    "reads": {"reads": "count", **OF_ANN},
    "stale-reads": {"reads": "stale", **OF_ANN},
    "went-back": {"reads": "went-back", **OF_ANN},
    "read-ms": {"reads": "median-ms"},
    "letters": {"letters": "count", "reason": "fails"},
    "caught-up": {"caught-up": "seconds"},
    "rate": {"rate": "projected"},
}
ACTIONS: list[Mapping[str, Any]] = [
    {"set": "projector/poison", "with": {"how": "always-fails", "word": "Bad"}},
    {"set": "projector/redeliver", "with": {"word": "Milk"}},
    {"set": "replica/pause"},
    {"create": "Milk", "as": "milk"},
    {"wait": {"fact": "title", "is": "Milk"}},
    {"change": "milk", "title": "Oat milk", "completed": True},
    {"wait": {"fact": "title", "is": "Oat milk"}},
    {"read": {"model": "todos", "as": "ann"}},
    {"read": {"model": "replica", "as": "ann"}},
    {"clear": "replica/pause"},
    {"create": "Bad egg", "as": "egg"},
    {"create": "Tea", "as": "tea"},
    {"delete": "tea"},
    {"burst": {"count": 12}},
]
# Milk three times, the egg once, tea twice; the counter is sent no renaming.
EVENTS = 6 + 12
BEFORE: Mapping[str, Any] = {
    "created": 15,
    "completed": 1,
    "deleted": 1,
    "counted": EVENTS - 1,
    "listed": 13,
    "title": "Oat milk",
    "is-egg-there": False,
    "in-replica": 14,
    "title-in-replica": "Oat milk",
    "rows": 14,
    "version": 3,
    "missing": 1,
    "extra": 0,
    "differing": 0,
    "titled": 1,
    "in-log": 2,
    "outbox": 0,
    "parked": 1,
    "sent": 17,
    "share": 1,
    "status": 200,
    "delivered": EVENTS,
    "to-counter": EVENTS - 1,
    "order": "1, 2, 3",
    "poisoned": 1,
    "reads": 2,
    "stale-reads": 1,
    "went-back": 1,
    "letters": 1,
}
LEAST: Mapping[str, float] = {
    "again": 1,
    "attempts": 2,
    "most-waiting": 1,
    "took": 0.1,
    "stale": 0,
    "read-ms": 0.1,
    "rate": 0.1,
}
AFTER: Mapping[str, Mapping[str, Any]] = {
    "listed": {"is": 14},
    "letters": {"is": 0},
    "missing": {"is": 0},
    "caught-up": {"more-than": 0},
    "without": {"more-than": 0},
}
# As many as one step may have: they come true together, as the news comes.
AT_ONCE = 8


def lesson() -> dict[str, Any]:
    """Return a lesson that does something that each fact is about, and then mends it."""

    def watch(claims: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        told = [{"fact": name, **it, "says": "So it is."} for name, it in claims.items()]
        return {"kind": "watch", "title": "Watch", "claims": told}

    def do(actions: list[Mapping[str, Any]]) -> dict[str, Any]:
        return {"kind": "do", "title": "Do", "button": "Do it", "actions": actions}

    before = {name: {"is": it} for name, it in BEFORE.items()}
    before |= {name: {"at-least": it} for name, it in LEAST.items()}
    claims = [dict(some) for some in in_parts(before)]
    return {
        "lesson": "facts",
        "number": 99,
        "title": "Facts",
        "minutes": 1,
        "goal": "Each fact was measured once.",
        "given": [
            {"set": "counter/count"},
            {"set": "replica/replicate", "with": {"lag_ms": 0}},
            {"create": "Bread", "as": "bread"},
        ],
        "facts": {name: {**it, "says": name} for name, it in FACTS.items()},
        "steps": [
            do(ACTIONS),
            *map(watch, claims),
            do([{"clear": "projector/poison"}, {"retry": "dead-letters"}]),
            watch(AFTER),
        ],
    }


def in_parts(claims: Mapping[str, Any]) -> Iterator[list[tuple[str, Any]]]:
    named = list(claims.items())
    for begin in range(0, len(named), AT_ONCE):
        yield named[begin : begin + AT_ONCE]


Play = Callable[[str, str, Any], Any]


@pytest.fixture
def play(stack: LocalStack, tmp_path: Path) -> Iterator[Play]:
    """A web that has this lesson, too; what it is asked is asked as the host."""
    (tmp_path / "99-facts.yaml").write_text(yaml.safe_dump(lesson(), sort_keys=False))
    stack.stop_program("web")

    def ask(method: str, path: str, body: Any = None) -> Any:
        key = {"Authorization": f"Bearer {stack.host_key}"}
        answer = requests.request(method, stack.urls.web + path, json=body, headers=key, timeout=60)
        assert answer.ok, answer.text
        return answer.json()

    try:
        with another(stack, "web", "web", stack.ports.web, {"LESSONS": str(tmp_path)}):
            until(lambda: not stack.unready())
            yield ask
            ask("DELETE", "/lesson", None)
    finally:
        stack.start_program("web")


def test_each_fact_is_what_happened(stack: LocalStack, play: Play) -> None:
    play("POST", "/lesson", {"lesson": "facts", "sure": True})
    steps = lesson()["steps"]
    last = len(steps) - 1
    for number, step in enumerate(steps[: last - 1]):
        carried_out(play, number) if step["kind"] == "do" else held(play, number)
    before = play("GET", "/lesson", None)["facts"]["was"]
    assert len(before["curve"]["value"]) == 4
    # The egg is not in the read model, and may never be.
    for name in ("took-all", "without", "caught-up"):
        assert before[name]["value"] is None
        assert before[name]["why"]
    [(in_postgresql,)] = rows(stack, "SELECT count(*) FROM todos WHERE title <> 'Bread'")
    assert before["rows"]["value"] == in_postgresql

    carried_out(play, last - 1)
    held(play, last)
    after = {name: it["value"] for name, it in play("GET", "/lesson", None)["facts"]["was"].items()}
    assert after["without"] <= after["took-all"]
    check_sheet(play("GET", "/lesson/sheet", None))


def check_sheet(sheet: Any) -> None:
    """The sheet has the run, as a page opens it, and all that came of it."""
    assert (sheet["format"], sheet["version"]) == ("eventually-run", 1)
    assert sheet["lesson"]["lesson"] == "facts"
    assert sheet["versions"].keys() == {"postgresql", "rabbitmq", "mongodb", "python"}
    assert all(re.match(r"[0-9]+\.[0-9]", it) for it in sheet["versions"].values())
    assert len(sheet["runs"]["was"]["commands"]) == BEFORE["sent"]
    began_ms = [min(hop["at_ms"] for hop in it["hops"]) for it in sheet["journeys"]]
    assert min(began_ms) >= sheet["began_ms"]
    assert {"poison", "redeliver"} <= {it["fault"] for it in sheet["firings"]}
    table = {row["fact"]: row for row in sheet["table"]}
    assert table["title"]["was"] == "Oat milk"
    assert sheet["left_out"] == {}


def carried_out(play: Play, step: int) -> None:
    """Carry out the actions of a step."""
    play("POST", "/lesson/act", {"step": step})
    until(lambda: play("GET", "/lesson", None)["steps"][step]["done"])


def held(play: Play, step: int) -> None:
    """Wait until the claims of a step have come true."""
    play("POST", "/lesson/step", {"step": step})
    until(lambda: play("GET", "/lesson", None)["steps"][step]["complete"])
    claims = play("GET", "/lesson", None)["steps"][step]["claims"]
    assert [it["state"] for it in claims] == ["held"] * len(claims), claims
