"""The commands of a recorded run, derived from its events."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from command_service.todo import Happened, Title, Todo, change, create, delete
from web.journeys.journey import Hop, Journey
from web.rerun.derivation import Command, Plan, moment_ns, planned
from web.rerun.record import Window

MS = 1_000_000
TITLES = ("Bread", "Milk", "Butter")


@dataclass
class Written:
    """What really happened: commands to the aggregate, and the events that they wrote."""

    journeys: list[Journey] = field(default_factory=list)
    commands: int = 0


def journey(
    happened: Happened, command: int, at_ms: int, hops: Iterable[str] = ("acknowledged",)
) -> Journey:
    todo = happened.todo
    found = Journey(
        f"{todo.id}-{todo.version}",
        (0, f"trace-{command}"),
        f"{happened.kind}.v1",
        todo.id,
        todo.version,
        todo.title,
        todo.completed,
    )
    for name in hops:
        hop = Hop(name, at_ms * MS, None, "command-service", f"span-{command}")
        found.hops[hop.key] = hop
    return found


@st.composite
def runs(draw: st.DrawFn) -> Written:
    """A run of commands to a few todos, in any order, each of which wrote something."""
    written, todos = Written(), dict[int, Todo]()
    at_ms = draw(st.integers(0, 1000))
    for number in range(draw(st.integers(1, 12))):
        at_ms += draw(st.integers(0, 3000))
        if not todos or draw(st.booleans()):
            happened = [create(Title(draw(st.sampled_from(TITLES)))).with_id(100 + number)]
        else:
            todo = todos[draw(st.sampled_from(sorted(todos)))]
            if draw(st.integers(0, 4)) == 0:
                happened = [delete(todo)]
            else:
                title = draw(st.none() | st.sampled_from(TITLES))
                completed = draw(st.none() | st.booleans())
                happened = change(todo, Title(title) if title else None, completed)
        if not happened:
            continue
        todos[happened[-1].todo.id] = happened[-1].todo
        if happened[-1].kind == "todo.deleted":
            del todos[happened[-1].todo.id]
        written.commands += 1
        written.journeys += [journey(it, number, at_ms) for it in happened]
    return written


def played(commands: Iterable[Command]) -> dict[int, list[Happened]]:
    """Send commands to the aggregate, which numbers its todos anew; return its events by todo."""
    todos: dict[int, Todo] = {}
    events: dict[int, list[Happened]] = defaultdict(list)
    for number, command in enumerate(commands, start=1):
        body = command.body or {}
        if command.method == "POST":
            happened = [create(Title(body["title"])).with_id(number)]
        elif command.method == "DELETE":
            happened = [delete(todos.pop(command.todo))]
        else:
            title = Title(body["title"]) if "title" in body else None
            happened = change(todos[command.todo], title, body.get("completed"))
        if happened[-1].kind != "todo.deleted":
            todos[command.todo] = happened[-1].todo
        events[command.todo] += happened
    return events


def what(events: Iterable[Happened]) -> list[tuple[str, str, bool, int]]:
    return [(it.kind, it.todo.title, it.todo.completed, it.todo.version) for it in events]


def what_was(journeys: Iterable[Journey]) -> dict[int, list[tuple[str, str, bool, int]]]:
    found: dict[int, list[tuple[str, str, bool, int]]] = defaultdict(list)
    for it in sorted(journeys, key=lambda it: it.version or 0):
        kind = (it.type or "").removesuffix(".v1")
        assert it.title is not None
        found[it.todo_id or 0].append((kind, it.title, bool(it.completed), it.version or 0))
    return found


@given(runs(), st.randoms())
def test_the_same_commands_write_the_same_events_again(run: Written, random: object) -> None:
    journeys = [*run.journeys]
    random.shuffle(journeys)  # type: ignore[attr-defined]
    plan = planned(journeys)
    assert len(plan.commands) == run.commands
    assert {todo: what(it) for todo, it in played(plan.commands).items()} == what_was(journeys)
    assert not plan.left
    assert not plan.before


@given(runs())
def test_commands_keep_their_order_and_their_distances(run: Written) -> None:
    plan = planned(run.journeys)
    moments = {it.event_id: moment_ns(it) or 0 for it in run.journeys}
    first = min(moments.values())
    assert [it.number for it in plan.commands] == list(range(1, len(plan.commands) + 1))
    assert [it.at_ms for it in plan.commands] == [
        (moments[it.events[0]] - first) / MS for it in plan.commands
    ]
    assert [it.at_ms for it in plan.commands] == sorted(it.at_ms for it in plan.commands)


@given(runs(), st.integers(0, 2000))
def test_no_pause_is_longer_than_was_asked_for(run: Written, longest_ms: int) -> None:
    times = [it.at_ms for it in planned(run.journeys, longest_pause_ms=longest_ms).commands]
    as_it_was = [it.at_ms for it in planned(run.journeys).commands]
    for at in range(1, len(times)):
        pause_ms = as_it_was[at] - as_it_was[at - 1]
        assert abs(times[at] - times[at - 1] - min(pause_ms, longest_ms)) < 0.001


@st.composite
def damaged(draw: st.DrawFn) -> list[Journey]:
    """A run of which some is not known: events, their titles, their times, what they were."""
    journeys = draw(runs()).journeys
    kept = [it for it in journeys if draw(st.integers(0, 5))]
    for it in kept:
        damage = draw(st.sampled_from(["none", "none", "title", "type", "hops", "todo", "span"]))
        if damage == "title":
            it.title = None
        elif damage == "type":
            it.type = None
        elif damage == "hops":
            it.hops.clear()
        elif damage == "todo":
            it.todo_id = None
        elif damage == "span":
            it.traced = None
    return kept


@given(damaged(), st.none() | st.integers(0, 5000))
def test_each_event_is_played_or_said_to_be_left_out(
    journeys: list[Journey], from_ms: int | None
) -> None:
    window = Window(None if from_ms is None else from_ms * MS)
    plan = planned(journeys, window)
    names = [event for command in plan.commands for event in command.events]
    left = [it.event_id for it in plan.left if it.event_id]
    of_the_run = {it.event_id for it in journeys if window.has(moment_ns(it) or 0)}
    assert len({*names, *left}) == len(names) + len(left)
    assert {*names, *left} - {it.event_id for it in journeys if not it.hops} == of_the_run - {
        it.event_id for it in journeys if not it.hops
    }
    assert all(it.why for it in plan.left)


@given(damaged(), st.none() | st.integers(0, 5000))
def test_whatever_is_played_can_be_played(journeys: list[Journey], from_ms: int | None) -> None:
    plan = planned(journeys, Window(None if from_ms is None else from_ms * MS))
    # Changes that change nothing are no error, and follow only from events that are not known.
    known: set[int] = set()
    for command in [*plan.before, *plan.commands]:
        assert (command.method == "POST") == (command.todo not in known)
        assert (command.body is None) == (command.method == "DELETE")
        known.add(command.todo)
        if command.method == "DELETE":
            known.remove(command.todo)
            assert all(
                it.todo != command.todo for it in plan.commands if it.number > command.number
            )


@given(runs(), st.integers(0, 12))
def test_what_was_there_before_the_run_is_brought_about_first(run: Written, at: int) -> None:
    moments = sorted({moment_ns(it) or 0 for it in run.journeys})
    from_ns = moments[min(at, len(moments) - 1)]
    plan = planned(run.journeys, Window(from_ns))
    events = played([*plan.before, *plan.commands])
    last = {it.todo_id: it for it in sorted(run.journeys, key=lambda it: it.version or 0)}
    for todo, happened in events.items():
        assert happened[-1].todo.title == last[todo].title
        assert happened[-1].todo.completed == last[todo].completed
    assert not plan.left


def test_what_is_missing_is_named() -> None:
    todo = Todo(7, "Milk", completed=False, version=1)
    [renamed] = change(todo, Title("Bread"), None)
    [done] = change(renamed.todo, None, completed=True)
    plan = planned([journey(renamed, 2, 20), journey(done, 3, 30)])
    assert not plan.commands
    assert {it.why for it in plan.left} == {"The creation of its todo is not in the record."}
    created = create(Title("Milk")).with_id(7)
    plan = planned([journey(created, 1, 10), journey(done, 3, 30)])
    assert [it.method for it in plan.commands] == ["POST", "PATCH"]
    [left] = plan.left
    assert (left.event_id, left.todo, left.version) == (None, 7, 2)
    assert left.why == "It is not in the record."


def test_a_command_without_an_answer_is_played_when_it_was_committed() -> None:
    created = [create(Title("Milk")).with_id(it) for it in (1, 2, 3)]
    plan = planned(
        [
            journey(created[0], 1, 10, ["received", "acknowledged"]),
            journey(created[1], 2, 30, ["received", "committed"]),
            # It was published and rolled back: nothing but its event is known.
            journey(created[2], 3, 60, ["delivered", "projected"]),
        ]
    )
    assert [(it.todo, it.at_ms) for it in plan.commands] == [(1, 0.0), (2, 20.0), (3, 50.0)]


def test_nothing_is_planned_from_nothing() -> None:
    assert planned([]) == Plan([], [], [])
