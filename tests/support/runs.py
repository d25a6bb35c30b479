"""Runs of a lesson that are made by hand: what was sent and read, and what the stores then held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from tests.support.hops import HOPS
from tests.support.journeys import MS
from web.journeys.contract import parse_contract
from web.journeys.journey import Hop, Journey
from web.lessons.evidence import Evidence, Letter, Logged, Measured, Todo, Unknown
from web.lessons.judging import measure
from web.lessons.lesson import Fact
from web.lessons.run import Run, Seen, Sent

T = TypeVar("T")
_NAMES = {"in_": "in", "caught_up": "caught-up"}
CONTRACT = parse_contract(HOPS.read_bytes())


@dataclass
class HandStores:
    """Stores that hold what a test says; what it leaves out does not answer."""

    in_postgresql: Sequence[Todo] | None = None
    in_models: Mapping[str, Sequence[Todo]] = field(default_factory=dict)
    events: Sequence[Logged] | None = None
    counts: Mapping[str, int] | None = None
    held: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    dead: Sequence[Letter] | None = None
    is_whole: bool = True

    def rows(self) -> Mapping[int, Todo]:
        return {it.id: it for it in _given(self.in_postgresql)}

    def documents(self, model: str) -> Mapping[int, Todo]:
        return {it.id: it for it in _given(self.in_models.get(model))}

    def log(self) -> Sequence[Logged]:
        return _given(self.events)

    def is_log_whole(self) -> bool:
        return self.is_whole

    def counted(self) -> Mapping[str, int]:
        return _given(self.counts)

    def holds(self, process: str) -> Mapping[str, Any]:
        return _given(self.held.get(process))

    def letters(self) -> Sequence[Letter]:
        return _given(self.dead)


def _given(value: T | None) -> T:
    if value is None:
        raise Unknown("It does not answer.")
    return value


def sent(
    method: str = "POST",
    at_ms: float = 10,
    *,
    title: str | None = None,
    status: int | None = 201,
    todo_id: int | None = None,
    version: int | None = 1,
    alias: str = "",
    trace_id: str = "",
    over: bool = True,
) -> Sent:
    """A command that was answered after 5 ms, unless it is not over."""
    has_answer = status is not None and over
    return Sent(
        number=1,
        method=method,
        path="/todos",
        body=None if title is None else {"title": title},
        headers={},
        alias=alias,
        asked_ms=at_ms,
        ended_ms=at_ms + 5 if over else None,
        status=status if over else None,
        todo_id=todo_id if has_answer else None,
        version=version if has_answer and todo_id else None,
        trace_id=trace_id,
    )


def read(at_ms: float, name: str = "ann", model: str = "todos", **todos: str) -> Seen:
    """A read that took 2 ms, and showed these titles: `t7="Milk"`."""
    shown = {
        int(key[1:]): {"id": int(key[1:]), "title": title, "completed": False}
        for key, title in todos.items()
    }
    return Seen(name, model, model, at_ms, at_ms + 2, 200, shown)


def a_journey(
    todo_id: int, version: int = 1, trace_id: str = "", **at_ms: float | list[float]
) -> Journey:
    """A journey with hops at these times; underscores in their names stand for hyphens."""
    journey = Journey(f"event-{todo_id}-{version}", todo_id=todo_id, version=version)
    journey.traced = (0, trace_id) if trace_id else None
    for key, times in at_ms.items():
        name = key.replace("_", "-")
        for number, each in enumerate(times if isinstance(times, list) else [times]):
            rule = CONTRACT.all_hops[name]
            process = CONTRACT.spans[rule.span].process if rule.span else "web"
            details = {"redelivered": True} if name.endswith("delivered") and number else {}
            span_id = None if name == "seen" else f"{name}-{number}"
            add(journey, Hop(name, round(each * MS), None, process, span_id, details, rule.means))
    return journey


def add(journey: Journey, hop: Hop, **details: object) -> Journey:
    """Add a hop to a journey."""
    journey.hops[hop.key] = replace(hop, details={**hop.details, **details})
    return journey


def evidence_of(
    *commands: Sent,
    reads: Sequence[Seen] = (),
    todos: Mapping[str, int] | None = None,
    given: Mapping[str, int] | None = None,
    now_ms: float = 1_000,
    stores: HandStores | None = None,
    **known: Any,
) -> Evidence:
    """What is known of a run that began at 0."""
    run = Run(0.0, given or {}, None, dict(todos or {}), list(commands), list(reads))
    return Evidence(run, now_ms, stores or HandStores(), CONTRACT.all_hops, **known)


def measured(evidence: Evidence, **asks: Any) -> Measured:
    """Measure a fact, which is given as in a lesson's file, with an underscore where need be."""
    named = {_NAMES.get(name, name): value for name, value in asks.items()}
    return measure(Fact("fact", next(iter(named)), named, "a fact"), evidence)


def value(evidence: Evidence, **asks: Any) -> Any:
    """Measure a fact that has to be known."""
    found = measured(evidence, **asks)
    assert found.value is not None, found.why
    return found.value
