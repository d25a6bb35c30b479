"""The checker finds each kind of violation in a history that has it, and none in a good one."""

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faults.checker.check import check
from faults.checker.judgement import MUST_BE_EMPTY, Judgement
from faults.history import Entry, Recorder, Type
from faults.judge import judge
from faults.plan import rounds

PLACES = ("write-side", "read-side", "log", "wire", "rebuilt")


class Story:
    """A history that is told one attempt after the other, and a stack that is as it should be."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.log: list[list[Any]] = []
        self.found: dict[str, list[Any]] = {}
        self.at_ns = 0
        self.attempt = 0

    def tell(
        self, client: str, what: str, asked: dict[str, Any], end: Type | None, **answer: Any
    ) -> int:
        self.attempt += 1
        self._entry("invoke", client, what, asked)
        if end is not None:
            self._entry(end, client, what, answer)
        return self.attempt

    def create(self, todo_id: int, title: str, *, client: str = "ann", end: Type = "ok") -> None:
        self.log.append([todo_id, 1, title, False])
        said = {"id": todo_id, "version": 1} if end == "ok" else {}
        self.tell(client, "create", {"title": title, "key": title}, end, **said)

    def change(self, todo_id: int, version: int, title: str, *, client: str = "ann") -> None:
        self.log.append([todo_id, version, title, True])
        asked = {"id": todo_id, "title": title, "completed": True}
        self.tell(client, "change", asked, "ok", id=todo_id, version=version)

    def delete(self, todo_id: int, version: int, *, client: str = "ann") -> None:
        self.log.append([todo_id, version, None, True])
        self.tell(client, "delete", {"id": todo_id}, "ok", id=todo_id, version=version)

    def read(self, *todos: Sequence[Any], client: str = "ann", tokens: Sequence[Any] = ()) -> None:
        asked = {"of": None, "after": 0, "tokens": [*tokens]}
        self.tell(client, "read", asked, "ok", todos=[[*it] for it in todos])

    def quiet(self) -> "Story":
        """Look at everything; it is as the log says, but for what `found` says."""
        last = {todo_id: [todo_id, title, done, v] for todo_id, v, title, done in self.log}
        held = [it if it[1] is not None else [it[0], None, None, it[3]] for it in last.values()]
        usual = {
            "write-side": [it for it in held if it[1] is not None],
            "read-side": held,
            "log": self.log,
            "wire": [[f"{it[0]}-{it[1]}", 1] for it in self.log],
            "rebuilt": held,
        }
        for place in PLACES:
            self.tell(
                "observer", "look", {"at": place}, "ok", found=self.found.get(place, usual[place])
            )
        return self

    def judged(self) -> Judgement:
        return check(self.entries)

    def _entry(self, kind: Type, client: str, what: str, value: dict[str, Any]) -> None:
        self.at_ns += 1_000_000
        self.entries.append(Entry(kind, self.attempt, client, what, self.at_ns, value))


def good() -> Story:
    story = Story()
    story.create(1, "a")
    story.create(2, "b", client="bob")
    story.read((1, "a", False), (2, "b", False), tokens=[[1, 1]])
    story.change(1, 2, "c")
    story.read((1, "c", True), (2, "b", False), client="bob")
    story.delete(2, 2, client="bob")
    return story


def kinds(judgement: Judgement) -> set[str]:
    return {kind for kind, found in judgement.wrong.items() if found}


def test_a_good_history_is_valid() -> None:
    judged = good().quiet().judged()
    assert (judged.verdict, kinds(judged), judged.unknown) == ("valid", set(), [])
    assert {*judged.wrong} == {*MUST_BE_EMPTY}
    assert judged.counts["acknowledged"] == 4


@pytest.mark.parametrize("happened", [True, False])
def test_what_got_no_answer_may_have_happened_or_not(*, happened: bool) -> None:
    story = good()
    story.create(3, "perhaps", end="info")
    if not happened:
        story.log.pop()
    judged = story.quiet().judged()
    assert judged.verdict == "valid"
    assert judged.counts["unanswered"] == 1


def test_an_acknowledged_todo_that_the_read_model_lacks_is_lost() -> None:
    story = good()
    story.found["read-side"] = [[2, None, None, 2]]
    assert {"lost", "disagree"} <= kinds(story.quiet().judged())


def test_an_acknowledged_change_that_the_read_model_lacks_is_lost() -> None:
    story = good()
    story.found["read-side"] = [[1, "a", False, 1], [2, None, None, 2]]
    assert {"lost", "disagree"} <= kinds(story.quiet().judged())


def test_an_acknowledged_deletion_that_the_read_model_lacks_is_lost() -> None:
    story = good()
    story.found["read-side"] = [[1, "c", True, 2], [2, "b", False, 1]]
    assert {"lost", "disagree"} <= kinds(story.quiet().judged())


def test_an_acknowledged_command_that_the_log_lacks_is_lost() -> None:
    story = good()
    story.log = [it for it in story.log if it[:2] != [1, 2]]
    assert "lost" in kinds(story.quiet().judged())


def test_an_acknowledged_command_that_the_log_has_otherwise_is_lost() -> None:
    story = good()
    story.log = [[1, 2, "not c", True] if it[:2] == [1, 2] else it for it in story.log]
    assert "lost" in kinds(story.quiet().judged())


def test_a_todo_that_was_never_committed_is_a_phantom() -> None:
    story = good()
    story.found["read-side"] = [[1, "c", True, 2], [2, None, None, 2], [9, "ghost", False, 1]]
    assert {"phantom", "disagree"} <= kinds(story.quiet().judged())


def test_a_state_that_was_never_committed_is_a_phantom() -> None:
    story = good()
    story.found["read-side"] = [[1, "half", True, 2], [2, None, None, 2]]
    assert {"phantom", "disagree"} <= kinds(story.quiet().judged())


def test_a_read_that_showed_what_was_never_committed_is_a_phantom() -> None:
    story = good()
    story.read((1, "c", True), (7, "ghost", False))
    assert kinds(story.quiet().judged()) == {"phantom"}


def test_a_read_that_showed_an_older_version_than_before_went_back() -> None:
    story = good()
    story.read((1, "a", False), (2, "b", False), client="bob")
    judged = story.quiet().judged()
    assert kinds(judged) == {"regressed"}
    assert judged.counts["without a token"] >= 1


def test_a_todo_that_came_back_went_back() -> None:
    story = good()
    story.read((1, "c", True), client="cid")
    story.read((1, "c", True), (2, "b", False), client="bob")
    judged = story.quiet().judged()
    assert kinds(judged) == set(), "bob had not seen it gone"
    story = good()
    story.read((1, "c", True), (2, "b", False), client="cid")
    story.read((1, "c", True), client="cid")
    story.read((1, "c", True), (2, "b", False), client="cid")
    assert "regressed" in kinds(story.quiet().judged())


def test_another_client_may_see_an_older_version() -> None:
    story = good()
    story.read((1, "a", False), client="cid")
    assert story.quiet().judged().verdict == "valid"


def test_the_same_key_that_made_two_todos_is_found() -> None:
    story = good()
    story.create(3, "again", end="info")
    story.create(4, "again")
    assert kinds(story.quiet().judged()) == {"twice"}


def test_a_read_with_a_token_that_lacks_what_it_names_is_stale() -> None:
    story = good()
    story.read((1, "a", False), tokens=[[1, 2]])
    found = kinds(story.quiet().judged())
    assert {"stale with a token", "session guarantee broken with a token"} <= found


def test_a_stale_read_without_a_token_is_only_counted() -> None:
    story = Story()
    story.create(1, "a")
    story.change(1, 2, "c")
    story.read((1, "a", False))
    judged = story.quiet().judged()
    assert judged.verdict == "valid"
    assert judged.counts["without a token"] == 1


def test_a_rebuild_that_gives_another_read_model_is_found() -> None:
    story = good()
    story.found["rebuilt"] = [[1, "c", True, 2]]
    assert kinds(story.quiet().judged()) == {"rebuilt differently"}


def test_duplicates_on_the_wire_are_counted() -> None:
    story = good()
    story.found["wire"] = [["x", 3], ["y", 1]]
    judged = story.quiet().judged()
    assert (judged.verdict, judged.counts["duplicates"]) == ("valid", 2)


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_nobody_looked_at_makes_a_history_unknown(place: str) -> None:
    story = good().quiet()
    story.entries = [
        it if it.value.get("at") != place else Entry(it.type, it.attempt, "", "slept", it.at_ns, {})
        for it in story.entries
    ]
    attempt = [it.attempt for it in story.entries if it.what == "slept"]
    story.entries = [it for it in story.entries if it.attempt not in attempt]
    assert story.judged().verdict == "unknown"


def test_a_fault_that_could_not_be_made_makes_a_history_unknown() -> None:
    story = good()
    story.tell("nemesis", "break", {"fault": "full disk"}, "info", why="no disk")
    judged = story.quiet().judged()
    assert (judged.verdict, judged.unknown) == ("unknown", ["full disk: no disk"])


def test_what_is_wrong_weighs_more_than_what_is_unknown() -> None:
    story = good()
    story.found["rebuilt"] = []
    story.tell("nemesis", "break", {"fault": "full disk"}, "info", why="no disk")
    assert story.quiet().judged().verdict == "invalid"


def test_nothing_done_is_unknown() -> None:
    assert Story().quiet().judged().verdict == "unknown"
    assert check([]).verdict == "unknown"


def test_what_is_no_history_is_unknown(tmp_path: Path) -> None:
    kept = tmp_path / "history"
    for text in ("not JSON", '{"type": "invoke"}', "\n", "[]"):
        kept.write_text(text)
        assert judge(kept).verdict == "unknown"
    kept.write_bytes(b"\xff\xfe")
    assert judge(kept).verdict == "unknown"


def test_an_attempt_that_ends_twice_is_no_history() -> None:
    story = good().quiet()
    story.entries.append(story.entries[-1])
    assert story.judged().verdict == "unknown"


def test_a_history_is_kept_as_it_was_told(tmp_path: Path) -> None:
    kept, ticks = tmp_path / "history", iter(range(100))
    with Recorder(kept, lambda: next(ticks)) as history:
        attempt = history.invoke("ann", "create", title="ü", key="k")
        history.end(attempt, "ok", id=1, version=1)
    lines = [json.loads(line) for line in kept.read_text().splitlines()]
    assert [it["type"] for it in lines] == ["invoke", "ok"]
    assert judge(kept).counts == {}, "nobody looked at the log"


@given(st.data())
def test_whatever_is_taken_from_the_read_model_is_found(data: st.DataObject) -> None:
    story = Story()
    versions: dict[int, int] = {}
    for step in range(data.draw(st.integers(1, 12))):
        todo_id = data.draw(st.integers(1, 4))
        if todo_id not in versions:
            story.create(todo_id, f"t{step}")
        elif versions[todo_id] > 0 and data.draw(st.booleans()):
            story.change(todo_id, versions[todo_id] + 1, f"t{step}")
        else:
            continue
        versions[todo_id] = versions.get(todo_id, 0) + 1
    story.read(*[(it[0], it[2], it[3]) for it in {each[0]: each for each in story.log}.values()])
    whole = Story()
    whole.entries, whole.log = [*story.entries], [*story.log]
    whole.at_ns, whole.attempt = story.at_ns, story.attempt
    assert whole.quiet().judged().verdict == "valid"
    held = [[it[0], it[2], it[3], it[1]] for it in {each[0]: each for each in story.log}.values()]
    held.pop(data.draw(st.integers(0, len(held) - 1)))
    story.found["read-side"] = held
    assert {"lost", "disagree"} <= kinds(story.quiet().judged())


@given(st.integers(), st.integers(0, 200))
def test_the_same_seed_plans_the_same_rounds(seed: int, count: int) -> None:
    names = ["a", "b", "c", "d"]
    planned = rounds(names, seed, count)
    assert planned == rounds(names, seed, count)
    assert len(planned) == count
    assert {it[0] for it in planned[:4]} == {*names[: min(count, 4)]} or count < 4
    assert all(len({*it}) == 2 for it in planned[4:])


def test_another_seed_plans_other_rounds() -> None:
    names = [str(it) for it in range(30)]
    seeds = random.Random(1).sample(range(1000), 2)
    assert rounds(names, seeds[0], 30) != rounds(names, seeds[1], 30)
