"""What was forgotten when the stack went back."""

from web.journeys.aside import Aside
from web.journeys.faults import Firing
from web.journeys.journey import Hop, Journey


def journey(name: str, at_ns: int = 1) -> Journey:
    found = Journey(name)
    found.hops["received", "1"] = Hop("received", at_ns, None, "command-service", "1")
    return found


def test_what_is_put_aside_no_longer_changes() -> None:
    aside, kept = Aside(), journey("a")
    aside.put([kept, Journey("of which nothing is known")], [], [])
    kept.hops.clear()
    assert [(it.event_id, len(it.hops)) for it in aside.journeys] == [("a", 1)]


def test_the_newest_are_kept_and_the_same_is_kept_once() -> None:
    aside = Aside(capacity=2)
    firings = [Firing(it, "slow", "relay", "relay", 1) for it in "abc"]
    aside.put([journey("a"), journey("b")], firings[:1], [{"at": 1}])
    aside.put([journey("b", 2), journey("c")], firings, [{"at": 2}, {"at": 3}])
    assert [it.event_id for it in aside.journeys] == ["b", "c"]
    assert [it.began_ns for it in aside.journeys] == [2, 1]
    assert [it.id for it in aside.firings] == ["b", "c"]
    assert aside.probes == [{"at": 2}, {"at": 3}]
